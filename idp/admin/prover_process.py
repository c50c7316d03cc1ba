"""The prover's own process: one question as JSON on standard input, its answer as JSON on standard output, the end.

``python -m idp.admin.prover_process``. It reads policies and a moment, and nothing else: no store, no keys, no network.
It gives way to everybody who signs in, and is bounded in memory and processor time.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from idp.admin import meaning_views
from policies.language import load
from policies.meaning.comparing import diff
from policies.meaning.proving import prove
from policies.meaning.reaching import dead_rules

Json = dict[str, Any]

MEMORY = 4 * 1024**3
"""Bytes of address space; z3 seldom needs a twentieth of it."""
GRACE = 10
"""Seconds of processor time beyond the limit that an answer may take."""
NICE = 4
"""Behind everybody who signs in, and not so far that an admin waits for ever."""


@dataclass(frozen=True, slots=True)
class AskedAt:
    """The time as it was when the question was asked."""

    at: float

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return time.monotonic()


def answer(question: Mapping[str, Any]) -> Json:
    """Return the answer to one question: ``ask`` names it, ``now`` is a moment and ``limit`` seconds."""
    return ANSWERS[question["ask"]](question, AskedAt(question["now"]))


def _diff(question: Mapping[str, Any], clock: AskedAt) -> Json:
    old, new = load(question["old"]), load(question["new"])
    found = diff(old, new, clock, limit=question["limit"], authorship=question["authorship"])
    return meaning_views.difference(found)


def _prove(question: Mapping[str, Any], clock: AskedAt) -> Json:
    policy, limit = load(question["text"]), question["limit"]
    items = [meaning_views.proof(each) for each in prove(policy, clock, limit=limit)]
    dead = dead_rules(policy, clock, limit=limit) if question["rules"] else ()
    return {"items": items, "rules": [meaning_views.dead(each) for each in dead]}


ANSWERS: Mapping[str, Callable[[Mapping[str, Any], AskedAt], Json]] = {"diff": _diff, "prove": _prove}


def main() -> int:
    """Answer one question."""
    os.nice(NICE)
    question = json.load(sys.stdin)
    seconds = 2 * int(question["limit"]) + GRACE
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    json.dump(answer(question), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
