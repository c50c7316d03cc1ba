"""Puts the answering side together from its neighbours, in one place, for the wiring and for tests."""

from collections.abc import Sequence

from idp.authority.answers import Answers
from idp.authority.credentials import Credentials
from idp.authority.live import LiveSessions
from idp.authority.minting import Minting
from idp.authority.ports import AppPasswords, Certificates, Digester, Signer, Tokens
from idp.authority.refusing import Refusing
from idp.authority.subjects import Subjects
from idp.authority.tickets import Tickets
from idp.authority.usage import Usage
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.config.settings import Backend, Route
from kernel.ports import Store


def answers(
    store: Store,
    vault: Digester,
    clock: Clock,
    chance: Chance,
    *,
    app_passwords: AppPasswords,
    certificates: Certificates,
    tokens: Tokens,
    keys: Signer,
    issuer: str,
    routes: Sequence[Route],
    backends: Sequence[Backend],
) -> Answers:
    """Return the Authority. ``app_passwords`` is an Accounts, ``certificates`` a Devices."""
    subjects = Subjects(clock)
    return Answers(
        store,
        Credentials(app_passwords, certificates, tokens, vault, subjects, clock),
        Tickets(vault, subjects, clock, chance, {route.name: route.session for route in routes}),
        Refusing(vault, clock, chance),
        subjects,
        Minting(backends, tokens, keys, issuer, clock, chance),
        LiveSessions(store, clock),
        Usage(store, clock),
        clock,
    )
