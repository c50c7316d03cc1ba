"""Asks the prover. It is a process of its own, since z3 takes all of a processor and much memory while it thinks, and
nobody's sign-in may wait for that: a few at a time, ended when they overrun, and an answer that did not come is "not
decided"."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kernel.clock import Clock
from kernel.problems import Unavailable

Json = dict[str, Any]

LIMIT = 5.0
"""Seconds that an answer may take."""
GRACE = 10.0
"""Seconds beyond it, to start, to read the policies, and to say what was found."""
AT_ONCE = 2
ROOT = str(Path(__file__).resolve().parents[2])

_log = logging.getLogger("gatepost.prover")


class Overran(Exception):
    """The process did not end in time, and was ended."""


class Prover:
    """``limit``: seconds of thinking for one question."""

    def __init__(self, clock: Clock, limit: float = LIMIT) -> None:
        self.limit = limit
        self._clock, self._turns = clock, asyncio.Semaphore(AT_ONCE)

    async def ask(self, question: Mapping[str, Any]) -> Json:
        """Return the answer to a question of ``prover_process``.

        Raises:
            Overran: no answer within the limit and some grace.
            Unavailable: the process could not be started, or failed.
        """
        asked = json.dumps({**question, "now": self._clock.now(), "limit": self.limit}).encode()
        async with self._turns:
            try:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "idp.admin.prover_process"),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                    env={**os.environ, "PYTHONPATH": ROOT},
                )
            except OSError as fault:
                raise Unavailable(f"the prover cannot be started: {fault}") from fault
            return await self._answer(process, asked)

    async def _answer(self, process: asyncio.subprocess.Process, asked: bytes) -> Json:
        try:
            async with asyncio.timeout(self.limit + GRACE):
                told, complaint = await process.communicate(asked)
        except TimeoutError:
            raise Overran from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            _log.error("the prover failed (%s): %s", process.returncode, complaint.decode(errors="replace")[-2000:])
            raise Unavailable("the prover failed; see the server's log")
        answer: Json = json.loads(told)
        return answer
