"""What answering needs from its neighbours inside idp, as Protocols; the wiring hands the real ones in."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from kernel.ports import Reader
from kernel.reasons import Reason
from kernel.records.credentials import AppPassword
from kernel.records.devices import Device, DeviceKey
from kernel.records.people import User


class AppPasswords(Protocol):
    """Finds app passwords by their secret (``idp.accounts``)."""

    def app_password(self, tx: Reader, secret: str, /) -> AppPassword | None:
        """Return the one with this secret, revoked or not; takes microseconds."""
        ...


class Certificates(Protocol):
    """Finds devices by their certificate (``idp.devices``)."""

    def by_certificate(self, tx: Reader, der: bytes, /) -> tuple[Device, DeviceKey] | Reason:
        """Return the device and its key, or why the certificate proves nothing."""
        ...


class TokenSaying(Protocol):
    """What a good access token says (``idp.oidc.tokens.TokenFacts``)."""

    @property
    def user_id(self) -> str: ...
    @property
    def signin_id(self) -> str: ...
    @property
    def device_id(self) -> str: ...
    @property
    def grant_id(self) -> str: ...
    @property
    def expires_at(self) -> float: ...


class Tokens(Protocol):
    """Issues and checks access tokens (``idp.oidc.tokens.AccessTokens``)."""

    def issue(
        self,
        user: User,
        signin_id: str,
        device_id: str,
        client_id: str,
        scope: str,
        audience: Sequence[str],
        *,
        auth_time: float = 0.0,
    ) -> tuple[str, float]:
        """Return a token and when it expires."""
        ...

    def check(self, tx: Reader, token: str, audience: str = "") -> TokenSaying | None:
        """Return what a token says when it is ours, unexpired, alive and for ``audience``."""
        ...


class Signer(Protocol):
    """Signs with the site's keys (``idp.oidc.keys.Keys``)."""

    def sign(self, claims: Mapping[str, Any], *, use: str = "oidc", alg: str = "ES256", typ: str = "JWT") -> str:
        """Return the claims as a signed JWT."""
        ...

    def jwks(self, use: str = "oidc") -> Mapping[str, Any]:
        """Return the public keys of one use."""
        ...


class Digester(Protocol):
    """The part of the vault that is needed here."""

    def digest(self, purpose: str, secret: str, /) -> str:
        """Return the keyed hash under which ``secret`` is found again."""
        ...
