"""A vault file whose pages lie: lengths beyond the end, chains that never end, numbers that cannot be."""

from __future__ import annotations

from tests.kit.making import CHECK, READ, WRITE, Bench, Case, Run, Spoil, harmless, refused, seen_with_keys

NO_VAULT = "is no dossier vault"
DAMAGED = "damaged"


def _at(offset: int, data: bytes) -> Spoil:
    """Over a stretch of the first page, whose first 100 bytes are SQLite's own header."""
    return lambda bench: bench.patch(offset, data)


def _page_of(table: str, offset: int, data: bytes) -> Spoil:
    return lambda bench: bench.patch(bench.root_page(table) + offset, data)


def _first_cell(bench: Bench, table: str) -> int:
    """Where the first cell of a table's first page begins in the file."""
    page = bench.root_page(table)
    return page + int.from_bytes(bench.data[page + 8 : page + 10])


def _cell(table: str, data: bytes) -> Spoil:
    """Over the beginning of a table's first row: its length, its id, the header of its record."""
    return lambda bench: bench.patch(_first_cell(bench, table), data)


def _varint(number: int) -> bytes:
    """SQLite's variable-length integer."""
    if number >= 1 << 56:
        head = number >> 8
        return bytes(head >> 7 * place & 0x7F | 0x80 for place in range(7, -1, -1)) + bytes([number & 0xFF])
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(number & 0x7F | 0x80)
    return bytes(reversed(digits))


def _a_gigabyte_in_a_terabyte(bench: Bench) -> None:
    """The vault's row claims nearly all that SQLite can hold, and the file is long enough for it to be true."""
    cell = _first_cell(bench, "vault")
    bench.patch(cell, _varint(999_999_000))
    bench.patch(28, (1 << 30).to_bytes(4))
    bench.lengthen(1 << 42)


def _a_header_without_end(bench: Bench) -> None:
    """Written by SQLite itself: zeros, far more than a header can be."""
    bench.run("UPDATE vault SET header = zeroblob(100000000)")


def _a_page_that_is_its_own_child(bench: Bench) -> None:
    page = bench.root_page("account")
    number = page // bench.page_size + 1
    bench.patch(page, b"\x05\0\0\0\0\0\0\0" + number.to_bytes(4))


def _overflow_into_itself(bench: Bench) -> None:
    """The page where the journal's first entry goes on names itself as the next."""
    bench.run("UPDATE change SET dossier = dossier || zeroblob(50000) WHERE id = 1")
    data, size = bench.data, bench.page_size
    for page in range(size, len(data), size):
        following = int.from_bytes(data[page : page + 4])
        if following and following * size <= len(data) and not any(data[page + 4 : page + size]):
            bench.patch(page, (page // size + 1).to_bytes(4))
            return
    raise AssertionError("the entry is too short to overflow")


CASES = (
    refused("application-id-0", "no application id", _at(68, bytes(4)), NO_VAULT),
    refused("application-id-other", "the application id of another program", _at(68, b"GPKG"), NO_VAULT),
    refused("schema-0", "schema 0", _at(60, bytes(4)), "schema 0"),
    refused("schema-minus-1", "schema -1", _at(60, b"\xff" * 4), "schema -1"),
    refused(
        "schema-lowest", "the lowest schema number there can be", _at(60, b"\x80\0\0\0"), "schema -2147483648"
    ),
    refused("schema-999", "schema 999", _at(60, (999).to_bytes(4)), "newer dossier", code=9),
    refused(
        "schema-highest",
        "the highest schema number there can be",
        _at(60, b"\x7f\xff\xff\xff"),
        "newer dossier",
        code=9,
    ),
    refused("page-size-0", "pages of no size", _at(16, b"\0\0"), NO_VAULT),
    refused("page-size-3", "pages of 3 bytes", _at(16, b"\0\3"), NO_VAULT),
    refused("page-size-512", "pages of another size than they have", _at(16, b"\2\0"), DAMAGED),
    refused("page-size-largest", "pages of 64 KiB", _at(16, b"\0\1"), DAMAGED),
    refused("reserved-255", "255 reserved bytes in each page", _at(20, b"\xff"), DAMAGED),
    refused("fractions", "payload fractions that are none", _at(21, b"\0\0\0"), NO_VAULT),
    refused("read-version-9", "a format that SQLite cannot read", _at(19, b"\x09"), NO_VAULT),
    Case(
        "write-version-9",
        "a format that SQLite can read and not write",
        _at(18, b"\x09"),
        (Run(READ, False, 0, ""), Run(CHECK, True, 0, ""), Run(WRITE, True, 8, "")),
    ),
    refused("schema-format-99", "a schema format that SQLite does not know", _at(44, (99).to_bytes(4)), ""),
    harmless("encoding-9", "a text encoding that there is not", _at(56, (9).to_bytes(4))),
    refused("encoding-utf-16", "text that is said to be UTF-16", _at(56, (2).to_bytes(4)), ""),
    refused("page-count-4-billion", "a page count of 2^32 - 1", _at(28, b"\xff" * 4), DAMAGED),
    seen_with_keys("freelist-4-billion", "2^32 - 1 free pages", _at(36, b"\xff" * 4), "damaged", write=0),
    seen_with_keys(
        "freelist-of-page-1",
        "a list of free pages that begins on the first page",
        _at(32, (1).to_bytes(4) + (1).to_bytes(4)),
        "damaged",
        write=0,
    ),
    refused("first-page-no-tree", "a first page that is no part of a tree", _at(100, b"\0"), DAMAGED),
    refused("first-page-leaf", "a list of tables without all its pages but the first", _at(100, b"\x0d"), ""),
    refused("first-page-65535-cells", "65,535 entries on the first page", _at(103, b"\xff\xff"), DAMAGED),
    refused(
        "schema-cell-beyond", "the list of tables begins beyond its page", _at(108, b"\xff\xff"), DAMAGED
    ),
    refused(
        "vault-page-zeros",
        "zeros where the vault's own row was",
        lambda bench: bench.patch(bench.root_page("vault"), bytes(bench.page_size)),
        DAMAGED,
    ),
    refused(
        "vault-row-4-gib", "a row of 4 GiB in a file of some kilobytes", _cell("vault", _varint(1 << 32)), ""
    ),
    refused("vault-row-2-to-63", "a row of 2^63 bytes", _cell("vault", _varint((1 << 63) - 1)), ""),
    refused("vault-row-all-ones", "a row whose length is all ones", _cell("vault", b"\xff" * 9), ""),
    refused(
        "vault-row-gigabyte",
        "a row of a gigabyte in a file of 4 terabytes that takes no room",
        _a_gigabyte_in_a_terabyte,
        "",
    ),
    refused("vault-header-100-mb", "a header of 100 MB", _a_header_without_end, ""),
    refused(
        "vault-record-header-4-gib",
        "a record whose own header is 4 GiB long",
        lambda bench: bench.patch(_first_cell(bench, "vault") + 3, _varint(1 << 32)),
        "",
    ),
    refused(
        "account-own-child",
        "a page of accounts that is its own child",
        _a_page_that_is_its_own_child,
        DAMAGED,
    ),
    refused(
        "account-cell-beyond",
        "an account that begins beyond its page",
        _page_of("account", 8, b"\xff\xff"),
        DAMAGED,
    ),
    refused("account-65535-cells", "65,535 accounts on a page", _page_of("account", 3, b"\xff\xff"), DAMAGED),
    refused("account-4-gib", "an account of 4 GiB", _cell("account", _varint(1 << 32)), ""),
    seen_with_keys(
        "change-chain-without-end",
        "a journal entry that goes on into itself for ever",
        _overflow_into_itself,
        "change",
        write=0,
    ),
    harmless(
        "other-sqlite-version", "a number of an SQLite version that there will never be", _at(96, b"\xff" * 4)
    ),
)
