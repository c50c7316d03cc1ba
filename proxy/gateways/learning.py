"""Learns the site's terms of SCRAM from the identity side, once; until then SCRAM is not offered."""

import asyncio

from kernel.authority import Authority
from kernel.problems import Unavailable
from proxy.gateways.scram import ScramDesk

AGAIN = 0.5
"""Seconds until the question is asked again, where it was not answered."""


async def learn(desk: ScramDesk, *, authority: Authority) -> None:
    """Fill ``desk`` in, however long it takes; then rest, for no part of a door may end."""
    while desk.terms is None:
        try:
            desk.terms = await authority.scram()
        except Unavailable:
            await asyncio.sleep(AGAIN)
    await asyncio.Event().wait()
