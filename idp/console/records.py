"""The audit log and health, for reading."""

import asyncio
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.admin.audit_log import Query
from idp.admin.health import Row, State, worst
from idp.console.room import Admin, Room
from idp.console.sentences import Told, tell
from idp.web.agents import agent_name
from kernel.audit import EVENTS
from kernel.problems import Refused
from kernel.reasons import Reason, words

PAGE = "/console/audit"
SHOWN = 50
CONDITIONS = ("user", "device", "kind", "reference", "text")
LOOKS = {State.GOOD: "ok", State.ATTENTION: "warn", State.BAD: "bad"}


class Records:
    """``/console/audit`` and ``/console/health``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(PAGE, self.search, methods=["GET"]),
            Route(PAGE + "/verify", self.verify, methods=["POST"]),
            Route("/console/health", self.health, methods=["GET"]),
        ]

    async def search(self, request: Request) -> Response:
        """Show entries that match."""
        admin = await self._room.enter(request)
        return admin if isinstance(admin, Response) else await self._search(request, admin)

    async def verify(self, request: Request) -> Response:
        """Walk the chain and say whether it holds."""
        entered = await self._room.act(request)
        if isinstance(entered, Response):
            return entered
        verdict = await asyncio.to_thread(self._room.acts.audit.verify)
        return await self._search(request, entered[1], verdict)

    async def health(self, request: Request) -> Response:
        """Show how the house is."""
        admin = await self._room.enter(request)
        if isinstance(admin, Response):
            return admin
        rows = await self._room.acts.health.rows()
        keyed = [(row, self._key("name", row.name), self._seen(row), self._key(row.name, row.state)) for row in rows]
        return self._room.draw(request, admin, "health", "health", rows=keyed, state=worst(rows), states=LOOKS)

    async def _search(self, request: Request, admin: Admin, verdict: object = None) -> Response:
        asked = {name: request.query_params.get(name, "")[:254].strip() for name in CONDITIONS}
        before = request.query_params.get("before", "")
        number = int(before) if before.isdecimal() and len(before) < 16 else 0
        refusal, found = "", []
        try:
            found = list(await self._room.acts.audit.search(Query(**asked, before=number, limit=SHOWN + 1)))
        except Refused as fault:
            refusal = self._room.say(request, admin, fault)
        return self._room.draw(
            request,
            admin,
            "audit",
            "audit",
            422 if refusal else 200,
            told=[self._told(each, self._room.language(request, admin)) for each in map(tell, found[:SHOWN])],
            more=found[SHOWN - 1].number if len(found) > SHOWN else 0,
            asked=asked,
            kinds=sorted(EVENTS),
            verdict=verdict,
            refusal=refusal,
        )

    def _told(self, told: Told, language: str) -> tuple[Told, str]:
        """Return the entry, its codes put in words, and the key of its sentence (the general one when it has none)."""
        catalogue = self._room.pages.catalogue
        values = dict(told.values)
        if values["act"] == "browser-key-added":
            values["detail"] = agent_name(values["detail"])
        for name in ("act", "factor", "step"):
            keys = (f"console.{name}.{told.kind}.{values[name]}", f"console.{name}.{values[name]}")
            values[name] = next((catalogue.say(key, language) for key in keys if key in catalogue), values[name])
        ended, _, reason = values["step"].partition(":")
        values["step"] = self._reason(reason, language) if ended == "ended" else values["step"]
        values["reason"] = self._reason(values["reason"], language)
        values["rule"] = values["rule"] or values["reason"] or catalogue.say("console.explain.nothing", language)
        return replace(told, values=values), told.key if told.key in catalogue else "console.said.other"

    def _reason(self, reason: str, language: str) -> str:
        """Return a reason in words, within a sentence; one that we have no words for as it is."""
        key = f"console.reason.{reason}"
        if key in self._room.pages.catalogue:
            return self._room.pages.catalogue.say(key, language)
        return words(Reason(reason), language).rstrip(".。") if reason in list(Reason) else reason

    def _seen(self, row: Row) -> str:
        """Return the key of the words around what was seen; a fault is told as it is."""
        return "" if row.state is State.BAD else self._key("seen", row.name)

    def _key(self, *names: str) -> str:
        """Return the key of these words about health, ``""`` when there are none."""
        key = ".".join(("console.health", *names))
        return key if key in self._room.pages.catalogue else ""
