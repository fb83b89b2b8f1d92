"""The page of the full-screen view says what is so: its keys, and settings that can be written like that."""

from __future__ import annotations

import re
from pathlib import Path

from dossier.config import Config
from dossier.tui.keys import checked
from tests.docs.make_keys import PAGE, with_keys


def test_the_table_of_keys_is_current() -> None:
    """After a change to a key: python -m tests.docs.make_keys."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_keys(page)
    assert "| `Ctrl+S` | Save | `save` |" in page


def test_the_settings_that_it_shows_are_taken(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "config.toml"
    file.write_text(shown)
    settings = Config({}, {}, str(file))
    assert settings.origins["theme"] == settings.origins["mask"] == "file"
    assert checked(settings.keys)["log"] == "c,ctrl+o"
