"""Reads what clients send: urlencoded pairs, bounded, no name twice. Refuses other media types."""

from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import InvalidRequestError
from starlette.requests import Request

from idp.oidc.pairs import Pairs
from idp.web.bodies import TooLarge, bounded

BODY = 32 * 1024
QUERY = 16 * 1024
FIELDS = 60
KIND = "application/x-www-form-urlencoded"
REPEATABLE = frozenset({"resource"})
"""RFC 8707, section 2: the one parameter that may come more than once."""


def query_of(request: Request) -> Pairs:
    """Return the pairs of the query. Raises InvalidRequestError when it is too long or not UTF-8."""
    return read_pairs(request.scope["query_string"], QUERY)


async def pairs_of(request: Request) -> Pairs:
    """Return the pairs of the body. Raises InvalidRequestError when it is no form, too long or not UTF-8."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != KIND:
        raise InvalidRequestError("The body must be application/x-www-form-urlencoded.")
    try:
        body = await bounded(request, BODY)
    except TooLarge as fault:
        raise InvalidRequestError("The body is too long.") from fault
    return read_pairs(body, BODY)


def once(pairs: Pairs) -> dict[str, str]:
    """Return the pairs as a mapping; empty values count as absent (RFC 6749, section 3.1).

    Raises:
        InvalidRequestError: a name comes twice.
    """
    form: dict[str, str] = {}
    for name, value in pairs:
        if name in form and name not in REPEATABLE:
            raise InvalidRequestError("A parameter comes more than once.")
        if value:
            form[name] = value
    return form


def read_pairs(raw: bytes, limit: int) -> Pairs:
    """Return the pairs of urlencoded bytes. Raises InvalidRequestError when they are too long or not UTF-8."""
    if len(raw) > limit:
        raise InvalidRequestError("The request is too long.")
    try:
        return parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
    except ValueError as fault:
        raise InvalidRequestError("The request is not urlencoded UTF-8.") from fault
