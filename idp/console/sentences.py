"""Audit entries as sentences: which words an event is told in, and with which values. Pure.

The words stand in ``texts``; an event that has none is told by its kind and act.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel.audit import Entry

Fields = Mapping[str, Any]

NAMES = (
    *("about", "act", "actor", "answer", "client_id", "detail", "device", "factor", "kind", "reason", "recipients"),
    *("proposal", "revision", "rule", "service", "step", "trial", "what", "where", "would_rule"),
)
"""What the sentences speak of; an event that lacks one (written by an older version) says nothing there."""

HIDDEN = frozenset({"kind", "at", "words"})
BAD = frozenset({"deny", "lost", "revoked", "publish-refused", "declined", "disabled", "removed"})


@dataclass(frozen=True, slots=True)
class Told:
    """An entry ready for the page: its sentence (``key``, ``values``), the ``look`` of its lamp, its ``facts``."""

    number: int
    at: float
    kind: str
    actor: str
    key: str
    values: Mapping[str, str]
    look: str
    facts: Mapping[str, str]


def tell(entry: Entry) -> Told:
    """Return an entry's sentence."""
    fields = entry.fields
    name, look = _TELLERS.get(entry.kind, _by_act)(fields)
    shown = {key: _plain(value) for key, value in sorted(fields.items()) if value not in ("", None, [], {}, 0)}
    return Told(
        number=entry.number,
        at=float(fields["at"]),
        kind=entry.kind,
        actor=str(fields["actor"]),
        key=f"console.said.{entry.kind}{'.' if name else ''}{name}",
        values={"whom": _whom(fields), **{name: _plain(fields.get(name, "")) for name in NAMES}},
        look=look,
        facts={key: value for key, value in shown.items() if key not in HIDDEN},
    )


def _whom(fields: Fields) -> str:
    return _plain(fields.get("user") or fields.get("actor") or "")


def _decided(fields: Fields) -> tuple[str, str]:
    outcome = str(fields.get("outcome", ""))
    looks = {"allow": "ok", "deny": "bad", "step_up": "warn"}
    return (f"{outcome}{'.again' if fields.get('again') else ''}", looks.get(outcome, ""))


def _trial(fields: Fields) -> tuple[str, str]:
    return (str(fields.get("turn") or "fault"), "warn")


def _refused(fields: Fields) -> tuple[str, str]:
    return ("", "bad")


def _signed_in(fields: Fields) -> tuple[str, str]:
    if str(fields.get("step", "")).startswith("ended"):
        return "ended", ""
    return "", "warn" if fields.get("odd") else "ok"


def _neutral(fields: Fields) -> tuple[str, str]:
    return ("", "")


def _people(fields: Fields) -> tuple[str, str]:
    return ("" if fields.get("user") else "group", _by_act(fields)[1])


def _policy(fields: Fields) -> tuple[str, str]:
    """What became of a proposal, or of a trial, is told of these; what came into force, of the revision."""
    if fields.get("trial"):
        return ("trial", _by_act(fields)[1])
    waiting = fields.get("proposal") and fields.get("act") not in ("published", "rolled-back")
    return ("proposal" if waiting else "", _by_act(fields)[1])


def _by_act(fields: Fields) -> tuple[str, str]:
    act = str(fields.get("act", ""))
    return ("", "bad" if act in BAD or str(fields.get("detail", "")) in BAD else "info")


_TELLERS: Mapping[str, Callable[[Fields], tuple[str, str]]] = {
    "decided": _decided,
    "trial-differed": _trial,
    "credential-refused": _refused,
    "signed-in": _signed_in,
    "user-changed": _people,
    "policy-changed": _policy,
    "session-ended": _neutral,
    "session-ordered": _neutral,
    "letter-passed": _neutral,
    "consulted": _neutral,
    "fault": _refused,
}


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_plain(each)}" for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_plain(each) for each in value)
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in str(value))
