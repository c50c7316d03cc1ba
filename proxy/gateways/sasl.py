"""SASL for every mail protocol, server side and client side: octets to credentials and back. Pure.

Refuses whatever is ambiguous: an authorization identity that differs from the user, stray NULs, octets that are no
UTF-8.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from functools import lru_cache

from kernel.authority import UpstreamLogin
from proxy.relays.gate import Ask

MECHANISMS = ("PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2")
"""What every TLS client may use; EXTERNAL comes on top where a certificate was shown. No -PLUS: TLS ends at the
gate."""

LONGEST = 12288
"""The longest response taken, in octets once decoded: tokens are long, nothing else is."""


ANSWERS = 1024
"""How many responses to upstreams are kept at hand; the logins themselves are, too."""

CONTROL = re.compile(r"[\0\1\r\n]")


class Malformed(Exception):
    """The client does not speak its mechanism; the message says how."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """The server's next words, before base64."""

    data: bytes


def decode(text: bytes) -> bytes:
    """Return what base64 ``text`` stands for (RFC 4648, section 4; ``=`` alone is an empty response, RFC 4959).

    Raises:
        Malformed: not base64, or too long.
    """
    if text == b"=":
        return b""
    if len(text) > LONGEST * 4 // 3 + 4:
        raise Malformed("response too long")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("not base64") from None


def encode(data: bytes) -> bytes:
    """Return ``data`` in base64."""
    return base64.b64encode(data)


class Exchange:
    """One AUTHENTICATE or AUTH: takes responses, gives challenges, and at last an ``Ask``.

    ::

        start --PLAIN, OAUTHBEARER, XOAUTH2, EXTERNAL: one response--> Ask
        start --LOGIN: user name--> password --> Ask
        Ask --refused, OAuth--> failing (JSON challenge) --anything--> failed
    """

    __slots__ = ("_name", "_step", "mechanism")

    def __init__(self, mechanism: str) -> None:
        self.mechanism = mechanism
        self._name = ""
        self._step = 0

    def first(self) -> Challenge:
        """Return the challenge that asks for the first response, when none came with the command."""
        return Challenge(b"User Name\x00" if self.mechanism == "LOGIN" else b"")

    def take(self, response: bytes) -> Ask | Challenge:
        """Take one response.

        Raises:
            Malformed: it is none of this mechanism.
        """
        if self.mechanism == "LOGIN":
            return self._login(response)
        return _READERS[self.mechanism](response)

    @property
    def oauth(self) -> bool:
        """Tell whether a refusal is first explained by a JSON challenge (RFC 7628, section 3.2.2)."""
        return self.mechanism in ("OAUTHBEARER", "XOAUTH2")

    def _login(self, response: bytes) -> Ask | Challenge:
        if self._step == 0:
            self._step, self._name = 1, _text(response)
            return Challenge(b"Password\x00")
        return Ask(name=_identity(self._name), password=_secret(_text(response)))


def plain(name: bytes, password: bytes) -> Ask:
    """Return the credential of IMAP's LOGIN.

    Raises:
        Malformed: they can be none.
    """
    try:
        return Ask(_identity(name.decode()), _secret(password.decode()))
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None


def explain(mechanism: str, issuer: str) -> bytes:
    """Return the JSON that tells an OAuth client why, and where tokens come from (RFC 7628, section 3.2.2)."""
    if mechanism == "XOAUTH2":
        said = {"status": "401", "schemes": "bearer", "scope": "mail"}
    else:
        discovery = f"{issuer}/.well-known/openid-configuration"
        said = {"status": "invalid_token", "scope": "mail", "openid-configuration": discovery}
    return json.dumps(said, separators=(",", ":")).encode()


@lru_cache(maxsize=ANSWERS)
def answer(login: UpstreamLogin, host: str, port: int) -> bytes:
    """Return the one response that logs in upstream, in base64. A login that is used again, as tokens are, is at hand.

    Raises:
        ValueError: see ``respond``.
    """
    return encode(respond(login, host, port))


def respond(login: UpstreamLogin, host: str, port: int) -> bytes:
    """Return the one response that logs in upstream by PLAIN, XOAUTH2 or OAUTHBEARER.

    Raises:
        ValueError: another mechanism, or a name that could change the message's meaning.
    """
    if CONTROL.search(f"{login.name}{login.secret}{login.authzid}"):
        raise ValueError("a control character in an upstream login")
    if login.mechanism == "PLAIN":
        return f"{login.authzid}\0{login.name}\0{login.secret}".encode()
    if login.mechanism == "XOAUTH2":
        return f"user={login.name}\1auth=Bearer {login.secret}\1\1".encode()
    if login.mechanism == "OAUTHBEARER":
        name = login.name.replace("=", "=3D").replace(",", "=2C")
        return f"n,a={name},\1host={host}\1port={port}\1auth=Bearer {login.secret}\1\1".encode()
    raise ValueError(f"no way to log in by {login.mechanism}")


def _plain(response: bytes) -> Ask:
    parts = _text(response).split("\0")
    if len(parts) != 3:
        raise Malformed("PLAIN has three parts")
    authzid, name, password = parts
    if authzid and authzid != name:
        raise Malformed("nobody may act for somebody else")
    return Ask(name=_identity(name), password=_secret(password))


def _xoauth2(response: bytes) -> Ask:
    fields = _pairs(_text(response))
    return Ask(name=_identity(fields.get("user", "")), token=_bearer(fields))


def _oauthbearer(response: bytes) -> Ask:
    """RFC 7628, section 3.1: a GS2 header (RFC 5801), then pairs."""
    header, mark, rest = _text(response).partition("\1")
    flag, _, authzid = header.partition(",")
    authzid = authzid.removesuffix(",")
    if not mark or flag != "n" or (authzid and not authzid.startswith("a=")) or "," in authzid:
        raise Malformed("wrong GS2 header")
    name = authzid[2:].replace("=2C", ",").replace("=3D", "=")
    return Ask(name=_identity(name) if name else "", token=_bearer(_pairs(rest)))


def _external(response: bytes) -> Ask:
    name = _text(response)
    return Ask(name=_identity(name) if name else "", external=True)


def _pairs(text: str) -> dict[str, str]:
    if not text.endswith("\1\1"):
        raise Malformed("unfinished")
    pairs: dict[str, str] = {}
    for pair in text[:-2].split("\1"):
        key, mark, value = pair.partition("=")
        if not mark or key in pairs:
            raise Malformed("not a list of pairs")
        pairs[key] = value
    return pairs


def _bearer(pairs: dict[str, str]) -> str:
    scheme, _, token = pairs.get("auth", "").partition(" ")
    if scheme.lower() != "bearer" or not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Malformed("no bearer token")
    return token


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None


def _identity(name: str) -> str:
    if not name or len(name) > 320 or not name.isprintable():
        raise Malformed("no user name")
    return name


def _secret(secret: str) -> str:
    if not secret or len(secret) > 1024 or "\0" in secret:
        raise Malformed("no password")
    return secret


_READERS = {"PLAIN": _plain, "XOAUTH2": _xoauth2, "OAUTHBEARER": _oauthbearer, "EXTERNAL": _external}
