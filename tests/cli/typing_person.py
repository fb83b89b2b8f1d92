"""Somebody at the terminal who is asked for secrets."""

from __future__ import annotations


class Person:
    """Types the answers in turn; `asked` are the questions. Put it in place of `Invocation.ask_secret`."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, question: str) -> str:
        self.asked.append(question)
        return self._answers.pop(0)
