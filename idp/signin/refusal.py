"""The page that says no: the rule's own words, the reference to read out, and the ways out that may help. Pure but for
the drawing."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from idp.signin.standing import Visitor
from idp.web.pages import Pages
from kernel.records.devices import OUT, Device, Proof, Trust
from policies.model import Decision


@dataclass(frozen=True, slots=True)
class WayOut:
    """Something to try: ``key`` of its text, ``href`` where it is done; empty when only words help."""

    key: str
    href: str = ""


def ways_out(proof: Proof, device: Device | None, to: str) -> tuple[WayOut, ...]:
    """Return what this person can do about a refusal, most promising first."""
    register = WayOut("signin.way.register", f"/signin/device?{urlencode({'to': to})}")
    if device is None and proof is Proof.NONE:
        return (register, WayOut("signin.way.other-device"))
    if device is not None and device.trust is Trust.PENDING:
        return (WayOut("signin.way.pending"),)
    if device is not None and device.trust in OUT:
        return (WayOut("signin.way.barred"), WayOut("signin.way.other-device"))
    return (WayOut("signin.way.posture"), WayOut("signin.way.network"))


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused: ``service`` by ``decision``, to a visitor on ``device``; ``reference`` is the code to read out,
    ``to`` where they wanted to go."""

    visitor: Visitor
    device: Device | None
    service: str
    decision: Decision
    reference: str
    to: str


def refusal_page(pages: Pages, request: Request, refusal: Refusal) -> Response:
    """Return the page (403) that tells a visitor of a refusal."""
    user = refusal.visitor.user
    return pages.render(
        request,
        "signin/refused.html",
        403,
        person=user,
        refusal=refusal,
        words=refusal.decision.words(pages.language(request, user)),
        ways=ways_out(refusal.visitor.signin.proof, refusal.device, refusal.to),
    )
