"""What went wrong, where, and what to do about it: one shape for configuration, policy and commands."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msgspec import Struct


class Place(Struct, frozen=True, gc=False):
    """A spot in a text; line and column count from 1, column in characters. Every word of a policy has one."""

    line: int
    column: int
    source: str = ""

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.source else f"{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in something a person wrote.

    ``what`` says what is wrong, ``text`` is the offending text itself, ``hint`` what to do about it
    (empty when there is nothing better to say than ``what``).
    """

    place: Place
    what: str
    text: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f" - {self.hint}" if self.hint else "")


class Refused(Exception):
    """A person asked for something that cannot be done; the message says why and what would help."""


class Invalid(Refused):
    """A document (policy, configuration) is refused; carries every problem found, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Conflict(Refused):
    """A record with this key, or this unique value, already exists, or changed since it was read."""


class Missing(Refused):
    """No such record."""


class WordsRefused(Refused):
    """A refusal for people: ``words`` maps every language that we speak to its sentence; the message is the English
    one."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = dict(words)
        super().__init__(self.words["en"])


class Unavailable(Exception):
    """Our own trouble (store, idp or upstream out of reach): the caller must fail closed and may try again."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word closest to ``word``, or ``""`` when none is close."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return close[0] if close else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the hint sentence for a misspelt ``word``, or ``""``."""
    best = nearest(word, known)
    return f"did you mean `{best}`?" if best else ""
