"""Links people to a backend: by the provider's consent (code with PKCE and state, RFC 7636, RFC 9700), or by a token or
secret that is handed over.

::

    begin --state, challenge--> provider --code, state, once, in ten minutes, in the same browser--> tokens --> sealed
"""

import base64
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

from idp.upstreams.asking import GrantOver, checked_token
from idp.upstreams.keeping import GrantKeeper
from idp.upstreams.tokens import UpstreamLogins
from idp.vault import Vault
from kernel.chance import Chance, secret
from kernel.clock import Clock
from kernel.config.backends import Backend, Ground, Login, Provider
from kernel.config.providers import resolved
from kernel.ports import Store, Writer
from kernel.problems import Missing, Refused
from kernel.records.people import User
from kernel.records.upstreams import UpstreamGrant, UpstreamLinking

CALLBACK = "/portal/mailboxes/callback"
LASTS = 600.0
PURPOSE = "upstream-link"


class Linking:
    """What a person, or an admin for them, does once so that their mailbox elsewhere opens."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        clock: Clock,
        chance: Chance,
        backends: Sequence[Backend],
        keeper: GrantKeeper,
        logins: UpstreamLogins,
        issuer: str,
    ) -> None:
        self._store, self._vault, self._clock, self._chance = store, vault, clock, chance
        self._backends = {each.name: each for each in backends if linkable(each)}
        self._keeper, self._logins = keeper, logins
        self._callback = issuer.rstrip("/") + CALLBACK

    @property
    def backends(self) -> Sequence[Backend]:
        """Return the backends that stand on something of each person's."""
        return tuple(self._backends.values())

    def concerning(self, user: User) -> Sequence[Backend]:
        """Return the backends that this person may be led to: a lookup table may lead to any, and is not known here."""
        whom = user.email.rpartition("@")[2]
        return [
            each
            for each in self.backends
            if (not each.domains or whom in each.domains)
            and all(user.attributes.get(name) == value for name, value in each.attributes.items())
        ]

    async def held(self, user_id: str = "") -> Sequence[tuple[UpstreamGrant, User | None]]:
        """Return what is linked (of one person)."""
        return await self._keeper.all(user_id)

    async def begin(self, user: User, backend: str, signin_id: str = "") -> str:
        """Return the provider's address at which this person consents. ``signin_id``: only this sign-in may come back
        (``""``: whoever has the address that the provider leads to, on the command line).

        Raises:
            Missing, Refused: there is no such backend, or it takes secrets.
        """
        found = self._backend(backend)
        if found.oauth is None:
            raise Refused(f"`{backend}` takes a secret, not a consent")
        oauth, state, verifier = resolved(found.oauth), secret(self._chance), secret(self._chance, 48)
        digest = self._vault.digest(PURPOSE, state)
        sealed = self._vault.seal(verifier, f"{PURPOSE}:{digest}")
        linking = UpstreamLinking(digest, user.id, backend, sealed, self._clock.now() + LASTS, signin_id)
        await self._store.write(lambda tx: self._remember(tx, linking))
        asked = {
            "response_type": "code",
            "client_id": oauth.client_id,
            "redirect_uri": self._callback,
            "scope": oauth.scope,
            "state": state,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
            "login_hint": user.email,
        }
        if oauth.provider is Provider.GOOGLE:
            asked |= {"access_type": "offline", "prompt": "consent"}
        return f"{oauth.authorize_url}?{urlencode(asked)}"

    async def finish(self, actor: str, state: str, code: str, signin_id: str = "") -> UpstreamGrant:
        """Take the code that the provider gave; linked once this returns.

        Raises:
            Refused: the state is unknown, old, used, or another browser's, or the provider gave nothing to keep.
            Unavailable: the provider's token endpoint is in trouble.
        """
        digest = self._vault.digest(PURPOSE, state)
        linking = await self._store.write(lambda tx: tx.take(UpstreamLinking, digest))
        if linking is None or linking.expires_at <= self._clock.now() or linking.signin_id != signin_id:
            raise Refused("this linking was not begun here, or too long ago; begin it again")
        user = await self._store.read(lambda tx: tx.get(User, linking.user_id))
        if user is None or user.disabled:
            raise Refused("this person is not here any more")
        verifier = self._vault.open(linking.sealed, f"{PURPOSE}:{digest}")
        try:
            issued = await self._logins.endpoint(linking.backend).redeem(code, self._callback, verifier)
        except GrantOver as over:
            raise Refused(f"the provider does not take its own code: {over}; begin again") from over
        if not issued.refresh:
            raise Refused("the provider gave no refresh token; ask for offline access in `scope`")
        return await self._link(actor, user, linking.backend, user.email, issued.refresh)

    async def finish_at(self, actor: str, address: str) -> UpstreamGrant:
        """Take the address that a browser was led to, as the command line is given it. Raises as ``finish``."""
        asked = parse_qs(urlsplit(address).query, max_num_fields=20)
        state, code = asked.get("state", [""])[0], asked.get("code", [""])[0]
        if not state or not code:
            raise Refused("there is no `state` and `code` in this address; copy the whole of it")
        return await self.finish(actor, state, code)

    async def hand_over(self, actor: str, user: User, backend: str, text: str, account: str = "") -> UpstreamGrant:
        """Store a refresh token, or the secret of a backend with ``login = "stored"``. Raises Missing, Refused."""
        self._backend(backend)
        return await self._link(actor, user, backend, account or user.email, checked_token(text))

    async def unlink(self, actor: str, user: User, backend: str) -> None:
        """Forget what is stored. Raises Missing: nothing is."""
        await self._keeper.unlink(actor, user, backend)
        self._logins.forget(backend, user.id)

    async def _link(self, actor: str, user: User, backend: str, account: str, text: str) -> UpstreamGrant:
        grant = await self._keeper.link(actor, user, backend, account, text)
        self._logins.forget(backend, user.id)
        return grant

    def _backend(self, name: str) -> Backend:
        found = self._backends.get(name)
        if found is None:
            known = ", ".join(self._backends) or "none"
            raise Missing(f"no backend `{name[:80]}` stands on something of each person's (known: {known})")
        return found

    def _remember(self, tx: Writer, linking: UpstreamLinking) -> None:
        for old in tx.below(UpstreamLinking, "expires_at", self._clock.now(), limit=100):
            tx.take(UpstreamLinking, old.digest)
        tx.insert(linking)


def linkable(backend: Backend) -> bool:
    """Say whether a backend stands on something of each person's."""
    consent = backend.login is Login.OAUTH and backend.oauth is not None and backend.oauth.ground is Ground.PERSON
    return consent or backend.login is Login.STORED


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
