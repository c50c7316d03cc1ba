"""Logins that nginx's mail proxy asks about: verified, judged and recorded as at our own ways in, and handed what opens
the mail server.

Whom it lets in is nginx's from then on: such a session is not ours to judge again or to end, so a rule with limits,
which nobody would keep, lets nobody in here.
"""

from collections.abc import Callable

from kernel.authority import Attempt, MintOrder, Subject, UpstreamLogin
from kernel.config.settings import Backend, Bounds, Endpoint, Enforcer
from kernel.reasons import Reason, words
from policies.model import Limits
from proxy.admission import Admission, Verdict
from proxy.decisions import auth_http
from proxy.decisions.auth_http import Login, Reply, Unreadable
from proxy.guard import Guard
from proxy.relays.house import Minter
from proxy.web.client import Client
from proxy.web.head import Block

MAIL = b"/mail-auth"
Then = Callable[[Reply], None]


class MailLogins:
    """Answers ``/mail-auth``."""

    def __init__(self, guard: Guard, minter: Minter, backends: tuple[Backend, ...], bounds: Bounds) -> None:
        self._guard, self._minter, self._bounds = guard, minter, bounds
        self._domains = {backend.name: backend.domains for backend in backends}

    def ask(self, client: Client, block: Block, enforcer: Enforcer) -> None:
        """Answer one question of ``enforcer``."""
        serial = client.serial

        def then(reply: Reply) -> None:
            if client.at(serial):
                client.answer(reply)

        try:
            login = auth_http.read_login(block)
        except Unreadable:
            then(auth_http.unreadable(block.first(b"auth-protocol").decode("latin-1")))
            return
        self._guard.admit(_attempt(login, enforcer), lambda admission: self._admitted(login, enforcer, admission, then))

    def _admitted(self, login: Login, enforcer: Enforcer, admission: Admission, then: Then) -> None:
        if not admission.admitted or admission.subject is None or admission.decision is None:
            then(auth_http.refusal(login.protocol, admission, login.attempt <= self._bounds.errors))
            return
        if admission.decision.limits != Limits():
            self._unheld(admission)
            then(auth_http.refused(login.protocol, Reason.LIMITS))
            return
        found = self._server(login, enforcer, admission.subject)
        if found is None:
            self._guard.fault("decisions", f"enforcer `{enforcer.name}` has no {login.protocol} server for a user")
            then(auth_http.refused(login.protocol, Reason.UPSTREAM))
            return
        backend, server = found
        order = MintOrder(backend, admission.subject.key, admission.session, login.service, admission.address)
        self._minter.mint(order, lambda minted: then(self._welcome(login, server, minted)))

    def _welcome(self, login: Login, server: Endpoint, minted: UpstreamLogin | Exception) -> Reply:
        if isinstance(minted, Exception):
            return auth_http.refused(login.protocol, Reason.AUTHORITY)
        try:
            return auth_http.welcome(minted, server)
        except ValueError as fault:
            self._guard.fault("decisions", str(fault))
            return auth_http.refused(login.protocol, Reason.FAULT)

    def _server(self, login: Login, enforcer: Enforcer, subject: Subject) -> tuple[str, Endpoint] | None:
        """Return the backend and its server: the first for the user's domain, else the first for everybody."""
        domain = subject.user.email.rpartition("@")[2]
        general: tuple[str, Endpoint] | None = None
        for servers in enforcer.mail:
            server, domains = auth_http.server_of(servers, login.protocol), self._domains.get(servers.backend, ())
            if server is not None and domain in domains:
                return servers.backend, server
            if server is not None and not domains and general is None:
                general = servers.backend, server
        return general

    def _unheld(self, admission: Admission) -> None:
        """Put on record that somebody whom a rule lets in was refused all the same."""
        subject = admission.subject
        if subject is not None:
            verdict = Verdict(Reason.LIMITS, words(Reason.LIMITS, subject.user.language), admission.decision)
            told = (admission.session, admission.service, admission.address, subject, verdict)
            self._guard.record(*told, again=True, client=admission.client)


def _attempt(login: Login, enforcer: Enforcer) -> Attempt:
    return Attempt(
        login.service,
        login.address,
        login.name,
        login.password,
        login.token,
        certificate=login.certificate,
        client=f"(through {enforcer.name})",
    )
