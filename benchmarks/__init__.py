"""Time and memory of the everyday commands on a large vault: `make bench` (docs/performance.md says how to read it)."""
