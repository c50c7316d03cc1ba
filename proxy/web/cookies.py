"""Cookies: finding ours in a Cookie field, keeping ours from applications, and writing our own (RFC 6265). Pure.

Ours carry the ``__Host-`` prefix, so no sibling host can set them. A name that comes twice is believed in neither.
"""

import re

OURS = "__host-gatepost"
VALUE = re.compile(r"[A-Za-z0-9_\-.~]{1,1024}")


def session_cookie(route: str) -> str:
    """Return the name of the cookie that stands for a browser's session on a route."""
    return f"__Host-gatepost-{route}"


def state_cookie(route: str) -> str:
    """Return the name of the cookie that binds a hand-over to one browser. No route can be called so."""
    return f"__Host-gatepost~state-{route}"


def read(values: list[bytes]) -> dict[str, str]:
    """Return our own cookies of a request by name; malformed and doubled ones are left out."""
    found: dict[str, str] = {}
    doubled: set[str] = set()
    for pair in b";".join(values).split(b";"):
        name, _, value = pair.strip(b" \t").decode("latin-1").partition("=")
        if not name.lower().startswith(OURS):
            continue
        if name in found:
            doubled.add(name)
        found[name] = value
    return {name: value for name, value in found.items() if name not in doubled and VALUE.fullmatch(value)}


def without_ours(value: bytes) -> bytes:
    """Return a Cookie value with our own cookies cut out, whatever their spelling; the rest stays as it was."""
    if OURS.encode() not in value.lower():
        return value
    kept = (pair.strip(b" \t") for pair in value.split(b";"))
    return b"; ".join(pair for pair in kept if pair and not pair.lower().startswith(OURS.encode()))


def written(name: str, value: str, max_age: float) -> bytes:
    """Return a Set-Cookie value: for this host alone, over TLS alone, and out of reach of scripts."""
    return f"{name}={value}; Path=/; Max-Age={int(max_age)}; Secure; HttpOnly; SameSite=Lax".encode("ascii")


def removed(name: str) -> bytes:
    """Return the Set-Cookie value that takes a cookie away."""
    return written(name, "", 0)


def sets_ours(value: bytes) -> bool:
    """Say whether an application's Set-Cookie would touch one of ours."""
    return value.lstrip(b" \t").lower().startswith(OURS.encode())
