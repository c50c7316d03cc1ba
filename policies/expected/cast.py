"""Reads who and what a table speaks of: people with their groups, devices with their trust and what they report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kernel.records.devices import Device, Signal, Trust
from kernel.records.people import User
from policies.conditions import Scope, canonical
from policies.document import Entries, Node, Scalar
from policies.posture import Posture
from policies.values import boolean, chosen, duration, fields, scalar, scalars
from policies.vocabulary import OS_VERSION, OWNERS, PLATFORMS, SIGNALS, TRUSTS

PERSON_KEYS = ("groups", "email", "attributes")
DEVICE_KEYS = ("trust", "platform", "owner", "meets", "signals", "reported")
SOMEONE = "someone"
MOST = 500
JUST_NOW = 60.0
"""Seconds since a device reported, unless a table says otherwise."""

Found = Mapping[str, tuple[Scalar, Node]]


@dataclass(frozen=True, slots=True)
class Machine:
    """A device before anybody owns it. ``reported``: seconds since it reported its ``signals``."""

    trust: Trust
    platform: str = ""
    owner: str = "self"
    signals: Mapping[str, bool | str] = field(default_factory=dict)
    reported: float = JUST_NOW

    def of(self, user: User, now: float) -> Device | None:
        """Return the device in the hands of ``user``, None for one that nobody knows."""
        if self.trust is Trust.UNKNOWN:
            return None
        owner = {"self": user.id, "shared": "", "other": "user_other"}[self.owner]
        signals = {name: Signal(value, now - self.reported) for name, value in self.signals.items()}
        return Device("device_1", "device", owner, self.trust, self.platform, signals=signals)


def read_people(node: Node, scope: Scope) -> Mapping[str, User]:
    """Return people by name."""
    found = {}
    for name, (key, value) in list(fields(node, (), "`people`", scope.problems).items())[:MOST]:
        entries = fields(value, PERSON_KEYS, f"`{name}`", scope.problems) if value else {}
        found[name] = person(key.text, entries, scope)
    return found


def person(name: str, entries: Found, scope: Scope) -> User:
    """Return somebody of this name, or address, with what ``entries`` say of them."""
    groups = scalars(entries["groups"][1], "`groups`", scope.problems) if "groups" in entries else []
    email = scalar(entries["email"][1], "`email`", scope.problems) if "email" in entries else None
    attributes = fields(entries["attributes"][1], (), "`attributes`", scope.problems) if "attributes" in entries else {}
    read = {key: scalar(value, f"`{key}`", scope.problems) for key, (_, value) in attributes.items()}
    known = canonical(name)
    return User(
        id=f"user_{known}",
        name=known.partition("@")[0],
        email=canonical(email.text) if email else known if "@" in known else f"{known}@example.com",
        groups=frozenset(word.text for word in groups),
        attributes={key: word.text for key, word in read.items() if word is not None},
    )


def read_devices(node: Node, scope: Scope) -> Mapping[str, Machine]:
    """Return devices by name; a state of trust is a device without a name."""
    found = {}
    for name, (key, value) in list(fields(node, (), "`devices`", scope.problems).items())[:MOST]:
        if name in TRUSTS:
            scope.problems.add(key.place, f"`{name}` is a state of trust", name, "give the device another name")
        machine = read_machine(value, f"`{name}`", scope)
        if machine is not None:
            found[name] = machine
    return found


def read_machine(node: Node, what: str, scope: Scope) -> Machine | None:
    """Return the device that a mapping describes; None after noting what is wrong."""
    entries = fields(node, DEVICE_KEYS, what, scope.problems)
    if not entries:
        return None
    trust = _word(entries, "trust", TRUSTS, scope) or Trust.ENROLLED
    platform = _word(entries, "platform", PLATFORMS, scope)
    owner = _word(entries, "owner", OWNERS, scope) or "self"
    signals: dict[str, bool | str] = {}
    for posture in _postures(entries, scope):
        signals |= _meeting(posture, platform, entries["meets"][1], scope)
    signals |= _signals(entries["signals"][1], scope) if "signals" in entries else {}
    ago = duration(entries["reported"][1], "`reported`", scope.problems) if "reported" in entries else None
    return Machine(Trust(trust), platform, owner, signals, JUST_NOW if ago is None else ago)


def _word(entries: Found, key: str, known: Sequence[str], scope: Scope) -> str:
    if key not in entries:
        return ""
    words = chosen(entries[key][1], known, f"`{key}`", scope.problems)
    if len(words) > 1:
        scope.problems.add(words[1].place, f"`{key}` must be a single value, not a list")
    return words[0].text if words else ""


def _postures(entries: Found, scope: Scope) -> list[Posture]:
    if "meets" not in entries:
        return []
    found = []
    for word in scalars(entries["meets"][1], "`meets`", scope.problems):
        if word.text in scope.postures:
            found.append(scope.postures[word.text])
        else:
            scope.problems.unknown(word, "`meets`: no posture is named", list(scope.postures))
    return found


def _meeting(posture: Posture, platform: str, node: Node, scope: Scope) -> dict[str, bool | str]:
    """Return the least that a device reports to meet a posture."""
    signals: dict[str, bool | str] = dict(posture.signals)
    lowest = dict(posture.os)
    if platform in lowest:
        signals[OS_VERSION] = ".".join(str(number) for number in lowest[platform])
    elif lowest:
        hint = "add `platform`, one of: " + ", ".join(lowest)
        scope.problems.add(node.place, f"posture `{posture.name}` asks for the version of a platform", "", hint)
    if not signals:
        signals["compliant"] = True  # anything at all, reported lately, is what such a posture asks for
    return signals


def _signals(node: Node, scope: Scope) -> dict[str, bool | str]:
    found: dict[str, bool | str] = {}
    for name, (_, value) in fields(node, SIGNALS, "`signals`", scope.problems).items():
        if SIGNALS[name].type is bool:
            flag = boolean(value, f"`{name}`", scope.problems)
            found |= {} if flag is None else {name: flag}
        else:
            word = scalar(value, f"`{name}`", scope.problems)
            found |= {name: word.text} if word else {}
    return found


def described(node: Node) -> bool:
    """Whether a device is described on the spot, not named."""
    return isinstance(node, Entries)
