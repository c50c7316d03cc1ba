"""What does not fit together among others' signals: sources that cannot be verified, addresses in clear, events and
signals that nobody knows. Pure."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from kernel.config.delegation import loopback
from kernel.config.fault import Fault
from kernel.config.places import Path
from kernel.config.settings import Settings
from kernel.config.signals import EVENTS, Delivery, SignalRow, SignalSource
from kernel.problems import did_you_mean

NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
LONGEST_WINDOW = 7 * 86400.0
LANGUAGES = ("en", "ja")
RESERVED = ("serial", "uuid", "agent", "admin", "osquery")
"""Names that say where a signal, or a device's other name, comes from."""


def signal_faults(settings: Settings, known: frozenset[str]) -> Iterator[Fault]:
    """Yield every such fault; ``known`` are the signals that the vocabulary has anyway (empty: any name goes)."""
    yield from _doubled(settings)
    for index, source in enumerate(settings.signal_sources):
        yield from _named(("signal_source", index, "name"), source.name)
        yield from _source(("signal_source", index), source)
    for index, row in enumerate(settings.signals):
        yield from _row(("signal", index), row, known)
    allowed = known and known | {row.name for row in settings.signals}
    for index, hook in enumerate(settings.signal_webhooks):
        yield from _named(("signal_webhook", index, "name"), hook.name)
        yield from _signals(("signal_webhook", index, "signals"), hook.signals, allowed)
        if not 1.0 <= hook.window <= 3600.0:
            yield Fault(("signal_webhook", index, "window"), "a webhook's `window` is between 1s and 1h")
    yield from _signals(("osquery", "signals"), settings.osquery.signals, allowed)
    if settings.osquery.every < 10.0:
        yield Fault(("osquery", "every"), "osquery's pack runs every 10 seconds at most")


def _doubled(settings: Settings) -> Iterator[Fault]:
    """Sources and webhooks share one set of names: a signal, and a device's other name, say by it whence they come."""
    named = [("signal_source", index, each.name) for index, each in enumerate(settings.signal_sources)]
    named += [("signal_webhook", index, each.name) for index, each in enumerate(settings.signal_webhooks)]
    seen: set[str] = set()
    for section, index, name in named:
        if name in seen:
            yield Fault((section, index, "name"), f"the name `{name}` is used twice", name)
        seen.add(name)
    rows = [row.name for row in settings.signals]
    for index, name in enumerate(rows):
        if name in rows[:index]:
            yield Fault(("signal", index, "name"), f"the name `{name}` is used twice", name)


def _source(path: Path, source: SignalSource) -> Iterator[Fault]:
    if (source.jwks_file is None) == (not source.jwks_uri):
        hint = "give `jwks_file`, or `jwks_uri`"
        yield Fault(path, f"source `{source.name}` needs its public keys from one place", "", hint)
    if source.jwks_uri and not _safe(source.jwks_uri):
        yield Fault((*path, "jwks_uri"), "`jwks_uri` is an https address", source.jwks_uri)
    if source.delivery is Delivery.POLL and not _safe(source.endpoint):
        yield Fault((*path, "endpoint"), "polling needs `endpoint`, an https address", source.endpoint)
    if source.delivery is Delivery.PUSH and source.endpoint:
        yield Fault((*path, "endpoint"), "`endpoint` is where we poll; this source pushes", source.endpoint)
    if not 60.0 <= source.window <= LONGEST_WINDOW:
        yield Fault((*path, "window"), "`window` is between 1m and 7d")
    if not 1.0 <= source.poll_every <= 3600.0:
        yield Fault((*path, "poll_every"), "`poll_every` is between 1s and 1h")
    for event in source.events:
        if event not in EVENTS:
            hint = did_you_mean(event, EVENTS) or f"known: {', '.join(EVENTS)}"
            yield Fault((*path, "events"), f"no event `{event}` has an effect here", event, hint)


def _row(path: Path, row: SignalRow, known: frozenset[str]) -> Iterator[Fault]:
    if not NAME.fullmatch(row.name):
        yield Fault((*path, "name"), "a signal's name has small letters, digits, `_`, `.` and `-`", row.name)
    if row.name in known:
        yield Fault((*path, "name"), f"`{row.name}` is a signal already", row.name)
    if row.age <= 0:
        yield Fault((*path, "age"), "a signal is believed for some time", "age", 'write for example age = "1h"')
    missing = [language for language in LANGUAGES if not row.meaning.get(language, "").strip()]
    if missing:
        hint = 'meaning = { en = "...", ja = "..." }'
        yield Fault((*path, "meaning"), f"`meaning` is missing in: {', '.join(missing)}", "meaning", hint)


def _named(path: Path, name: str) -> Iterator[Fault]:
    if not NAME.fullmatch(name):
        yield Fault(path, "a source's name has small letters, digits, `_`, `.` and `-`, at most 64", name)
    elif name in RESERVED:
        yield Fault(path, f"the name `{name}` is taken by Gatepost itself", name)


def _signals(path: Path, names: tuple[str, ...], allowed: frozenset[str]) -> Iterator[Fault]:
    for name in names if allowed else ():
        if name not in allowed:
            hint = did_you_mean(name, sorted(allowed)) or "add a [[signal]] of that name"
            yield Fault(path, f"there is no signal `{name}`", name, hint)


def _safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or port == 0 or "@" in parts.netloc or parts.fragment or not address.isascii():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and loopback(host))
