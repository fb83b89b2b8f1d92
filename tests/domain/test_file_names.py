from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossier.domain.file_names import MOST_BYTES, name_as_line, safe_name
from dossier.domain.limits import LINE_LIMIT, check_line


@pytest.mark.parametrize(
    ("name", "line", "safe"),
    [
        ("offer.pdf", "offer.pdf", "offer.pdf"),
        ("báo giá 报价单 🧾.pdf", "báo giá 报价单 🧾.pdf", "báo giá 报价单 🧾.pdf"),
        ("👩‍🔬.png", "👩‍🔬.png", "👩‍🔬.png"),
        ("a\nb\t.txt", "a_b_.txt", "a_b_.txt"),
        ("\x1b[31mred", "_[31mred", "_[31mred"),
        ("invoice\u202efdp.exe", "invoice\u202efdp.exe", "invoicefdp.exe"),
        ("zero\u200bwidth", "zero\u200bwidth", "zerowidth"),
        ("caf\udce9.txt", "caf_.txt", "caf_.txt"),
        ("..", "..", "_"),
        ("../../etc/passwd", "../../etc/passwd", "__.._etc_passwd"),
        ("C:\\x.doc", "C:\\x.doc", "C:_x.doc"),
        (".bashrc", ".bashrc", "_bashrc"),
        ("-rf", "-rf", "_rf"),
        ("~root", "~root", "_root"),
        ("  ", "attachment", "attachment"),
        ("\u202e", "\u202e", "attachment"),
        ("a.", "a.", "a"),
        ("x" * 300 + ".tar.gz", "x" * (LINE_LIMIT - 3) + ".gz", "x" * (MOST_BYTES - 3) + ".gz"),
        ("报" * 100 + ".pdf", "报" * 100 + ".pdf", "报" * 58 + ".pdf"),
        (
            "no ending." + "e" * 250,
            ("no ending." + "e" * 250)[:LINE_LIMIT],
            ("no ending." + "e" * 250)[:MOST_BYTES],
        ),
    ],
)
def test_names(name: str, line: str, safe: str) -> None:
    assert name_as_line(name) == line
    assert safe_name(line) == safe


@given(st.text())
def test_any_name_becomes_a_line_and_a_safe_name(name: str) -> None:
    line = name_as_line(name)
    assert check_line(line) == line
    for safe in (safe_name(line), safe_name(name)):
        assert 0 < len(safe.encode()) <= MOST_BYTES
        assert not set(safe) & set("/\\\x00\n\u202e\u200b")
        assert safe[0] not in ".-~ "
        assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in safe)
        assert safe_name(safe) == safe
