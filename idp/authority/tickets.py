"""Spends the one-time ticket that brings a browser from the identity pages to a web route, for a route cookie."""

import hmac
from collections.abc import Mapping

from idp.authority.credentials import No, browser
from idp.authority.ports import Digester
from idp.authority.subjects import Subjects
from idp.signins import alive
from idp.signins.secrets import ROUTE, TICKET, digest_of
from idp.signins.seeing import see
from kernel.authority import Attempt, Verified
from kernel.chance import Chance, secret
from kernel.clock import Clock
from kernel.ports import Writer
from kernel.reasons import Reason
from kernel.records.sessions import RouteCookie, SignIn, Ticket

EXPIRED = No(Reason.SIGNIN_NEEDED, guess=False)


class Tickets:
    """``routes`` maps each web route's name to the seconds that its cookies live."""

    def __init__(
        self, vault: Digester, subjects: Subjects, clock: Clock, chance: Chance, routes: Mapping[str, float]
    ) -> None:
        self._vault, self._subjects, self._clock, self._chance = vault, subjects, clock, chance
        self._routes = routes

    def redeem(self, tx: Writer, attempt: Attempt) -> Verified | No:
        """Take the ticket, whoever shows it, and admit only the browser whose state it was made for, at its route."""
        digest = digest_of(self._vault, TICKET, attempt.ticket)
        ticket = tx.take(Ticket, digest) if digest else None
        now = self._clock.now()
        if ticket is None or ticket.expires_at <= now:
            return EXPIRED
        if ticket.route != attempt.route or not _same(ticket.state, attempt.state):
            return No(Reason.SIGNIN_NEEDED)
        signin = tx.get(SignIn, ticket.signin_id)
        if signin is None or not alive(signin, now) or ticket.route not in self._routes:
            return EXPIRED
        return self._enter(tx, signin, ticket.route, now)

    def _enter(self, tx: Writer, signin: SignIn, route: str, now: float) -> Verified | No:
        cookie = secret(self._chance)
        expires = min(signin.expires_at, now + self._routes[route])
        tx.insert(RouteCookie(self._vault.digest(ROUTE, cookie), signin.id, route, expires))
        see(tx, signin.id, route, now)
        subject = self._subjects(tx, browser(signin))
        return EXPIRED if subject is None else Verified(subject, expires, cookie=cookie)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
