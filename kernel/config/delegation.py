"""What does not fit together where proxies of others' ask us: enforcers that nobody could believe, routes that nobody
serves or two do, mail servers that could not be logged in to, or only in clear over a public network. Pure."""

from collections.abc import Iterator
from ipaddress import ip_address

from kernel.config.fault import Fault
from kernel.config.places import Path
from kernel.config.settings import Backend, Endpoint, Enforcer, Listener, Login, MailServers, Route, Settings, Tls
from kernel.problems import did_you_mean

DECISIONS = "decisions"
"""The service of a listener at which enforcers ask."""

HANDED = (Login.TOKEN, Login.MASTER)
"""Logins that nginx can pass on: a name and a secret. PLAIN for another (authzid) it cannot say."""


def delegation_faults(settings: Settings) -> Iterator[Fault]:
    """Yield every such fault."""
    asked_at = [listener for listener in settings.listen if listener.service == DECISIONS]
    for index, enforcer in enumerate(settings.enforcers):
        yield from _enforcer(("enforcer", index), enforcer, asked_at)
        for place, servers in enumerate(enforcer.mail):
            yield from _mail(("enforcer", index, "mail", place), servers, settings.backends)
    for index, route in enumerate(settings.routes):
        yield from _route(("route", index), route, [enforcer.name for enforcer in settings.enforcers])


def _enforcer(path: Path, enforcer: Enforcer, asked_at: list[Listener]) -> Iterator[Fault]:
    if enforcer.secret_file is None and enforcer.certificate is None:
        hint = "set `secret_file` (or `certificate`), and give the proxy the same"
        yield Fault(path, f"anybody could pretend to be enforcer `{enforcer.name}`", "", hint)
    if not enforcer.networks:
        yield Fault(
            (*path, "networks"), f"enforcer `{enforcer.name}` can be nowhere", "", "name the networks it stands in"
        )
    if not asked_at:
        hint = f'add a [[listen]] with service = "{DECISIONS}"'
        yield Fault(path, f"there is no listener at which enforcer `{enforcer.name}` could ask", "", hint)
    if enforcer.certificate is not None and asked_at and not any(each.client_certificate for each in asked_at):
        hint = "set `client_certificate = true` and TLS at that listener"
        yield Fault((*path, "certificate"), f'no listener for "{DECISIONS}" asks for a certificate', "", hint)


def asking_listener(path: Path, listener: Listener) -> Iterator[Fault]:
    """Yield what is wrong with a listener for decisions: secrets, cookies and identities cross it."""
    if listener.tls is Tls.STARTTLS:
        yield Fault((*path, "tls"), "HTTP knows no STARTTLS", "starttls", 'use "implicit", or on loopback "none"')
    if listener.tls is Tls.NONE and not loopback(listener.address.host):
        hint = 'use tls = "implicit"; "none" is for 127.0.0.1, ::1 and localhost'
        yield Fault((*path, "tls"), "cookies and identities would be asked about in clear", "none", hint)
    if listener.tls is Tls.NONE and listener.client_certificate:
        yield Fault((*path, "client_certificate"), "there is no certificate without TLS", "client_certificate")


def _route(path: Path, route: Route, enforcers: list[str]) -> Iterator[Fault]:
    if route.enforcers and route.upstreams:
        what = f"route `{route.name}` is carried by us, or by its enforcers, not by both"
        yield Fault((*path, "enforcers"), what, "enforcers", "leave out `upstreams`, or `enforcers`")
    for name in route.enforcers:
        if name not in enforcers:
            hint = did_you_mean(name, enforcers) or "add an [[enforcer]] of that name"
            yield Fault((*path, "enforcers"), f"there is no enforcer `{name}`", name, hint)


def _mail(path: Path, servers: MailServers, backends: tuple[Backend, ...]) -> Iterator[Fault]:
    backend = next((each for each in backends if each.name == servers.backend), None)
    if backend is None:
        hint = did_you_mean(servers.backend, [each.name for each in backends])
        yield Fault((*path, "backend"), f"there is no backend `{servers.backend}`", servers.backend, hint)
    elif backend.login not in HANDED:
        hint = "a mail proxy can hand on a name and a password: token or master"
        yield Fault((*path, "backend"), f"nginx cannot log in by login = {backend.login}", servers.backend, hint)
    named = (("imap", servers.imap), ("pop3", servers.pop3), ("smtp", servers.smtp))
    places = [(protocol, place) for protocol, place in named if place is not None]
    if not places:
        yield Fault(path, "these mail servers are none", "", "name at least one of `imap`, `pop3` and `smtp`")
    for protocol, place in places:
        yield from _server((*path, protocol), place)


def _server(path: Path, place: Endpoint) -> Iterator[Fault]:
    try:
        address = ip_address(place.host)
    except ValueError:
        yield Fault(path, f"`{place.host}` is no address, and nginx looks up no names here", place.host)
        return
    if not address.is_private:
        what = f"logins and mail would go to {place.host} in clear"
        yield Fault(path, what, place.host, "put a server on this machine, or in a private network, between them")


def loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
