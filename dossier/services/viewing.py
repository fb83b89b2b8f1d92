"""Showing an attachment in a viewer of the person's own, and leaving nothing of it behind.

A viewer wants a file, so there is one for as long as it takes, readable by its owner alone, in memory (`in_memory.py`).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from dossier.domain.file_names import safe_name
from dossier.domain.text import one_line
from dossier.errors import Failed, Unavailable, Usage
from dossier.services import attachments, in_memory
from dossier.services.files import Progress, no_progress
from dossier.services.session import Session
from dossier.services.shapes import Shape

_ROOM = 1 << 20
"""Bytes that are left free beside the file: a viewer may want to put something there as well."""

_AT_ONCE = 3.0
"""Seconds: a viewer that ended sooner has handed the file on to another program, which reads it still."""


class Viewer(NamedTuple):
    """The program that shows the file; `waits` says that it ends when the person is done, so nobody need be asked."""

    words: list[str]
    waits: bool


def viewer_of(command: str) -> Viewer:
    """A viewer by its command, split into words without a shell; the system's own where it is empty. Raises Usage."""
    if not command:
        return Viewer(["open", "-W"], True) if sys.platform == "darwin" else Viewer(["xdg-open"], False)
    import shlex

    try:
        words = shlex.split(command)
    except ValueError:
        raise Usage("the viewer's command cannot be split into words", "check its quotes") from None
    if not words:
        raise Usage("the viewer's command is blank", "name a program")
    return Viewer(words, True)


def show(
    session: Session,
    number: int,
    viewer: Viewer,
    ask_when_done: Callable[[], None] | None,
    progress: Progress = no_progress,
) -> Shape:
    """Show an attachment until the person is done; its shape.

    It is done when the viewer ends, or when `ask_when_done` returns, which is called where the viewer handed the file
    on; where nobody can be asked it is None, and a viewer that would need it is Usage. Raises Unavailable where no
    folder in memory has room for the file, Failed if the viewer cannot be started or says that it failed, and what
    `attachments.content` raises.
    """
    session.need_keys()
    if ask_when_done is None and not viewer.waits:
        raise Usage(
            "there is no terminal to say when you are done with it",
            "name a viewer that stays until it is closed: --with COMMAND",
        )
    in_memory.sweep()
    shape = attachments.get(session, number)
    with in_memory.private_folder(_root_with_room(shape["size"] + _ROOM, number)) as folder:
        path = os.path.join(folder, safe_name(shape["name"]))
        _fill(path, attachments.content(session, number, progress), number)
        _view(viewer, path, ask_when_done)
    return shape


def _fill(path: str, pieces: Iterator[bytes], number: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o400)
        with open(descriptor, "wb") as file:
            file.writelines(pieces)
    except OSError as error:
        raise Unavailable(
            f"cannot put attachment {number} into memory to show it: {error.strerror}",
            _export_instead(number),
        ) from None


def _view(viewer: Viewer, path: str, ask_when_done: Callable[[], None] | None) -> None:
    import subprocess

    began = time.monotonic()
    name = one_line(viewer.words[0])
    try:
        code = subprocess.run([*viewer.words, path], check=False).returncode
    except OSError as error:
        raise Failed(
            f"cannot start {name}: {error.strerror}", "name another: --with COMMAND, or the setting opener"
        ) from None
    if code != 0:
        raise Failed(
            f"{name} ended with code {code}", "name another viewer: --with COMMAND, or the setting opener"
        )
    quick = time.monotonic() - began < _AT_ONCE
    if ask_when_done is not None and (quick or not viewer.waits):
        ask_when_done()


def _root_with_room(size: int, number: int) -> str:
    roots = in_memory.roots()
    if not roots:
        raise Unavailable(
            "this machine has no folder in memory, and so the file would be left on a disk",
            _export_instead(number),
        )
    for root in roots:
        found = os.statvfs(root)
        if found.f_bavail * found.f_frsize >= size:
            return root
    raise Unavailable(f"there is no room in memory for attachment {number}", _export_instead(number))


def _export_instead(number: int) -> str:
    return f"write it where you want to have it: dossier attachment export {number} FILE"
