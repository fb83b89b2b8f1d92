"""One run of the program: its flags, settings, output and, when a command asks for it, its vault."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dossier import paths
from dossier.cli.environment import Environment
from dossier.cli.hints import for_vault
from dossier.cli.output import Output
from dossier.config import Config
from dossier.domain.faults import BadValue
from dossier.domain.limits import check_text
from dossier.domain.text import one_line, safe_text
from dossier.errors import Usage

if TYPE_CHECKING:
    import typer

    from dossier.services.passphrases import Unlocking
    from dossier.services.session import Session

_YEARS = range(1900, 2201)
"""When the program may be rehearsed: far enough from the ends of the calendar to count days from there."""


class Invocation:
    """What every command gets as `ctx.obj`."""

    def __init__(self, environment: Environment | None = None) -> None:
        self.environment = environment or Environment()
        self.flags: dict[str, Any] = {}
        self.changes: dict[str, Any] = {}
        """What the options of a noun's fields were given, by field name (`dossier.cli.fields`)."""
        self.typed: list[str] = []
        """Texts typed at the terminal in this run; `dossier.cli.diagnostics` gives them back if it fails."""
        self._session: Session | None = None

    @cached_property
    def config(self) -> Config:
        """The settings in force."""
        flags = {name: str(value) for name, value in self.flags.items()}
        return Config(flags, self.environment.variables, str(paths.config_file()))

    @cached_property
    def out(self) -> Output:
        """The writer of results."""
        return Output(self.environment, self.config["format"], self.config["color"])

    @cached_property
    def today(self) -> date:
        """The day it is, or the one that is rehearsed."""
        text = self.config["today"]
        if not text:
            return self.environment.today()
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise Usage(
                f"--today takes an ISO date, not {one_line(text)!r}", "for example 2027-03-01"
            ) from None
        if day.year not in _YEARS:
            raise Usage(f"--today takes a day from {_YEARS[0]} to {_YEARS[-1]}", "for example 2027-03-01")
        return day

    @property
    def vault_path(self) -> str:
        """The vault file of this run."""
        return self.config["vault"] or str(paths.default_vault())

    def use(self, session: Session) -> None:
        """Work on this vault, which is open already; it is closed with the run."""
        self._session = session

    def vault(self) -> Session:
        """The vault, unlocked only if that takes no person: for the agenda and lists, which also work locked."""
        session = self._open()
        session.unlock_if_unattended()
        if session.warning:
            self.tell(session.warning)
        if session.locked and self.out.format == "table":
            hidden = "The vault is locked: titles and other secrets are hidden."
            if session.knows_agenda:
                hidden = "The key file opens the agenda alone: other secrets are hidden."
            self.tell(f"{hidden} To see them: dossier unlock")
        return session

    def vault_as_it_is(self) -> Session:
        """The vault, opened only if the agent has its keys: for commands that ask for the passphrase themselves."""
        return self._open()

    def unlocked(self) -> Session:
        """The vault, unlocked; Locked if that cannot be."""
        session = self._open()
        session.unlock()
        if session.warning:
            self.tell(session.warning)
        return session

    def unlocked_if_someone_is_here(self) -> Session:
        """The vault, unlocked by the person at the terminal, or locked where there is none."""
        return self.unlocked() if self.can_ask else self.vault()

    @property
    def can_ask(self) -> bool:
        """Whether a question would reach somebody."""
        return self.environment.can_ask and "no_input" not in self.flags

    def ask_secret(self, question: str) -> str:
        """Something typed without echo; Usage where nobody can be asked."""
        if not self.can_ask:
            raise Usage("there is no terminal to ask at", "use --passphrase-fd or DOSSIER_PASSPHRASE_COMMAND")
        import getpass

        return getpass.getpass(self._broken(one_line(question)), stream=self.environment.stderr)

    def ask_line(self, question: str) -> str:
        """One line typed at the terminal."""
        self.environment.stderr.write(self._broken(one_line(question)))
        self.environment.stderr.flush()
        line = self.environment.stdin.readline()
        if not line:
            raise KeyboardInterrupt  # the end of the input is a way to leave, as Ctrl-C is
        return line.rstrip("\n")

    def confirm(self, question: str) -> bool:
        """Whether the person says yes; no where nobody can be asked."""
        return self.can_ask and self.ask_line(f"{question} [y/N] ").strip().lower() in ("y", "yes")

    def text(self, given: str | None, what: str, *, ask: bool = True) -> str | None:
        """A text argument: itself, what stdin holds for `-`, or, on a terminal, what is typed now."""
        if given == "-":
            return self._from_stdin(what)
        if given is None and ask and self.can_ask:
            return self._remembered(self.ask_line(f"{what.capitalize()}: ")) or None
        if given is not None and any("\ud800" <= sign <= "\udfff" for sign in given):
            raise BadValue(f"{what} holds bytes that are no text", "type it in UTF-8")
        return given

    def needed(self, given: str | None, what: str, how: str) -> str:
        """A text that there must be; Usage, which says `how` it is given, where there is none."""
        text = self.text(given, what)
        if text is None:
            raise Usage(f"{what} is missing", f"give {how}, or - to read it from stdin")
        return text

    def _remembered(self, text: str) -> str:
        if text.strip() and self.environment.stdin.isatty():
            self.typed.append(text.rstrip("\n"))
        return text

    def _from_stdin(self, what: str) -> str:
        stream = self.environment.stdin
        if stream is None:
            raise Usage(f"there is no stdin to read {what} from")
        try:
            return check_text(self._remembered(stream.read()), what)
        except UnicodeDecodeError:
            pass  # the error holds the text, perhaps a secret, and must not be the context of ours
        raise BadValue(f"{what} from stdin is not UTF-8 text", "save it as UTF-8 and try again")

    def tell(self, message: str) -> None:
        """A line on stderr: notes, questions and failures go there, results never. On a terminal it breaks at words.

        Commands that it names are given the vault of this run, as by `for_this_vault`.
        """
        self.tell_as_it_is(self._broken(safe_text(self.for_this_vault(message))))

    def for_this_vault(self, text: str) -> str:
        """A text of ours whose commands, typed as they stand there, do what they say to the vault of this run."""
        return for_vault(self.flags.get("vault"), text)

    def tell_as_it_is(self, text: str) -> None:
        """What a person typed, on stderr: they copy it, so it gets no line breaks of ours."""
        self.environment.stderr.write(safe_text(text) + "\n")
        self.environment.stderr.flush()

    def _broken(self, text: str) -> str:
        width = self.environment.width_of_notes
        if width is None:
            return text
        from dossier.cli.wrapping import wrapped

        return wrapped(text, width)

    def advise(self, message: str | None) -> None:
        """A line on stderr, if there is one, that only helps a person; a script that did well hears nothing."""
        if message is not None and self.out.format == "table":
            self.tell(message)

    def warn(self) -> None:
        """A line on stderr, once the result is out, if what was read may not be the newest or was found unsound."""
        if self._session is not None and (noticed := self._session.noticed) is not None:
            self.tell(f"Careful: {noticed.message}; {noticed.hint}")

    def close(self) -> None:
        """Close the vault, if one was opened."""
        if self._session is not None:
            self._session.close()

    @property
    def opened(self) -> str | None:
        """The vault file that this run opened, if it did."""
        return None if self._session is None else self._session.path

    @cached_property
    def unlocking(self) -> Unlocking:
        """Where a passphrase may come from in this run."""
        from dossier.services.passphrases import Unlocking

        return Unlocking(self.flags.get("passphrase_fd"), self.ask_secret if self.can_ask else None)

    def _open(self) -> Session:
        if self._session is None:
            from dossier.services.session import Session

            self._session = Session(self.vault_path, self.today, self.config, self.unlocking)
            if self._session.kept:
                self.tell(
                    f"The vault was brought up to date; as it was before, it is kept in {self._session.kept}"
                )
        return self._session


def invocation(context: typer.Context) -> Invocation:
    """The run that a command belongs to."""
    found = context.obj
    assert isinstance(found, Invocation)
    return found
