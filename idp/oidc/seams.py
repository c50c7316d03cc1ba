"""What the provider asks of its neighbours, as Protocols: the vault, the sign-in pages, the sign-ins, the judge."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response

from idp.judgement import Judgement
from idp.signin.flow import Demand
from kernel.authority import Subject, SubjectKey
from kernel.ports import Reader
from kernel.records.sessions import SignIn
from policies.model import Decision


class Vault(Protocol):
    """Keeps secrets unreadable at rest. ``context`` binds a sealed text to its place, ``purpose`` a digest to a use."""

    def seal(self, text: str, context: str) -> str:
        """Return ``text`` encrypted and bound to ``context``."""
        ...

    def open(self, sealed: str, context: str) -> str:
        """Return what was sealed for ``context``; raises when either does not fit."""
        ...

    def digest(self, purpose: str, secret: str) -> str:
        """Return the keyed hash under which ``secret`` is found again."""
        ...


class SignInGate(Protocol):
    """The sign-in pages, as the provider sees them."""

    async def current(self, request: Request) -> SignIn | None:
        """Return the living sign-in that the request's cookie belongs to."""
        ...

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
        """Answer by sending the browser to sign in, and from there back to ``return_to`` (a path with its query).

        ``return_to`` is not the request's own address: what asked for a new sign-in is replaced in it, so that the
        browser does not go round for ever. ``prompt`` ``login`` asks for the password again though somebody is signed
        in, ``select_account`` for another person, ``acr`` (see ``idp.oidc.claims``) for a further factor.
        """
        ...

    async def proof_due(self, request: Request) -> bool:
        """Say whether the browser's device has to prove itself again; until then ``current`` is without it."""
        ...

    def to_proof(self, request: Request, to: str) -> Response:
        """Answer by sending the browser to prove its device, and from there to ``to``."""
        ...

    def to_sign_in(self, request: Request, demand: Demand, hint: str, to: str) -> Response:
        """Answer by sending the browser to show what ``demand`` wants, and from there to ``to``."""
        ...


class SignInEnder(Protocol):
    """The one doorway through which a sign-in ends (``idp.signins.SignIns``)."""

    async def end(self, signin_id: str, actor: str, reason: str) -> Any:
        """End the sign-in with its grants and route cookies, and queue the logout notices."""
        ...


class Judge(Protocol):
    """Decides by the policy in force (``idp.judge.Judge``)."""

    def judge(self, subject: Subject, service: str, address: str) -> Judgement:
        """Return what is said to one person, on one device, about one service, from one address."""
        ...

    def decide(self, subject: Subject, service: str, address: str) -> Decision:
        """Return the decision alone, where nothing is put on record."""
        ...

    async def record(self, judgement: Judgement) -> str:
        """Put a judgement on record; return the reference of a refusal."""
        ...


class Subjects(Protocol):
    """Gathers the facts behind a session (``idp.authority``)."""

    def __call__(self, tx: Reader, key: SubjectKey) -> Subject | None:
        """Return the facts, or None when the user is gone."""
        ...


class Pages(Protocol):
    """Draws pages and reads their forms (``idp.web.pages.Pages``)."""

    def render(
        self, request: Request, template: str, status: int = 200, *, forms_to: Iterable[str] = (), **context: Any
    ) -> Response:
        """Return ``template`` filled with ``context`` in the reader's language; its forms may end at ``forms_to``."""
        ...

    async def form(self, request: Request) -> Mapping[str, str]:
        """Return the form of a POST that our own page sent; raises ``idp.web.forms.BadForm`` for any other."""
        ...

    def problem(self, request: Request, status: int) -> Response:
        """Return the page for an HTTP error status."""
        ...
