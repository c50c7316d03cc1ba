"""Relying parties, as admins handle them: list, add, remove. A secret is returned once, at its making."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.admin.actor import Actor
from idp.admin.ports import ClientKeeper
from idp.admin.refusals import refused
from kernel.records.oidc import OidcClient


@dataclass(frozen=True, slots=True)
class Wanted:
    """A client to be registered. ``client_id`` empty: one is made up. ``audience``: a resource server of these.
    ``rotate_refresh`` False: it keeps one refresh token, because its requests side by side would spend the same one.
    ``machine``: a program that acts for nobody."""

    name: str
    redirect_uris: Sequence[str]
    client_id: str = ""
    scopes: Sequence[str] = ("openid", "profile", "email")
    public: bool = False
    require_pkce: bool = True
    rotate_refresh: bool = True
    backchannel_logout_uri: str = ""
    post_logout_redirect_uris: Sequence[str] = ()
    audience: Sequence[str] = ()
    machine: bool = False


class Clients:
    """The acts on relying parties."""

    def __init__(self, keeper: ClientKeeper) -> None:
        self._keeper = keeper

    async def all(self) -> Sequence[OidcClient]:
        """Return every client, in order of id."""
        return await self._keeper.all()

    async def add(self, actor: Actor, wanted: Wanted) -> tuple[OidcClient, str]:
        """Register a client; return it with its secret (empty for a public one).

        Raises:
            Refused: no name, or an address or scope that cannot be taken.
            Conflict: the id is taken.
        """
        if not wanted.name.strip():
            raise refused("client-nameless")
        return await self._keeper.register(
            actor.name,
            wanted.name.strip(),
            wanted.redirect_uris,
            client_id=wanted.client_id,
            scopes=wanted.scopes,
            public=wanted.public,
            require_pkce=wanted.require_pkce,
            rotate_refresh=wanted.rotate_refresh,
            backchannel_logout_uri=wanted.backchannel_logout_uri,
            post_logout_redirect_uris=wanted.post_logout_redirect_uris,
            audience=wanted.audience,
            machine=wanted.machine,
        )

    async def remove(self, actor: Actor, client_id: str) -> OidcClient:
        """Remove a client and return what it was; Missing when there is none."""
        return await self._keeper.remove(actor.name, client_id)
