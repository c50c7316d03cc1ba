"""Why was I refused? Explains one recorded decision to the person whom it concerned, and to nobody else."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.portal.holdings import TRUST_LOOKS
from idp.portal.room import NAV, Room
from idp.signin.refusal import ways_out
from idp.signin.standing import Visitor
from kernel.audit import Decided, Entry
from kernel.ports import Reader
from kernel.reasons import Reason, words
from kernel.records.devices import Device, Proof
from policies.snapshot import VERSION

REFERENCE = re.compile(r"[23456789A-HJ-NP-Z]{8}\Z")


@dataclass(frozen=True, slots=True)
class Case:
    """One refusal as it was recorded, and the device as it stands today."""

    fields: Mapping[str, Any]
    device: Device | None

    @property
    def proof(self) -> Proof:
        """How the session had proved its device."""
        told = self.fields.get("facts", {}).get("proof", "")
        return Proof(told) if told in set(Proof) else Proof.NONE

    def words(self, language: str) -> str:
        """Return what the person was told: the rule's words, else the reason's."""
        spoken: Mapping[str, str] = self.fields.get("words") or {}
        reason = self.fields.get("reason", "")
        standing = words(Reason(reason) if reason in set(Reason) else Reason.POLICY, language)
        return spoken.get(language) or spoken.get("en") or standing

    def facts(self) -> list[tuple[str, str]]:
        """Return the recorded facts as plain pairs, in order of name."""
        told: Mapping[str, Any] = self.fields.get("facts") or {}
        return [pair for name, value in sorted(told.items()) if name != VERSION for pair in _pairs(name, value)]


class Why:
    """``/r/<reference>``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [Route("/r/{reference}", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """Explain. Needs a sign-in, but no policy's leave: a refused person may always read why."""
        visitor = await self._room.gate.visitor(request)
        if visitor is None:
            return self._room.gate.to_sign_in(request)
        reference = request.path_params["reference"].upper()
        case = None
        if REFERENCE.match(reference):
            case = await self._room.at.store.read(lambda tx: read_case(tx, reference, visitor))
        if case is None:
            return self._room.at.pages.render(
                request, "portal/why_unknown.html", 404, person=visitor.user, nav=NAV, reference=reference[:16]
            )
        return self._room.draw(
            request,
            visitor,
            "why",
            "",
            case=case,
            reference=reference,
            words=case.words(self._room.at.pages.language(request, visitor.user)),
            ways=ways_out(case.proof, case.device, "/portal"),
            looks=TRUST_LOOKS,
        )


def read_case(tx: Reader, reference: str, visitor: Visitor) -> Case | None:
    """Return the refusal with this reference when it concerned the visitor."""
    found = tx.audit_search(kind=Decided.kind, reference=reference, limit=5)
    own: list[Entry] = [entry for entry in found if entry.fields.get("user_id") == visitor.user.id]
    if not own:
        return None
    fields = own[0].fields
    device_id = fields.get("device_id", "")
    return Case(fields, tx.get(Device, device_id) if device_id else None)


def _pairs(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield a fact, or what it is made of: ``device.platform``, ``device.signals.firewall``."""
    if not isinstance(value, Mapping):
        if value not in (None, "", []):
            yield name, _plain(value)
    elif value.keys() == {"value", "at"}:
        yield name, _plain(value["value"])
    else:
        for key, held in sorted(value.items()):
            yield from _pairs(f"{name}.{key}", held)


def _plain(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return str(value)
