"""Draws the step that is next. Owns which template belongs to which step, and how a fault reads; does no act but one:
drawing NEW_CODE draws a new seed, drawing SHOW_RECOVERY makes the codes, since both are shown once."""

from collections.abc import Mapping
from typing import Any

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from idp.accounts import totp
from idp.signin import flow
from idp.signin.flow import Step
from idp.signin.gate import SignInGate
from idp.signin.neighbours import Neighbours
from idp.signin.standing import Visitor
from idp.signin.trip import Trip
from idp.web import times
from kernel.reasons import Reason, words
from kernel.records.people import User

Faults = Mapping[str, str]
"""What is wrong: field name to sentence."""


class Drawing:
    """Draws steps for one request at a time."""

    def __init__(self, at: Neighbours, gate: SignInGate) -> None:
        self._at = at
        self._gate = gate

    def step_of(self, visitor: Visitor | None, trip: Trip) -> Step:
        """Return the step that is next for a visitor."""
        standing = visitor.standing if visitor else flow.Standing()
        return flow.next_step(standing, trip.demand, self._at.clock.now())

    async def step(
        self, request: Request, visitor: Visitor | None, trip: Trip, faults: Faults | None = None, seed: str = ""
    ) -> Response:
        """Return the page of the next step; ``faults`` of the attempt before. ``seed``: the TOTP seed shown before."""
        step = self.step_of(visitor, trip)
        if step is Step.IDENTIFY or visitor is None:
            return self.page(request, visitor, trip, "identify", faults, name=self._known_name(visitor, trip))
        if step is Step.NEW_CODE:
            shown = await self._new_code(visitor.user, seed)
            return self.page(request, visitor, trip, step, faults, **shown)
        if step is Step.SHOW_RECOVERY:
            codes = await self._at.accounts.make_recovery_codes(visitor.user.id)
            shown_once = self.page(request, visitor, trip, step, faults, codes=codes)
            self._at.pages.once.give(shown_once, visitor.signin.id, step, " ".join(codes))  # for a reload
            return shown_once
        return self.page(request, visitor, trip, step, faults)

    def page(
        self,
        request: Request,
        visitor: Visitor | None,
        trip: Trip,
        template: str,
        faults: Faults | None = None,
        **context: Any,
    ) -> Response:
        """Return one of the sign-in templates; 422 when there are faults."""
        return self._at.pages.render(
            request,
            f"signin/{template}.html",
            422 if faults else 200,
            person=visitor.user if visitor else None,
            forms_to=self._gate.returns.ends_at(trip.to),
            trip=trip,
            faults=faults or {},
            back=trip.at("/signin"),
            **{"visitor": visitor, **context},
        )

    async def _new_code(self, user: User, seed: str) -> dict[str, Any]:
        """Return what the enrolment page shows; the same seed again after a mistyped code."""
        if not seed:
            seed = (await self._at.accounts.begin_totp(user.id)).secret
        address = totp.uri(seed, self._at.settings.site.name, user.email)
        return {"seed": seed, "qr": qr(address), "uri": address}

    def _known_name(self, visitor: Visitor | None, trip: Trip) -> str:
        complete = visitor and flow.complete(visitor.standing, self._at.clock.now())
        return visitor.user.name if visitor and complete else trip.hint

    def throttled(self, request: Request, seconds: float) -> str:
        """Say how long to wait."""
        language = self._at.pages.language(request)
        wait = times.span(seconds, language)
        return self._at.pages.say(request, "signin.throttled", wait=wait)

    def wrong(self, request: Request, reason: Reason) -> str:
        """Say why it was not taken."""
        return words(reason, self._at.pages.language(request))


def qr(text: str) -> Markup:
    """Return a QR code of ``text`` as an inline SVG element."""
    return Markup(segno.make(text, error="m").svg_inline(omitsize=True, border=3))  # noqa: S704 - segno escapes, draws paths only
