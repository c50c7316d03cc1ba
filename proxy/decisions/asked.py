"""The request that an enforcer asks about, out of the request by which it asks. Pure.

nginx, Caddy and Traefik say it in ``X-Forwarded-*``; Envoy repeats it below a prefix of ours. Whatever is missing,
doubled or malformed is refused: a decision about half a request is a decision about another one.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from proxy.web.head import TOKEN, Bad, Block
from proxy.web.paths import normal_host, normal_target

METHOD = re.compile(TOKEN)
TARGET = re.compile(rb"[\x21-\x7e]{1,8192}")
METHOD_OCTETS = 32
UNSAFE = frozenset((b"CONNECT", b"TRACE"))
"""Methods that are refused on our own ways in, too."""


class Style(Enum):
    """What the enforcer does with our answer, unless it is 200 and the request goes on.

    ``ANSWER``: gives it to the client as it is. ``VERDICT``: reads its status, and asks again for the page. ``PAGE``:
    that second question.
    """

    ANSWER = auto()
    VERDICT = auto()
    PAGE = auto()


ENDPOINTS = {b"/forward-auth": Style.ANSWER, b"/auth-request": Style.VERDICT, b"/forward-page": Style.PAGE}
ENVOY = b"/envoy"
"""Envoy's ``path_prefix``: what stands behind it is the path that is asked about."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that somebody else holds: method, normal host and path, and the query with its question mark."""

    style: Style
    method: bytes
    host: str
    path: bytes
    query: bytes


def read_asked(method: bytes, path: bytes, query: bytes, host: str, block: Block) -> Asked | None:
    """Return what is asked about by a request for ``path`` at ``host``; None when ``path`` is no question.

    Raises:
        Bad: 400; also where the client did not come by https, for our cookies could not reach us.
    """
    if path.startswith(ENVOY + b"/"):
        _by_https(block)
        return Asked(Style.ANSWER, _method(method), host, path[len(ENVOY) :], query)
    style = ENDPOINTS.get(path)
    if style is None:
        return None
    _by_https(block)
    target = _one(block, b"x-forwarded-uri")
    if TARGET.fullmatch(target) is None:
        raise Bad(400, "the address that is asked about is malformed")
    asked_path, asked_query = normal_target(target)
    asked_host = normal_host(_one(block, b"x-forwarded-host"))
    return Asked(style, _method(_one(block, b"x-forwarded-method")), asked_host, asked_path, asked_query)


def _one(block: Block, name: bytes) -> bytes:
    values = block.all(name)
    if len(values) != 1 or not values[0]:
        raise Bad(400, f"exactly one {name.decode().title()} is needed")
    return values[0]


def _method(value: bytes) -> bytes:
    if METHOD.fullmatch(value) is None or len(value) > METHOD_OCTETS:
        raise Bad(400, "the method that is asked about is malformed")
    if value in UNSAFE:
        raise Bad(405, "this method is not served here")
    # What is asked for HEAD is what would be asked for GET; our answer has a body all the same.
    return b"GET" if value == b"HEAD" else value


def _by_https(block: Block) -> None:
    if any(value.lower() != b"https" for value in block.all(b"x-forwarded-proto")):
        raise Bad(400, "only https is asked about: our cookies go by nothing else")
