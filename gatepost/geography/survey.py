"""How the operator's files about addresses stand, in rows for ``check``, ``doctor`` and the console's health page."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from gatepost.geography.keeping import SOURCES, open_geography
from idp.admin.health import Probe, Row, State, worst
from kernel.clock import Clock
from kernel.config.settings import Settings
from kernel.problems import Refused
from policies.model import Policy
from policies.observe import OF_PLACES

NAME = "geography"
ANEW = "fetch it anew, put it in its place in one move (`mv`), and send SIGHUP"


def survey(settings: Settings, now: float) -> Iterator[Row]:
    """Yield a row for each configured file: whether it can be read, and how old it is."""
    for source in SOURCES:
        path = source.path(settings.geography)
        if path is None:
            continue
        name = f"{NAME} {source.key}"
        try:
            built_at = source.opener(path).built_at
        except Refused as refused:
            yield Row(name, State.BAD, str(refused), ANEW)
            continue
        old = 0 < settings.geography.max_age < now - built_at
        seen = f"{path} of {datetime.fromtimestamp(built_at, UTC):%Y-%m-%d}"
        yield Row(name, State.ATTENTION if old else State.GOOD, seen, f"it is old: {ANEW}" if old else "")


def unlit(policy: Policy, tells: frozenset[str]) -> list[str]:
    """Return the keys that a policy's rules use though nothing tells what they stand on."""
    used = {one.key for rule in policy.rules for one in rule.conditions}
    return sorted(key for key in used if key in OF_PLACES and OF_PLACES[key] not in tells)


def geography_probe(settings: Settings, policy: Callable[[], Policy | None], clock: Clock) -> Probe:
    """Return a look at the files together with what the policy in force needs of them."""

    def look() -> Row:
        rows = list(survey(settings, clock.now()))
        tells = open_geography(settings, supervised=False, say=lambda line: None).tells
        in_force = policy()
        missing = unlit(in_force, tells) if in_force else []
        if missing:
            seen = f"the policy asks for {', '.join(missing)}, and nothing tells"
            return Row(NAME, State.BAD, seen, "name a database for it under [geography], and send SIGHUP")
        state = worst(rows)
        advice = next((row.advice for row in rows if row.state is state), "")
        return Row(NAME, state, "; ".join(row.seen for row in rows), advice)

    async def geography() -> Row:
        return await asyncio.to_thread(look)

    return geography
