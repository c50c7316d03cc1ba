"""osquery's TLS API: enroll, config, log, distributed read and write. JSON in (gzip, too) and out, all of it bounded.

Owns the wire alone. A node key that is not known is answered with ``node_invalid``, so that the node enrolls again.
"""

import json
import zlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from idp.signals.osquery_nodes import OsqueryNodes
from idp.signals.osquery_results import PREFIX, results_in, signals_of
from idp.web.bodies import bounded
from idp.web.peer import peer_of
from kernel.problems import Unavailable
from kernel.records.signals import OsqueryNode

PATH: Final = "/osquery"
PACK: Final = Path(__file__).with_name("osquery_pack.json")
MOST_OCTETS: Final = 1024 * 1024
MOST_UNPACKED: Final = 4 * 1024 * 1024
HEADERS: Final = {"Cache-Control": "no-store"}
INVALID: Final = {"node_invalid": True}
DISCOVERY: Final[Mapping[str, str]] = {
    "linux": "SELECT 1 FROM os_version WHERE platform NOT IN ('windows', 'darwin');",
    "darwin": "SELECT 1 FROM os_version WHERE platform = 'darwin';",
    "windows": "SELECT 1 FROM os_version WHERE platform = 'windows';",
    "linux,windows,darwin": "SELECT 1;",
}
"""A query with a row only where a question of the pack makes sense; Linux calls itself by its distribution there."""

Json = Mapping[str, Any]
Call = Callable[[OsqueryNode, Json], Awaitable[Json]]


class OsqueryPages:
    """``/osquery``. ``pack``: the shipped configuration, as read."""

    def __init__(self, nodes: OsqueryNodes, pack: Json) -> None:
        every = int(nodes.settings.every)
        self._nodes = nodes
        self._schedule = {name: {**query, "interval": every} for name, query in pack["schedule"].items()}
        self._config = {**pack, "schedule": self._schedule, "node_invalid": False}

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        table = {
            "config": self._give,
            "log": self._log,
            "distributed/read": self._ask,
            "distributed/write": self._answers,
        }
        served = [Route(f"{PATH}/{name}", self._known(call), methods=["POST"]) for name, call in table.items()]
        return [Route(f"{PATH}/enroll", self.enroll, methods=["POST"]), *served]

    async def enroll(self, request: Request) -> Response:
        """Give a node key for the fleet's secret."""
        said = await _said(request)
        shown = said.get("enroll_secret")
        address, details = peer_of(request).address, said.get("host_details")
        try:
            key = await self._nodes.enroll(shown if isinstance(shown, str) else "", details, address)
        except Unavailable:
            return Response(status_code=503, headers=HEADERS)
        return _answer({"node_key": key, "node_invalid": False} if key else INVALID)

    def _known(self, call: Call) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            said = await _said(request)
            key = said.get("node_key")
            try:
                node = await self._nodes.known(key) if isinstance(key, str) else None
                return _answer(await call(node, said) if node else INVALID)
            except Unavailable:
                return Response(status_code=503, headers=HEADERS)

        return answer

    async def _give(self, node: OsqueryNode, said: Json) -> Json:
        return self._config

    async def _log(self, node: OsqueryNode, said: Json) -> Json:
        if said.get("log_type") == "result":
            await self._nodes.hear(node, results_in(said.get("data")))
        return {"node_invalid": False}

    async def _ask(self, node: OsqueryNode, said: Json) -> Json:
        """Ask the pack's own questions at once; ``discovery`` keeps each to the systems that it is for."""
        queries = {name: query["query"] for name, query in self._schedule.items()}
        discovery = {name: DISCOVERY[query["platform"]] for name, query in self._schedule.items()}
        return {"queries": queries, "discovery": discovery, "node_invalid": False}

    async def _answers(self, node: OsqueryNode, said: Json) -> Json:
        queries, statuses = said.get("queries"), said.get("statuses")
        found: dict[str, bool | str] = {}
        for name, rows in queries.items() if isinstance(queries, dict) else ():
            failed = statuses.get(name, 0) if isinstance(statuses, dict) else 0
            if name.startswith(PREFIX) and failed in (0, "0"):
                found |= signals_of(name, rows)
        await self._nodes.hear(node, found)
        return {"node_invalid": False}


def read_pack() -> Json:
    """Return the pack that we ship."""
    pack: Json = json.loads(PACK.read_bytes())
    return pack


async def _said(request: Request) -> Json:
    body = await bounded(request, MOST_OCTETS)
    try:
        if request.headers.get("content-encoding", "").lower() == "gzip":
            body = _unpacked(body)
        said = json.loads(body)
    except (ValueError, RecursionError, zlib.error):
        return {}
    return said if isinstance(said, dict) else {}


def _unpacked(body: bytes) -> bytes:
    """Return what was compressed, no more than four megabytes of it; ValueError when there is more."""
    reader = zlib.decompressobj(wbits=31)
    plain = reader.decompress(body, MOST_UNPACKED)
    if reader.unconsumed_tail or not reader.eof:
        raise ValueError("too much, or cut short")
    return plain


def _answer(told: Json) -> Response:
    return JSONResponse(dict(told), headers=HEADERS)
