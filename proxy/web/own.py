"""The few addresses that are ours on every web host, all below ``/.gatepost/``."""

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from kernel.authority import Attempt
from kernel.problems import Unavailable
from kernel.reasons import Reason, words
from proxy.admission import Admission
from proxy.web import answers, cookies
from proxy.web.answers import Answer, Telling
from proxy.web.client import Client
from proxy.web.handover import finish_state
from proxy.web.hearing import Heard
from proxy.web.house import WebHouse
from proxy.web.routes import Place
from proxy.web.style import PATH

if TYPE_CHECKING:
    from proxy.web.entry import Entry

LONGEST_TICKET = 512


class Own:
    """Serves them. What is not among them is not found."""

    def __init__(self, web: WebHouse, entry: "Entry") -> None:
        self._web = web
        self._entry = entry
        self._pages: dict[bytes, Callable[[Client, Heard], None]] = {
            PATH.encode(): self._style,
            b"/.gatepost/healthz": self._health,
            b"/.gatepost/keys": self._keys,
            b"/.gatepost/return": self._return,
            b"/.gatepost/signout": self._sign_out,
        }
        self._task: object = None

    @staticmethod
    def certificate(der: bytes) -> bytes:
        """Return a client certificate as the identity side reads it."""
        return base64.b64encode(der)

    def serve(self, client: Client, heard: Heard) -> None:
        """Answer a request for one of our own addresses."""
        serve = self._pages.get(client.path)
        if serve is None:
            client.answer(answers.page(404, Telling("unknown", self._entry.language(client))))
        elif client.method not in (b"GET", b"HEAD"):
            client.answer(answers.data(405, {"error": "method"}, b"Allow: GET, HEAD"))
        else:
            serve(client, heard)

    def _style(self, client: Client, heard: Heard) -> None:
        client.answer(answers.stylesheet())

    def _health(self, client: Client, heard: Heard) -> None:
        """Say whether this proxy lets anybody in: 200, or 503 with what is wrong."""
        follower = self._web.guard.follower
        trouble = self._web.guard.trouble()
        content: dict[str, object] = {
            "status": "ok" if trouble is None else trouble.value,
            "policy": follower.policy.revision if follower.policy is not None else 0,
            "change": follower.number,
        }
        client.answer(answers.data(200 if trouble is None else 503, content))

    def _keys(self, client: Client, heard: Heard) -> None:
        serial = client.serial

        async def fetch() -> None:
            try:
                answer = Answer(200, (await self._web.authority.keys()).encode(), "application/json")
            except Unavailable:
                answer = answers.data(503, {"error": Reason.AUTHORITY.value})
            if client.at(serial):
                client.answer(answer)

        self._task = self._web.reactor.loop.create_task(fetch())

    def _return(self, client: Client, heard: Heard) -> None:
        """Take the ticket of a browser that comes back with the state it left with, and of no other."""
        ticket, state = _asked(client.query)
        for place in self._web.table.on(heard.host):
            held = heard.cookies.get(cookies.state_cookie(place.route.name), "")
            to = finish_state(state, held)
            if to is not None and ticket and len(ticket) <= LONGEST_TICKET:
                self._redeem(client, heard, place, ticket, state, to)
                return
        telling = Telling("signin", self._entry.language(client), onward="/", label="again")
        client.answer(answers.page(403, telling))

    def _redeem(self, client: Client, heard: Heard, place: Place, ticket: str, state: str, to: str) -> None:
        serial, name = client.serial, place.route.name
        attempt = Attempt(name, heard.address, ticket=ticket, state=state, route=name, client=heard.agent)

        def admitted(admission: Admission) -> None:
            if not client.at(serial):
                return
            fields = [b"Set-Cookie: " + cookies.removed(cookies.state_cookie(name))]
            if admission.cookie:
                value = cookies.written(cookies.session_cookie(name), admission.cookie, place.route.session)
                fields.append(b"Set-Cookie: " + value)
            if admission.admitted:
                client.answer(answers.redirect(to, *fields))
                return
            # No redirect from here, whatever the reason: two sides that disagree would send the browser round for ever.
            language = admission.subject.user.language if admission.subject is not None else ""
            language = language or self._entry.language(client)
            reason = admission.reason or Reason.FAULT
            said = admission.words or words(reason, language)
            telling = Telling("denied", language, said, admission.reference, admission.link, to, "again")
            client.answer(answers.page(503 if not admission.link else 403, telling, *fields))

        self._web.guard.admit(attempt, admitted)

    def _sign_out(self, client: Client, heard: Heard) -> None:
        """Forget the browser here, and lead it to where its sign-in ends. Not for pages of other sites to call."""
        site = heard.block.first(b"sec-fetch-site")
        if site not in (b"", b"none", b"same-origin", b"same-site"):
            client.answer(answers.data(403, {"error": "origin"}))
            return
        fields = []
        for place in self._web.table.on(heard.host):
            name = cookies.session_cookie(place.route.name)
            cookie = heard.cookies.get(name)
            if cookie is not None:
                known = self._web.sessions.cookie(place.route.name, cookie)
                session = self._web.sessions.find(self._web.sessions.name(known, heard.address, client.certificate))
                if session is not None:
                    session.leave()
            fields.append(b"Set-Cookie: " + cookies.removed(name))
        client.answer(answers.redirect(f"{self._web.site.issuer.rstrip('/')}/oauth2/logout", *fields))


def _asked(query: bytes) -> tuple[str, str]:
    """Return ticket and state of a query; of one that is not ours, which anybody may send, neither."""
    try:
        asked = parse_qs(query[1:].decode("ascii"), max_num_fields=20)
    except ValueError:
        return "", ""
    return asked.get("ticket", [""])[-1], asked.get("state", [""])[-1]
