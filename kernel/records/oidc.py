"""What the OpenID Connect provider stores: clients, codes, refresh tokens, signing keys, logout notices."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OidcClient:
    """A relying party. ``secret_digest`` is ``""`` for a public client.

    ``rotate_refresh`` False lets a confidential client keep one refresh token: for those that refresh from several
    processes at once (Roundcube 1.6), which rotation would take for theft.
    """

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    secret_digest: str = ""
    auth_method: str = "client_secret_basic"
    scopes: frozenset[str] = frozenset({"openid"})
    grant_types: frozenset[str] = frozenset({"authorization_code", "refresh_token"})
    require_pkce: bool = True
    id_token_alg: str = "RS256"
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str = ""
    audience: tuple[str, ...] = ()
    trusted: bool = True
    created_at: float = 0.0
    rotate_refresh: bool = True


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """A code (keyed hash). ``spent`` codes stay until they expire, so that a second use is seen and ends the
    grant."""

    digest: str
    grant_id: str
    client_id: str
    user_id: str
    redirect_uri: str
    scope: str
    nonce: str
    challenge: str
    auth_time: float
    acr: str
    expires_at: float
    spent: bool = False


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One refresh token (keyed hash) of a grant. Using a ``spent`` one ends the whole grant."""

    digest: str
    grant_id: str
    client_id: str
    scope: str
    expires_at: float
    spent: bool = False


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair of the provider or of the certificate authority; the private half is sealed."""

    kid: str
    alg: str
    use: str
    public: str
    sealed: str
    created_at: float
    retired_at: float = 0.0


@dataclass(frozen=True, slots=True)
class LogoutNotice:
    """A back-channel logout that is still to be delivered to one client."""

    id: str
    client_id: str
    uri: str
    user_id: str
    signin_id: str
    due_at: float
    tries: int = 0
