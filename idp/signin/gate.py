"""The sign-in pages as the other rooms see them: who is signed in, may they enter, and how to send them to sign in.

A browser that has shown only some of its factors is nobody here (attack D6): ``current`` and ``visitor`` know complete
sign-ins alone.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from idp.judgement import Judgement
from idp.signin import flow
from idp.signin.flow import NOTHING_MORE, Demand
from idp.signin.lapsing import as_counted, lapsed, without_device
from idp.signin.neighbours import Neighbours
from idp.signin.refusal import Refusal, refusal_page
from idp.signin.returns import Returns
from idp.signin.standing import Visitor, read_visitor
from idp.signin.trip import Trip
from idp.web import cookies
from idp.web.peer import peer_of
from idp.web.place import here
from kernel.authority import Subject, SubjectKey
from kernel.reasons import Reason
from kernel.records.devices import Proof
from kernel.records.sessions import Factor, SignIn
from policies.lasting import last_seen, outlived
from policies.model import Limits, Outcome, Requirement

OURS = frozenset({"portal", "console"})
"""Services whose pages are the identity side's own."""

DEMANDS = {
    "urn:gatepost:acr:2": Demand(factors=(Factor.TOTP, Factor.RECOVERY)),
    "urn:gatepost:acr:3": Demand(factors=(Factor.TOTP, Factor.RECOVERY), device=True),
}
"""What must be shown to reach an authentication context (``idp.oidc.claims.ACR``)."""


class SignInGate:
    """Answers for the cookie of sign-ins."""

    def __init__(self, neighbours: Neighbours) -> None:
        self._at = neighbours
        self.returns = Returns(neighbours.settings.site.issuer, neighbours.settings.routes)

    async def begun(self, request: Request) -> Visitor | None:
        """Return whoever has begun to sign in at this browser, complete or not."""
        cookie = cookies.read(request, cookies.SIGNIN)
        signin = await self._at.signins.by_cookie(cookie) if cookie else None
        if signin is None:
            return None
        return await self._at.store.read(lambda tx: read_visitor(tx, signin))

    async def visitor(self, request: Request) -> Visitor | None:
        """Return who is signed in at this browser, or None."""
        visitor = await self.begun(request)
        if visitor is None or not flow.complete(visitor.standing, self._at.clock.now()):
            return None
        return visitor

    async def current(self, request: Request) -> SignIn | None:
        """Return the complete, living sign-in of this browser; without its device while the proof of it has lapsed."""
        visitor = await self.visitor(request)
        if visitor is None:
            return None
        return without_device(visitor.signin) if await self._lapsed(request, visitor.signin) else visitor.signin

    async def proof_due(self, request: Request) -> bool:
        """Say whether this browser's device has to prove itself again before it counts."""
        visitor = await self.visitor(request)
        return visitor is not None and await self._lapsed(request, visitor.signin)

    def to_proof(self, request: Request, to: str = "") -> Response:
        """Send the browser to let its key answer, and from there to ``to`` (default: back here)."""
        return RedirectResponse(Trip(self.returns.safe(to or here(request))).at("/signin/device"), 303)

    async def _lapsed(self, request: Request, signin: SignIn) -> bool:
        der, shown = peer_of(request).certificate, ""
        if signin.proof is Proof.CERTIFICATE and der:
            found = await self._at.store.read(lambda tx: self._at.devices.by_certificate(tx, der))
            shown = "" if isinstance(found, Reason) else found[0].id
        navigates = request.headers.get("sec-fetch-mode", "navigate") == "navigate" and request.method != "POST"
        return lapsed(signin, shown, navigates, self._at.clock.now())

    def to_sign_in(self, request: Request, demand: Demand = NOTHING_MORE, hint: str = "", to: str = "") -> Response:
        """Send the browser to sign in, or to show what is demanded, and from there to ``to`` (default: back here)."""
        trip = Trip(self.returns.safe(to or here(request)), demand, hint)
        return RedirectResponse(trip.at("/signin"), 303)

    async def redirect_to_sign_in(
        self,
        request: Request,
        *,
        prompt: str = "",
        max_age: int | None = None,
        acr: str = "",
        login_hint: str = "",
        ui_locales: str = "",
        return_to: str = "",
    ) -> Response:
        """Send the browser to sign in as an OpenID Connect request wants it; see ``idp.oidc.seams.SignInGate``."""
        del ui_locales  # the person's own choice and their browser's languages come first
        demand = DEMANDS.get(acr, Demand())
        now = self._at.clock.now()
        again = "login" in prompt.split() or "select_account" in prompt.split()
        since = now if again else max(0.0, now - max_age) if max_age is not None else 0.0
        demand = Demand(demand.factors, demand.within, since=since, device=demand.device)
        return self.to_sign_in(request, demand, login_hint[:254], return_to)

    async def fresh(self, request: Request, to: str = "") -> Visitor | Response:
        """Return the visitor when everything they have was shown in the last ten minutes, else the way there (D9)."""
        visitor = await self.visitor(request)
        if visitor is None:
            return self.to_sign_in(request, flow.FULL_AND_RECENT, to=to)
        step = flow.next_step(visitor.standing, flow.FULL_AND_RECENT, self._at.clock.now())
        return visitor if step is flow.Step.DONE else self.to_sign_in(request, flow.FULL_AND_RECENT, to=to)

    async def admit(self, request: Request, service: str, to: str = "") -> Visitor | Response:
        """Return the visitor when the policy lets them use ``service`` of ours; else what to answer instead: the way to
        sign in, to the missing factor, or the page that explains the refusal. ``to``: where a GET may come back to."""
        visitor = await self.visitor(request)
        if visitor is None:
            return self.to_sign_in(request, to=to)
        address = peer_of(request).address
        subject = await self._at.store.read(lambda tx: self._at.subjects(tx, subject_key(visitor.signin)))
        if subject is None or subject.fallen:
            await self._at.signins.end(visitor.signin.id, visitor.actor, Reason.SIGNIN_ENDED)
            return self.to_sign_in(request, to=to)
        judged = self._at.judge.judge(subject, service, address)
        decision = judged.decision
        if judged.allowed:
            if not await self._lasts(subject, service, decision.limits):
                again = Demand(full=True, within=flow.RECENT, since=self._at.clock.now())
                return self.to_sign_in(request, again, to=to)
            # The door is open; but is it this browser that the device's key once stood for?
            if not await self._lapsed(request, visitor.signin):
                return await self._familiar(await self._entered(visitor, judged))
            bare = as_counted(subject, without_device(visitor.signin))
            judged = self._at.judge.judge(bare, service, address)
            return await self._entered(visitor, judged) if judged.allowed else self.to_proof(request, to)
        if decision.outcome is Outcome.STEP_UP and decision.require:
            return self.to_sign_in(request, demand_of(decision.require), to=to)
        reference = await self._at.judge.record(judged)
        refusal = Refusal(visitor, subject.device, service, decision, reference, to or here(request))
        return refusal_page(self._at.pages, request, refusal)

    async def _entered(self, visitor: Visitor, judged: Judgement) -> Visitor:
        """Put on record who uses our own pages; of other services, whoever carries them does so."""
        if judged.facts.service in OURS:
            await self._at.judge.entered(judged)
        return visitor

    async def _familiar(self, visitor: Visitor) -> Visitor:
        """Whom the policy lets in, from there and on that device, is expected from there the next time."""
        if not visitor.signin.learnt:
            await self._at.signins.learn(visitor.signin)
        return visitor

    async def _lasts(self, subject: Subject, service: str, limits: Limits) -> bool:
        """Say whether the rule's limits on time leave this sign-in good; being here counts as having done something."""
        now = self._at.clock.now()
        if outlived(limits, subject, service, now) is not None:
            return False
        if limits.idle is not None and abs(now - last_seen(subject, service)) > limits.idle / 5:
            await self._at.signins.seen(subject.key.signin_id, service)
        return True


def subject_key(signin: SignIn) -> SubjectKey:
    """Return what a session of our own pages stands on."""
    return SubjectKey(signin.user_id, signin.device_id, signin.proof, signin.id)


def demand_of(require: Requirement) -> Demand:
    """Return the demand that a policy's requirement makes of a sign-in."""
    return Demand(require.factors, require.within)
