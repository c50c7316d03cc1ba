"""Addresses of clients: which may be registered, and which of them a request names. Pure.

A redirect address counts only as the exact text that was registered. The one exception is a native application on the
loopback interface, whose port the operating system picks (RFC 8252, section 7.3).
"""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

LONGEST = 2000
_PLAIN = re.compile(r"[\x21-\x7e]+")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]|localhost)(?::[0-9]{1,5})?(/[^#]*)?")
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_UNSAFE = frozenset({"javascript", "data", "vbscript", "file", "blob", "about"})


def names(uri: str, registered: Iterable[str], *, native: bool = False) -> bool:
    """Tell whether ``uri`` is one of ``registered``; a ``native`` client's loopback port does not count."""
    if uri in registered:
        return True
    return native and any(_same_but_port(uri, known) for known in registered)


def fault_of(uri: str, *, private_use: bool = False) -> str:
    """Return what is wrong with an address that a client wants registered, or ``""``.

    Taken: ``https`` anywhere, ``http`` on loopback, and, for ``private_use``, an application's own scheme, which has a
    dot in it (RFC 8252, section 7.1).
    """
    if len(uri) > LONGEST or not _PLAIN.fullmatch(uri) or "\\" in uri:
        return "it is too long, or holds characters that an address may not hold"
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return "it is not an address"
    if "#" in uri or "*" in parts.netloc or "@" in parts.netloc or port == 0:
        return "it may hold no fragment, wildcard or user name"
    return _fault_of_scheme(parts, private_use)


def origin(uri: str) -> str:
    """Return scheme, host and port of an address, as a browser writes them."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def is_web(uri: str) -> bool:
    """Tell whether a browser would send a form there and nothing else could happen."""
    return urlsplit(uri).scheme in ("http", "https")


def _fault_of_scheme(parts: SplitResult, private_use: bool) -> str:
    if parts.scheme == "https":
        return "" if parts.hostname else "it names no host"
    if parts.scheme == "http":
        return "" if parts.hostname in _LOOPBACK_HOSTS else "it must be https"
    if private_use and "." in parts.scheme and parts.scheme not in _UNSAFE:
        return ""
    return "it must be https"


def _same_but_port(uri: str, known: str) -> bool:
    given, kept = _LOOPBACK.fullmatch(uri), _LOOPBACK.fullmatch(known)
    return bool(given and kept) and given.groups() == kept.groups()  # type: ignore[union-attr]
