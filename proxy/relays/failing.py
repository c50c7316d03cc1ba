"""What is told of upstreams that fail: bounded, without what could be a secret, and not the same again and again. Pure.

A backend that is down fails every login; its first failure for each person, protocol and answer is on record, and the
next of the kind a minute later.
"""

import math
import re

from kernel.audit import UpstreamFailed

AGAIN = 60.0
MOST_KINDS = 10_000
LONGEST = 300
OPAQUE = re.compile(r"[A-Za-z0-9+/=_.~-]{32,}")
"""What a token, or a response in base64, looks like: a server may repeat what it was sent."""


class Failures:
    """Which failures were told lately."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str, str, str], float] = {}

    def new(self, event: UpstreamFailed) -> bool:
        """Say whether to record this one."""
        kind = (event.backend, event.service, event.user_id, event.what)
        if event.at - self._told.get(kind, -math.inf) < AGAIN:
            return False
        if len(self._told) >= MOST_KINDS:
            self._told.clear()
        self._told[kind] = event.at
        return True


def bounded(what: str) -> str:
    """Return a server's words as one printable line of at most 300 characters, without anything long and opaque."""
    line = "".join(sign if sign.isprintable() else " " for sign in what[: 8 * LONGEST])
    return OPAQUE.sub("[...]", line)[:LONGEST].strip()
