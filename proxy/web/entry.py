"""Judges each request: our own pages, the identity pages, or an application and who may use it.

A request whose session is known and current passes by comparisons alone. All else goes the long way, which ends in
exactly one of: forwarded, answered, or the client gone meanwhile.
"""

from urllib.parse import urlencode

from kernel.authority import Attempt, Subject
from kernel.reasons import OURS, Reason, words
from kernel.records.devices import Proof
from proxy.admission import Admission
from proxy.lease import Lease
from proxy.web import answers, cookies
from proxy.web.answers import Answer, Telling
from proxy.web.client import Client
from proxy.web.handover import begin_state
from proxy.web.hearing import Heard
from proxy.web.house import WebHouse
from proxy.web.identity import Identity
from proxy.web.own import Own
from proxy.web.paths import own_path
from proxy.web.request import begun_elsewhere, for_application, for_pages, framing
from proxy.web.routes import OWN_PREFIX, Place
from proxy.web.sessions import WebSession

AGAIN = frozenset(
    {Reason.SIGNIN_NEEDED, Reason.CREDENTIALS, Reason.SIGNIN_ENDED, Reason.STEP_UP, Reason.SESSION_LIMIT, Reason.IDLE}
)
"""Reasons that signing in (again) would cure."""
SWITCH = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
STATE_SECONDS = 900.0


class Entry:
    """The judge of one process's web requests."""

    def __init__(self, web: WebHouse) -> None:
        self._web = web
        self._follower = web.guard.follower
        self._deadlines = web.reactor.deadlines
        self._identity = Identity(web)
        self._own = Own(web, self)
        self._issuer = web.site.issuer.rstrip("/")

    def judge(self, client: Client, heard: Heard) -> None:
        """Settle what becomes of the request at hand."""
        session = heard.session
        if session is not None and session.live:
            now = self._deadlines.now
            if now < session.usable_until and now < self._follower.confirmed_until and session.fresh:
                place = self._web.table.find(heard.host, client.path)
                if place is session.place and not heard.upgrades and not client.path.startswith(OWN_PREFIX):
                    self._pass(client, heard, session)
                    return
        self._judge(client, heard)

    def _judge(self, client: Client, heard: Heard) -> None:
        web = self._web
        if not web.table.knows(heard.host):
            client.answer(answers.page(421, Telling("unknown", self.language(client))))
        elif client.path.startswith(OWN_PREFIX):
            self._own.serve(client, heard)
        elif web.table.is_pages(heard.host, client.path):
            self._pages(client, heard)
        else:
            self._application(client, heard)

    def _pages(self, client: Client, heard: Heard) -> None:
        """Carry the request to the identity side, with what only we can know of the peer."""
        certificate = Own.certificate(client.certificate)
        host = self._web.table.issuer_host.encode()
        fields = for_pages(heard.block, host, heard.address.encode(), certificate) + framing(heard.block)
        client.forward(self._web.pages, fields, None, pages=True)

    def _application(self, client: Client, heard: Heard) -> None:
        place = self._web.table.find(heard.host, client.path)
        if place is None:
            client.answer(answers.page(404, Telling("unknown", self.language(client))))
            return
        route = place.route
        cookie = heard.cookies.get(cookies.session_cookie(route.name), "")
        if not cookie and (not client.certificate or begun_elsewhere(heard.block, heard.host)):
            self.refuse(client, Reason.SIGNIN_NEEDED, "", place)
            return
        sessions = self._web.sessions
        known = sessions.cookie(route.name, cookie)
        name = sessions.name(known, heard.address, client.certificate)
        session = sessions.find(name)
        if session is not None:
            session.place = place  # of the newest configuration
            self._with(client, heard, session, cookie)
            return
        serial = client.serial

        def admitted(admission: Admission) -> None:
            if not client.at(serial):
                return
            self._admitted(client, heard, place, name, cookie, admission)

        self._web.guard.admit(self._attempt(client, place, heard, cookie), admitted)

    def _attempt(self, client: Client, place: Place, heard: Heard, cookie: str) -> Attempt:
        """Return what a route cookie claims, with the device certificate where TLS has verified one: that may stand
        alone."""
        name, certificate = place.route.name, client.certificate
        return Attempt(name, heard.address, cookie=cookie, route=name, certificate=certificate, client=heard.agent)

    def _admitted(
        self, client: Client, heard: Heard, place: Place, name: bytes, cookie: str, admission: Admission
    ) -> None:
        if not admission.admitted and not cookie:  # a certificate alone did not do: signing in beside it may
            self.refuse(client, Reason.SIGNIN_NEEDED, "", place)
            return
        if not admission.admitted:
            self.refused(client, place, admission)
            return
        session = self._web.sessions.find(name)
        if session is None:
            session = self._web.sessions.open(name, place, lambda holder: Lease(admission, holder))
        self._with(client, heard, session, cookie)

    def _with(self, client: Client, heard: Heard, session: WebSession, cookie: str) -> None:
        """Let a known session's request through, once it is current, proven, and has its signed identity."""
        if not session.live:
            reason = session.lease.ended_for or Reason.FAULT
            self.refuse(client, reason, words(reason, self.language(client)), session.place)
        elif self._follower.stale:
            self.refuse(client, Reason.STALE, words(Reason.STALE, self.language(client)), session.place)
        elif self._overdue(session, client, heard):
            self._prove(client, heard, session)
        else:
            self._identified(client, heard, session, cookie)

    def _identified(self, client: Client, heard: Heard, session: WebSession, cookie: str) -> None:
        serial = client.serial

        def known(good: bool) -> None:
            if not client.at(serial):
                return
            if not session.live:
                reason = session.lease.ended_for or Reason.FAULT
                self.refuse(client, reason, words(reason, self.language(client)), session.place)
            elif not good:
                self.refuse(client, Reason.AUTHORITY, words(Reason.AUTHORITY, self.language(client)), session.place)
            elif heard.upgrades:
                self._upgrade(client, heard, session, cookie)
            else:
                session.usable_until = self._usable_until(session)
                heard.session = session
                self._pass(client, heard, session)

        self._identity.ensure(session, known)

    def _pass(self, client: Client, heard: Heard, session: WebSession) -> None:
        if heard.sent_for is not session.stamp:
            heard.sent = self._fields(client, heard, session) + framing(heard.block)
            heard.sent_for = session.stamp
        session.touch(self._deadlines.now)
        client.forward(self._web.upstreams[session.place.route.name], heard.sent, session)

    def _fields(self, client: Client, heard: Heard, session: WebSession) -> bytes:
        return for_application(heard.block, self._identity.added(session, heard.address))

    def _upgrade(self, client: Client, heard: Heard, session: WebSession, cookie: str) -> None:
        """A WebSocket is a session of its own, for a page of ours alone (a foreign origin brings the cookie too)."""
        place = session.place
        origin = heard.block.first(b"origin")
        if origin and origin.lower() != b"https://" + place.host.encode():
            client.answer(answers.data(403, {"error": "origin"}))
            return
        if client.method != b"GET" or client.minor == 0 or heard.with_body:
            client.answer(answers.data(400, {"error": "handshake"}))
            return
        serial = client.serial

        def admitted(admission: Admission) -> None:
            if not client.at(serial):
                return
            if not admission.admitted:
                self.refused(client, place, admission)
                return
            session.touch(self._deadlines.now)
            fields = self._fields(client, heard, session) + SWITCH
            client.upgrade(self._web.upstreams[place.route.name], fields, admission)

        self._web.guard.admit(self._attempt(client, place, heard, cookie), admitted)

    def _usable_until(self, session: WebSession) -> float:
        """Return until when (monotonic) requests may take the short way."""
        until = session.identity_until
        if self._proves(session):
            age = self._web.clock.now() - session.proved_at
            until = min(until, self._web.clock.monotonic() + session.place.route.prove_every - age)
        return until

    def _proves(self, session: WebSession) -> bool:
        return session.place.route.prove_every > 0 and session.lease.subject.key.proof is Proof.BROWSER_KEY

    def _overdue(self, session: WebSession, client: Client, heard: Heard) -> bool:
        """Say whether the browser's key must answer before this request passes. A page load can be bounced early;
        a form on its way, or a frame within a page, cannot, and passes until the bound."""
        if not self._proves(session):
            return False
        route = session.place.route
        session.proved_at = max(session.proved_at, session.lease.subject.proved_at)
        age = self._web.clock.now() - session.proved_at
        bounced = heard.top and client.method == b"GET"
        return (bounced and age > route.prove_every) or (route.prove_within > 0 and age > route.prove_within)

    def _prove(self, client: Client, heard: Heard, session: WebSession) -> None:
        """Look whether the key has answered meanwhile, and bounce the browser if it has not."""
        serial, place = client.serial, session.place

        def came(facts: Subject | Exception | None) -> None:
            if not client.at(serial):
                return
            if isinstance(facts, Exception):
                self.refuse(client, Reason.AUTHORITY, words(Reason.AUTHORITY, self.language(client)), place)
                return
            if facts is not None:
                session.proved_at = max(session.proved_at, facts.proved_at)
            if self._overdue(session, client, heard):
                self.refuse(client, Reason.PROOF_NEEDED, words(Reason.PROOF_NEEDED, self.language(client)), place)
            else:
                cookie = heard.cookies.get(cookies.session_cookie(place.route.name), "")
                self._with(client, heard, session, cookie)

        self._web.asker.facts(session.lease.subject.key, came)

    def refused(self, client: Client, place: Place, admission: Admission, *fields: bytes) -> None:
        """Answer what the guard refused."""
        reason = admission.reason or Reason.FAULT
        language = admission.subject.user.language if admission.subject is not None else ""
        self.refuse(client, reason, admission.words, place, admission.reference, admission.link, fields, language)

    def refuse(
        self,
        client: Client,
        reason: Reason,
        said: str,
        place: Place | None = None,
        reference: str = "",
        link: str = "",
        fields: tuple[bytes, ...] = (),
        language: str = "",
    ) -> None:
        """Refuse the request at hand: lead a person on where there is a way on, tell everybody else plainly."""
        heard, language = client.heard, language or self.language(client)
        person = heard is not None and heard.navigates
        onward: Answer | None = None
        if place is not None and person and client.method in (b"GET", b"HEAD"):
            onward = self._onward(client, reason, place)
        if onward is not None:
            client.answer(onward)
            return
        again = self.here(client) if reason in OURS else ""
        telling = Telling(_page(reason), language, said or words(reason, language), reference, link, again)
        client.answer(answers.refusal(telling, status_of(reason), reason, person=person, fields=fields))

    def _onward(self, client: Client, reason: Reason, place: Place) -> Answer | None:
        to, name = self.here(client), place.route.name
        if reason is Reason.PROOF_NEEDED:
            return answers.redirect(f"{self._issuer}/prove?{urlencode({'route': name, 'to': to})}")
        if reason not in AGAIN:
            return None
        held = client.heard.cookies.get(cookies.state_cookie(name), "") if client.heard is not None else ""
        state, cookie = begin_state(self._web.chance, held, to)
        query = urlencode({"route": name, "state": state, "to": to})
        set_cookie = b"Set-Cookie: " + cookies.written(cookies.state_cookie(name), cookie, STATE_SECONDS)
        return answers.redirect(f"{self._issuer}/enter?{query}", set_cookie)

    def here(self, client: Client) -> str:
        """Return where the client is, as a path to come back to."""
        return "/" if client.method not in (b"GET", b"HEAD") else own_path((client.path + client.query).decode("ascii"))

    def language(self, client: Client) -> str:
        """Return the language to answer in: the signed-in person's, the browser's, the site's."""
        heard = client.heard
        if heard is not None and heard.session is not None and heard.session.lease.subject.user.language:
            return heard.session.lease.subject.user.language
        return (heard.language if heard is not None else "") or self._web.site.language


def status_of(reason: Reason) -> int:
    """Return the HTTP status with which a reason refuses."""
    if reason in OURS:
        return 503
    if reason is Reason.THROTTLED:
        return 429
    return 401 if reason in AGAIN or reason is Reason.PROOF_NEEDED else 403


def _page(reason: Reason) -> str:
    if reason in OURS:
        return "troubled"
    return "signin" if reason in AGAIN or reason is Reason.PROOF_NEEDED else "denied"
