"""What no single value of ``gatepost.toml`` can show: doubled names, services we do not have, ways that lead nowhere or
in clear over a network. Pure; each fault is told with the path of the key that it stands at."""

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from urllib.parse import SplitResult, urlsplit

from kernel.config.delegation import DECISIONS, asking_listener, delegation_faults, loopback
from kernel.config.fault import Fault
from kernel.config.places import Path
from kernel.config.settings import Backend, Listener, Login, Route, Settings, Tls
from kernel.problems import did_you_mean

SERVICES = ("web", "imap", "pop3", "submission", "sieve", DECISIONS)
OWN_SERVICES = frozenset({"web", "imap", "pop3", "submission", "sieve", "ssh", "portal", "console"})
"""Names that policies know as services of ours."""

OWN_COOKIES = frozenset({"csrf", "lang", "device", "familiar", "state"})
"""Names that our own pages' cookies have after ``__Host-gatepost-``: a route called so would share one on one host."""

SHORTEST_PROPOSAL = 60.0

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def faults(settings: Settings) -> Iterator[Fault]:
    """Yield everything that does not fit together."""
    yield from _issuer(settings)
    for index, listener in enumerate(settings.listen):
        yield from _listener(("listen", index), listener)
    for index, backend in enumerate(settings.backends):
        yield from _backend(("backend", index), backend)
    for index, route in enumerate(settings.routes):
        yield from _route(("route", index), route, settings.site.issuer)
    for index, enforcer in enumerate(settings.enforcers):
        yield from _networks(("enforcer", index, "networks"), enforcer.networks)
        if not _NAME.fullmatch(enforcer.name):
            what = "an enforcer's name has letters, digits, `.`, `_` and `-`, at most 64"
            yield Fault(("enforcer", index, "name"), what, enforcer.name)
    yield from delegation_faults(settings)
    yield from _networks(("proxy", "trusted_proxies"), settings.proxy.trusted_proxies)
    yield from _networks(("proxy", "webmails"), settings.proxy.webmails)
    yield from _networks(("idp", "logout_networks"), settings.idp.logout_networks)
    if settings.policy.proposals_last < SHORTEST_PROPOSAL:
        hint = 'write for example proposals_last = "7d"'
        yield Fault(("policy", "proposals_last"), "nobody could approve a proposal in less than a minute", "", hint)
    yield from _doubled("listen", [listener.name for listener in settings.listen])
    yield from _doubled("route", [route.name for route in settings.routes])
    yield from _doubled("backend", [backend.name for backend in settings.backends])
    yield from _doubled("enforcer", [enforcer.name for enforcer in settings.enforcers])


def _issuer(settings: Settings) -> Iterator[Fault]:
    path, origin = ("site", "issuer"), _split(settings.site.issuer)
    if origin is None or origin.scheme != "https" or not origin.netloc or origin.path not in ("", "/") or origin.query:
        yield Fault(path, "`issuer` is an https origin, for example https://id.example.com")
    elif settings.listen and all(each.service != "web" and each.service in SERVICES for each in settings.listen):
        hint = 'add a [[listen]] with service = "web"'
        yield Fault(path, f"no listener serves `issuer`, so that nobody can sign in at {origin.netloc}", "", hint)


def _listener(path: Path, listener: Listener) -> Iterator[Fault]:
    if listener.service not in SERVICES:
        hint = did_you_mean(listener.service, SERVICES) or f"known: {', '.join(SERVICES)}"
        yield Fault((*path, "service"), f"no service `{listener.service}`", listener.service, hint)
    if listener.service == DECISIONS:
        yield from asking_listener(path, listener)
    elif listener.tls is Tls.NONE:
        yield Fault((*path, "tls"), "a public listener always speaks TLS", "none")
    if listener.tls is not Tls.NONE and (listener.certificate is None or listener.key is None):
        yield Fault(path, f"listener `{listener.name}` needs `certificate` and `key`")


def _backend(path: Path, backend: Backend) -> Iterator[Fault]:
    if backend.login in (Login.MASTER, Login.AUTHZID) and not (backend.master_user and backend.secret_file):
        yield Fault((*path, "login"), f"login = {backend.login} needs `master_user` and `secret_file`")
    for protocol, upstream in backend.upstreams:
        if upstream.tls is Tls.NONE and not loopback(upstream.address.host):
            what = f"logins and mail would go to {upstream.address.host} in clear"
            hint = 'use tls = "implicit" or "starttls"; "none" is for 127.0.0.1, ::1 and localhost'
            yield Fault((*path, protocol, "tls"), what, "none", hint)


def _route(path: Path, route: Route, issuer: str) -> Iterator[Fault]:
    name = route.name.lower()
    if not _NAME.fullmatch(route.name):
        yield Fault((*path, "name"), "a route's name has letters, digits, `.`, `_` and `-`, at most 64", route.name)
    elif name in OWN_COOKIES or name in OWN_SERVICES:
        hint = f"call it for example `{name}-app`"
        yield Fault((*path, "name"), f"the name `{route.name}` is taken by Gatepost itself", route.name, hint)
    origin = _split(issuer)
    if origin is not None and route.host.lower() == origin.netloc.lower():
        what = "this is the host of `issuer`: the identity pages would be out of reach"
        yield Fault((*path, "host"), what, route.host, "give the application a host (or port) of its own")
    if not route.upstreams and not route.enforcers:
        hint = "name `upstreams` that we carry it to, or `enforcers` that ask us"
        yield Fault((*path, "upstreams"), f"route `{route.name}` has no upstream", "", hint)
    for address in route.upstreams:
        if not _reachable(address):
            what = f"`{address}` is no upstream"
            yield Fault((*path, "upstreams"), what, address, "http://host:port, https://host:port or unix:/path")
    if route.ca is not None and not any(address.startswith("https://") for address in route.upstreams):
        yield Fault((*path, "ca"), "`ca` verifies https:// upstreams, and there is none", "ca")


def _networks(path: Path, texts: Sequence[str]) -> Iterator[Fault]:
    """Networks in CIDR notation, without host bits: whoever writes some means one of two things."""
    for text in texts:
        try:
            ip_network(text)
        except ValueError:
            yield Fault(path, f"`{text}` is no network", text, _network_near(text))


def _network_near(text: str) -> str:
    try:
        whole = ip_network(text, strict=False)
    except ValueError:
        return 'write for example "192.0.2.0/24" or "2001:db8::/64"'
    return f"write {whole} for the network, {text.partition('/')[0]} for the address"


def _doubled(section: str, names: list[str]) -> Iterator[Fault]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Fault((section, index, "name"), f"the name `{name}` is used twice", name)


def _reachable(address: str) -> bool:
    if address.startswith("unix:"):
        return address.removeprefix("unix:").startswith("/")
    parts = _split(address)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    plain = not (parts.query or parts.fragment or "@" in parts.netloc) and parts.path in ("", "/")
    return plain and parts.netloc.isascii() and not any(letter.isspace() for letter in address)


def _split(address: str) -> SplitResult | None:
    """Return the parts of an address; None when it, or its port, is malformed."""
    try:
        parts = urlsplit(address)
        return parts if parts.port != 0 else None
    except ValueError:
        return None
