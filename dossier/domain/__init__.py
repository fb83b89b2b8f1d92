"""The rules of the practice: standard library only, no I/O, `today` is always an argument."""
