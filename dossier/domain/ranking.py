"""Who is meant first by what somebody begins to type."""

from __future__ import annotations

from collections.abc import Sequence

WORST = 3


def rank(name: str, words: Sequence[str]) -> int:
    """How well a name fits some words, 0 best; all of them folded.

    The name begins so (0), each word begins one of its words (1), each is part of it (2), or they are found elsewhere:
    in an alias, a mail or a phone number (3).
    """
    if name.startswith(" ".join(words)):
        return 0
    worst = 1
    for word in words:
        if word not in name:
            return WORST
        if worst == 1 and not _begins_a_word(name, word):
            worst = 2
    return worst


def _begins_a_word(name: str, word: str) -> bool:
    place = name.find(word)
    while place > 0 and name[place - 1].isalnum():
        place = name.find(word, place + 1)
    return place >= 0
