"""Who may ask: programs with a token of our provider for it (RFC 6750), each a few questions at a time."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from idp.oidc.machines import Program
from kernel.ports import Reader, Store

AUDIENCE = "authzen"
ASK, SEARCH = "authzen", "authzen-search"
"""The scopes: for questions, and for searches, which tell of people whom nobody asked about by name."""

LONGEST_TOKEN = 8192
AT_ONCE = 16
"""How many requests of one program are answered at once."""


class Checker(Protocol):
    """Checks tokens; see ``idp.oidc.machines.MachineTokens``."""

    def check(self, tx: Reader, token: str, audience: str = "") -> Program | None:
        """Return whose token it is, when it is good."""
        ...


class TurnedAway(Exception):
    """The asker may not ask, or not now. ``challenge`` is the WWW-Authenticate field of a 401 or 403."""

    def __init__(self, status: int, why: str, challenge: str = "") -> None:
        super().__init__(why)
        self.status, self.why, self.challenge = status, why, challenge


class ProgramGate:
    """Admits programs, and counts what each has under way."""

    def __init__(self, store: Store, tokens: Checker, issuer: str) -> None:
        self._store, self._tokens, self._issuer = store, tokens, issuer
        self._under_way: Counter[str] = Counter()

    async def admit(self, authorization: str, scope: str) -> Program:
        """Return who asks.

        Raises:
            TurnedAway: no good token (401), or one without ``scope`` (403).
        """
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise TurnedAway(401, "a bearer token is needed", f'Bearer realm="{self._issuer}"')
        program = None
        if len(token) <= LONGEST_TOKEN:
            program = await self._store.read(lambda tx: self._tokens.check(tx, token, AUDIENCE), small=True)
        if program is None:
            raise TurnedAway(401, "the token is not good", f'Bearer realm="{self._issuer}", error="invalid_token"')
        if scope not in program.scopes:
            challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
            raise TurnedAway(403, f"the token lacks scope `{scope}`", challenge)
        return program

    @contextmanager
    def turn(self, program: Program) -> Iterator[None]:
        """Hold one of the program's places while its request is answered.

        Raises:
            TurnedAway: it has none left (429).
        """
        if self._under_way[program.client_id] >= AT_ONCE:
            raise TurnedAway(429, f"at most {AT_ONCE} requests at once")
        self._under_way[program.client_id] += 1
        try:
            yield
        finally:
            self._under_way[program.client_id] -= 1
            if not self._under_way[program.client_id]:
                del self._under_way[program.client_id]
