"""What the admin's acts need from their neighbours, as Protocols; the wiring hands the real ones in."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from kernel.records.devices import Device, Trust
from kernel.records.oidc import OidcClient
from kernel.records.people import User
from kernel.records.sessions import LiveSession


class AccountKeeper(Protocol):
    """Makes and changes users; see ``idp.accounts``."""

    async def create_user(
        self, actor: str, name: str, email: str, display_name: str, language: str, groups: Sequence[str]
    ) -> User:
        """Make a user; Conflict when the name or address is taken."""
        ...

    async def update_user(self, actor: str, user_id: str, **changes: object) -> User:
        """Change named fields of a user."""
        ...

    async def set_disabled(self, actor: str, user_id: str, disabled: bool) -> User:
        """Disable or enable a user."""
        ...

    async def set_password(self, actor: str, user_id: str, password: str) -> None:
        """Set the account password; Refused when it is too weak."""
        ...

    async def reset_factors(self, actor: str, user_id: str) -> None:
        """Take away password, TOTP and recovery codes."""
        ...

    async def invite(self, actor: str, user_id: str) -> str:
        """Return the secret of a single-use invitation."""
        ...


class DeviceKeeper(Protocol):
    """Makes and changes devices; see ``idp.devices``."""

    async def register_device(self, actor: str, user_id: str, name: str, platform: str, kind: str) -> Device:
        """Register a device for a user."""
        ...

    async def issue_certificate(self, actor: str, device_id: str, csr_pem: str) -> str:
        """Return the certificate (PEM) for a signing request."""
        ...

    async def invite(self, actor: str, user_id: str, name: str, platform: str, kind: str, trust: Trust) -> str:
        """Return a one-time code that makes a device."""
        ...

    async def certify_ssh(self, user: User, device: Device, public_line: str, seconds: float) -> str:
        """Return a certificate line for an SSH public key line."""
        ...

    async def ssh_authority(self) -> str:
        """Return the public key line that signs them."""
        ...

    async def set_trust(self, actor: str, device_id: str, trust: Trust, note: str) -> Device:
        """Move a device to another trust."""
        ...

    async def rename(self, actor: str, device_id: str, name: str) -> Device:
        """Give a device another name."""
        ...

    async def remove(self, actor: str, device_id: str) -> None:
        """Forget a device and its keys."""
        ...

    async def set_signal(self, actor: str, device_id: str, name: str, value: bool | int | float | str) -> Device:
        """Set one fact of a device's posture."""
        ...


class SessionBoard(Protocol):
    """The live sessions of all proxies; see ``idp.authority.live``."""

    def all(self) -> Sequence[LiveSession]:
        """Return every session that a proxy carries now."""
        ...

    async def end(self, session_id: str, actor: str) -> None:
        """End one session wherever it is."""
        ...


class ClientKeeper(Protocol):
    """Registers relying parties; see ``idp.oidc.clients``."""

    async def register(
        self,
        actor: str,
        name: str,
        redirect_uris: Sequence[str],
        *,
        client_id: str = "",
        public: bool = False,
        scopes: Iterable[str] = (),
        require_pkce: bool = True,
        rotate_refresh: bool = True,
        post_logout_redirect_uris: Sequence[str] = (),
        backchannel_logout_uri: str = "",
        audience: Sequence[str] = (),
        machine: bool = False,
    ) -> tuple[OidcClient, str]:
        """Register a client; return it and its secret (empty for a public client), which is never shown again."""
        ...

    async def all(self) -> Sequence[OidcClient]:
        """Return every client."""
        ...

    async def remove(self, actor: str, client_id: str) -> OidcClient:
        """Remove a client; its grants end. Missing when there is none."""
        ...
