"""What an application is told of the person: a signed identity, mapped fields, and a token for mail where it needs one.

Asked for once per session and kept until shortly before it expires, or until the facts behind the session change.
"""

import asyncio
from collections.abc import Callable

from kernel.authority import MintOrder, Subject
from kernel.problems import Refused, Unavailable
from proxy.web.head import Field
from proxy.web.house import WebHouse
from proxy.web.request import Added, safe_text
from proxy.web.sessions import WebSession

EARLY = 30.0
"""Seconds before its end at which an identity is renewed."""
MAIL_TOKEN = ""
"""The backend whose login is a token for our own mail gateways, see ``Authority.mint``."""


class Identity:
    """Fetches and renders identities. A session that waits for one has all its requests wait for the same."""

    def __init__(self, web: WebHouse) -> None:
        self._web = web
        self._tasks: set[asyncio.Task[None]] = set()

    def ensure(self, session: WebSession, then: Callable[[bool], None]) -> None:
        """Call ``then(True)`` once the session's identity is good, at once if it is; ``then(False)`` when none came."""
        if session.fresh and self._web.clock.monotonic() < session.identity_until:
            then(True)
            return
        session.waiting.append(then)
        if len(session.waiting) > 1:
            return
        task = self._web.reactor.loop.create_task(self._fetch(session))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def added(self, session: WebSession, address: str) -> Added:
        """Return what is added to the requests of a session."""
        route = session.place.route
        origin = self._web.upstreams[route.name].origins[0]
        host = session.place.host.encode()
        own = frozenset(name.lower().encode("ascii") for name in route.headers)
        asked = host if route.preserve_host else origin.host
        return Added(asked, address.encode(), host, session.identity, self.said(session), own)

    def said(self, session: WebSession) -> tuple[Field, ...]:
        """Return the fields that tell the application more than the signed identity: mapped ones, and mail's token."""
        headers, subject = session.place.route.headers, session.lease.subject
        mapped = tuple((name.encode("ascii"), _fact(fact, subject)) for name, fact in headers.items())
        return (*mapped, (b"X-Gatepost-Mail-Token", session.mail_token)) if session.mail_token else mapped

    async def _fetch(self, session: WebSession) -> None:
        good = False
        try:
            good = await self._fetch_once(session)
        except (Unavailable, Refused):
            good = False
        except Exception as fault:
            self._web.guard.fault("web", f"identity: {type(fault).__name__}: {fault}")
        waiting, session.waiting = session.waiting, []
        for then in waiting:
            then(good)

    async def _fetch_once(self, session: WebSession) -> bool:
        lease, clock = session.lease, self._web.clock
        subject = lease.subject
        token, until = await self._web.authority.assertion(subject.key, lease.session, lease.service)
        seconds = until - clock.now() - EARLY
        if session.place.route.mail_token and subject.key.signin_id:  # a certificate alone hands on no mail
            order = MintOrder(MAIL_TOKEN, subject.key, lease.session, lease.service, lease.address)
            login = await self._web.authority.mint(order)
            session.mail_token = safe_text([login.secret])
            seconds = min(seconds, login.good_until - clock.now() - EARLY)
        session.identity = token.encode("ascii")
        session.identity_for = subject
        session.identity_until = clock.monotonic() + max(0.0, seconds)
        session.stamp = object()
        return True


def _fact(fact: str, subject: Subject) -> bytes:
    """Return one fact for a mapped field; a name that is none of ours says nothing."""
    user, device = subject.user, subject.device
    known = {
        "email": [user.email],
        "name": [user.display_name or user.name],
        "user": [user.name],
        "id": [user.id],
        "groups": sorted(user.groups),
        "device": [device.name if device is not None else ""],
        "language": [user.language],
    }
    return safe_text(known.get(fact, []))
