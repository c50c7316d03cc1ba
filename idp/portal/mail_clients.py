"""What to type into a mail client: host, port and encryption of every mail service of this installation. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from kernel.config.settings import Settings, Tls

MAIL: Final = ("imap", "pop3", "submission", "sieve")
"""Services that take app passwords, in the order in which a client asks for them."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One server of a client's set-up. ``encryption`` is what clients call it."""

    service: str
    host: str
    port: int
    encryption: str


def mail_settings(settings: Settings, services: Sequence[str] = MAIL) -> list[Setting]:
    """Return the servers for ``services``; implicit TLS before STARTTLS (RFC 8314, section 3)."""
    host = urlsplit(settings.site.issuer).hostname or "localhost"
    names = {Tls.IMPLICIT: "SSL/TLS", Tls.STARTTLS: "STARTTLS"}
    found = [
        Setting(listener.service, host, listener.address.port, names[listener.tls])
        for listener in settings.listen
        if listener.service in services and listener.tls in names
    ]
    return sorted(found, key=lambda each: (MAIL.index(each.service), each.encryption != "SSL/TLS", each.port))


def offered(settings: Settings) -> tuple[str, ...]:
    """Return the mail services that this installation listens for."""
    listening = {listener.service for listener in settings.listen}
    return tuple(service for service in MAIL if service in listening)


def implicit_tls(settings: Settings) -> dict[str, tuple[str, int]]:
    """Return host and port of each mail service that takes TLS from the first byte; the first port where there are
    several."""
    places: dict[str, tuple[str, int]] = {}
    for each in mail_settings(settings):
        if each.encryption == "SSL/TLS":
            places.setdefault(each.service, (each.host, each.port))
    return places
