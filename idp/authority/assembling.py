"""Puts the answering side together from its neighbours, in one place, for the wiring and for tests."""

from collections.abc import Collection, Sequence

from idp.approvals.approvals import Approvals
from idp.authority.answers import Answers
from idp.authority.credentials import Credentials
from idp.authority.live import LiveSessions
from idp.authority.minting import Minting
from idp.authority.narrowing import NarrowingPasswords
from idp.authority.ports import AppPasswords, Certificates, Digester, Signer, Stored, Tokens
from idp.authority.refusing import Refusing
from idp.authority.subjects import Subjects
from idp.authority.tickets import Tickets
from idp.authority.usage import Usage
from idp.authority.with_code import Accounts, PasswordWithCode
from kernel.chance import Chance
from kernel.clock import Clock
from kernel.config.settings import Backend, Route
from kernel.geography import Geography, Nowhere
from kernel.ports import Store
from kernel.records.pins import Narrowing


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
    geography: Geography | None = None,
    pin: Collection[str] = (),
    with_code: Accounts | None = None,
    stored: Stored,
) -> Answers:
    """Return the Authority. ``app_passwords`` is an Accounts, ``certificates`` a Devices; ``pin``: names of
    ``kernel.records.pins.Narrowing``."""
    subjects = Subjects(clock)
    narrowing = NarrowingPasswords([Narrowing(name) for name in pin], geography or Nowhere(), clock)
    return Answers(
        store,
        Credentials(app_passwords, certificates, tokens, vault, subjects, clock, narrowing),
        Tickets(vault, subjects, clock, chance, {route.name: route.session for route in routes}),
        Refusing(vault, clock, chance),
        subjects,
        Minting(backends, tokens, keys, issuer, clock, chance, stored),
        LiveSessions(store, clock),
        Usage(store, clock),
        clock,
        Approvals(store, subjects, clock, chance),
        PasswordWithCode(with_code, store, subjects) if with_code is not None else None,
    )
