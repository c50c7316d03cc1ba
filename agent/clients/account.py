"""What a mail program is told: the person's address, the servers, and where key and certificate lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.state import State


class NotForTpm(Exception):
    """This program cannot use a key inside the TPM."""


class NoServer(Exception):
    """The server told of no such service."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service listens, by TLS from the first byte."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Account:
    """One person's mail on this device."""

    user: str
    places: Mapping[str, Place]
    key: Path
    certificate: Path
    authority: Path | None
    in_tpm: bool
    kernel: str

    @classmethod
    def of(cls, mail: Mapping[str, Any], state: State, in_tpm: bool, kernel: str) -> "Account":
        """Return the account out of what the server said at enrolment. ``kernel``: see ``platform.system``."""
        places = {str(name): Place(str(host), int(port)) for name, (host, port) in mail.get("services", {}).items()}
        authority = state.authority if state.authority.exists() else None
        return cls(str(mail.get("user", "")), places, state.key, state.certificate, authority, in_tpm, kernel)

    def place(self, service: str) -> Place:
        """Return where a service is.

        Raises:
            NoServer: the server has none.
        """
        if service not in self.places:
            raise NoServer(f"the server offers no {service}")
        return self.places[service]

    def trust(self) -> str:
        """Return the file that servers are verified with: the one given at enrolment, else the system's."""
        return str(self.authority or "/etc/ssl/certs/ca-certificates.crt")

    def demand_file_key(self, program: str) -> None:
        """Raise NotForTpm when the key is in the TPM: ``program`` speaks TLS by a library that cannot use it."""
        if self.in_tpm:
            raise NotForTpm(
                f"{program} cannot use a key in the TPM (GnuTLS or NSS without a PKCS #11 module). Enrol with "
                "`--key file`, or use mbsync or curl with OPENSSL_CONF as `configure openssl` writes it."
            )
