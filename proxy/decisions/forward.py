"""Judges requests that a proxy of others' holds: who comes with a good cookie of the route may go on, with their
identity beside; everybody else is led to sign in, or told why not.

A session that is known costs looks into memory and comparisons, as on our own ways in. What is allowed goes on unseen
by us: an exchange under way, or a WebSocket, is the enforcer's, and ends there when it ends.
"""

from dataclasses import dataclass

from kernel.authority import Attempt
from kernel.reasons import OURS, Reason, words
from policies.model import Limits
from proxy.admission import Admission, Verdict
from proxy.decisions.asked import Style, read_asked
from proxy.decisions.enforcers import Enforcers, Known
from proxy.decisions.mail import MAIL, MailLogins
from proxy.decisions.strangers import Strangers
from proxy.web import answers
from proxy.web.answers import Answer, Telling
from proxy.web.client import Client
from proxy.web.cookies import without_ours
from proxy.web.entry import Entry, status_of
from proxy.web.head import Bad
from proxy.web.hearing import Heard, client_address
from proxy.web.house import WebHouse
from proxy.web.routes import OWN_PREFIX, Place
from proxy.web.sessions import WebSession
from proxy.whereabouts import Networks

SECRET = b"x-gatepost-enforcer"
"""The field in which an enforcer shows its secret."""

MOST_PLACES = 10_000
"""How many readings of X-Forwarded-For a process remembers: clients come again and again."""

LEADING = frozenset((b"/.gatepost/return", b"/.gatepost/signout"))
"""Addresses of ours that never answer 200, which an enforcer would take for leave to let the request through."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks about the request at hand, and what becomes of the answer."""

    enforcer: str
    style: Style


class ForwardEntry(Entry):
    """The judge of requests at the listeners for decisions."""

    def __init__(
        self, web: WebHouse, enforcers: Enforcers, mail: MailLogins, strangers: Strangers, proxies: Networks
    ) -> None:
        """``proxies`` are the trusted ones that may stand between the client and an enforcer."""
        super().__init__(web)
        self._enforcers, self._mail, self._strangers, self._proxies = enforcers, mail, strangers, proxies
        self._places: dict[tuple[str, str, bytes], str] = {}

    def judge(self, client: Client, heard: Heard) -> None:
        """Settle what an enforcer is told."""
        peer, shown = client.channel.peer, client.channel.certificate
        known = self._enforcers.who(peer, heard.block.all(SECRET), shown)
        client.certificate = b""  # it proved the enforcer, and is no device's
        if known is None:
            self._strangers.seen(peer)
            client.answer(answers.data(401, {"error": "enforcer"}))
        elif client.path == MAIL:
            self._mail.ask(client, heard.block, known.enforcer)
        else:
            self._about(client, heard, known)

    def _about(self, client: Client, heard: Heard, known: Known) -> None:
        """Put the request that is asked about in the place of the one that asks, and judge it."""
        asked = read_asked(client.method, client.path, client.query, heard.host, heard.block)
        heard.address = self._whereabouts(client, heard, known)
        if asked is None:
            self._visited(client, heard, known)
            return
        heard.asked, heard.host = Asking(known.enforcer.name, asked.style), asked.host
        heard.upgrades = heard.upgrades or heard.block.first(b"sec-websocket-key") != b""
        client.path, client.query = asked.path, asked.query
        if client.method != b"HEAD":
            client.method = asked.method
        place = self._web.table.find(heard.host, client.path)
        if place is None or known.enforcer.name not in place.route.enforcers:
            self._nothing_here(client)
        elif not client.path.startswith(OWN_PREFIX):
            self._application(client, heard)
        elif asked.style is Style.ANSWER and client.path in LEADING:
            self._own.serve(client, heard)
        else:
            self._nothing_here(client)

    def _visited(self, client: Client, heard: Heard, known: Known) -> None:
        """Serve our own addresses on the application's host, to which the enforcer leads the client through."""
        heard.asked = Asking(known.enforcer.name, Style.PAGE)
        places = self._web.table.on(heard.host)
        ours = any(known.enforcer.name in place.route.enforcers for place in places)
        if ours and client.path.startswith(OWN_PREFIX):
            self._own.serve(client, heard)
        else:
            self._nothing_here(client)

    def _nothing_here(self, client: Client) -> None:
        client.answer(answers.page(404, Telling("unknown", self.language(client))))

    def _whereabouts(self, client: Client, heard: Heard, known: Known) -> str:
        """Return where the client is, by the word of the enforcer: without one, all of them would be where it is."""
        told = b",".join(heard.block.all(b"x-forwarded-for"))
        if not told:
            raise Bad(400, "the enforcer does not say where the client is")
        key = (known.enforcer.name, client.channel.peer, told)
        place = self._places.get(key)
        if place is None:
            if len(self._places) >= MOST_PLACES:
                self._places.clear()
            place = client_address(client.channel.peer, heard.block, (*known.networks, *self._proxies))
            self._places[key] = place
        return place

    def _attempt(self, client: Client, place: Place, heard: Heard, cookie: str) -> Attempt:
        name, through = place.route.name, asking(heard).enforcer
        return Attempt(name, heard.address, cookie=cookie, route=name, client=f"{heard.agent} (through {through})")

    def _admitted(
        self, client: Client, heard: Heard, place: Place, name: bytes, cookie: str, admission: Admission
    ) -> None:
        decision, subject = admission.decision, admission.subject
        if admission.admitted and decision is not None and subject is not None and not kept(decision.limits):
            said = words(Reason.LIMITS, subject.user.language)
            verdict = Verdict(Reason.LIMITS, said, decision)
            self._web.guard.record(
                admission.session,
                admission.service,
                admission.address,
                subject,
                verdict,
                again=True,
                client=heard.agent,
            )
            self.refuse(client, Reason.LIMITS, said, place, language=subject.user.language)
            return
        super()._admitted(client, heard, place, name, cookie, admission)

    def _pass(self, client: Client, heard: Heard, session: WebSession) -> None:
        """Tell the enforcer to let the request through, and what to tell the application."""
        if not kept(session.lease.decision.limits):
            self.refuse(client, Reason.LIMITS, words(Reason.LIMITS, self.language(client)), session.place)
            return
        session.touch(self._deadlines.now)
        if asking(heard).style is Style.PAGE:
            # It was refused a moment ago. No redirect: two that disagree would send the browser round for ever.
            telling = Telling("troubled", self.language(client), onward=self.here(client), label="again")
            client.answer(answers.page(503, telling))
            return
        rest = b"; ".join(filter(None, map(without_ours, heard.block.all(b"cookie"))))
        fields = [b"X-Gatepost-Identity: " + session.identity, b"Cookie: " + rest]
        fields += (name + b": " + value for name, value in self._identity.said(session))
        client.answer(Answer(200, fields=tuple(fields)))

    def _upgrade(self, client: Client, heard: Heard, session: WebSession, cookie: str) -> None:
        """A handshake for a WebSocket is judged as it comes, and must be a page's of the application itself: a foreign
        one would bring the cookie too."""
        origin = heard.block.first(b"origin")
        if origin and origin.lower() != b"https://" + session.place.host.encode():
            client.answer(answers.data(403, {"error": "origin"}))
        else:
            self._pass(client, heard, session)

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
        """Refuse: by a bare status where that is all that is read of it, else as everywhere."""
        heard = client.heard
        if heard is not None and asking(heard).style is Style.VERDICT:
            told: dict[str, object] = {"error": reason.value, "reference": reference}
            client.answer(answers.data(_verdict(reason), told))
            return
        super().refuse(client, reason, said, place, reference, link, fields, language)


def asking(heard: Heard) -> Asking:
    """Return who asks, and how; a request that was not read so far has nobody to tell."""
    return heard.asked if isinstance(heard.asked, Asking) else Asking("", Style.ANSWER)


def kept(limits: Limits) -> bool:
    """Say whether asking before each request keeps these limits: those on time, and none on what an answer holds."""
    return limits == Limits(session=limits.session, idle=limits.idle)


def _verdict(reason: Reason) -> int:
    """nginx knows 401 and 403; all else is to it a trouble of ours, and no access."""
    status = status_of(reason)
    return 503 if reason in OURS else 401 if status == 401 else 403
