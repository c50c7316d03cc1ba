"""SCRAM-SHA-256 as a server says it (RFC 5802, section 5; RFC 7677): messages in, messages out, an Ask at last. Pure.

::

    start --client-first--> challenged --client-final--> Ask --admitted--> server-final --empty response--> in

Knows no verifier and computes nothing: salt and iterations are the same for all, and idp looks at the proof. Refuses
channel binding, which is not offered: Python's ssl has no tls-exporter (RFC 9266), and under TLS 1.3 nothing else is
right. Refuses mandatory extensions, attributes out of order, and an authorization identity that is not the user.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass

from kernel.authority import ScramTerms
from proxy.relays.gate import Ask

MECHANISM = "SCRAM-SHA-256"
LONGEST = 2048
"""The longest message of a client, in octets."""

_FIRST = re.compile(
    rb"(?P<gs2>[ny],(?:a=(?P<authzid>[^,\0]{1,640}))?,)"
    rb"(?P<bare>n=(?P<name>[^,\0]{1,640}),r=(?P<nonce>[!-+\--~]{8,256})(?:,[A-Za-ln-z]=[^,\0]*)*)\Z"
)
_FINAL = re.compile(
    rb"(?P<said>c=(?P<gs2>[A-Za-z0-9+/=]{1,900}),r=(?P<nonce>[!-+\--~]{8,512})(?:,[A-Za-ln-oq-z]=[^,\0]*)*)"
    rb",p=(?P<proof>[A-Za-z0-9+/]{43}=)\Z"
)


class Malformed(Exception):
    """The client does not speak SCRAM; the message says how."""


@dataclass(slots=True)
class ScramDesk:
    """What every exchange needs of the house: ``terms`` once they are known (until then SCRAM is not offered), and
    ``nonce``, at least 18 random characters, no comma among them."""

    nonce: Callable[[], str]
    terms: ScramTerms | None = None


class ScramExchange:
    """One exchange."""

    __slots__ = ("_bare", "_challenge", "_gs2", "_name", "_nonce", "_terms")

    def __init__(self, terms: ScramTerms, nonce: str) -> None:
        self._terms = terms
        self._nonce = nonce.encode()
        self._name = ""
        self._gs2 = self._bare = self._challenge = b""

    def take(self, message: bytes) -> bytes | Ask:
        """Take the client's first message and return the server's; take its final one and return what to ask.

        Raises:
            Malformed: it is neither, or not of this exchange.
        """
        if len(message) > LONGEST:
            raise Malformed("too long")
        return self._final(message) if self._challenge else self._first(message)

    def _first(self, message: bytes) -> bytes:
        if message.startswith(b"p="):
            raise Malformed("channel binding is not offered")
        found = _FIRST.match(message)
        if found is None:
            raise Malformed("no client-first message")
        self._name = _name(found["name"])
        if found["authzid"] is not None and _name(found["authzid"]) != self._name:
            raise Malformed("nobody may act for somebody else")
        self._gs2, self._bare = found["gs2"], found["bare"]
        self._nonce = found["nonce"] + self._nonce
        salt = base64.b64encode(self._terms.salt)
        self._challenge = b"r=%b,s=%b,i=%d" % (self._nonce, salt, self._terms.iterations)
        return self._challenge

    def _final(self, message: bytes) -> Ask:
        found = _FINAL.match(message)
        if found is None:
            raise Malformed("no client-final message")
        if found["nonce"] != self._nonce or found["gs2"] != base64.b64encode(self._gs2):
            raise Malformed("a message of another exchange")
        said = b",".join((self._bare, self._challenge, found["said"]))
        try:
            return Ask(name=self._name, proof=base64.b64decode(found["proof"], validate=True), said=said)
        except binascii.Error:
            raise Malformed("not base64") from None


def server_final(signature: bytes) -> bytes:
    """Return the message by which the server proves that it knows the secret, too."""
    return b"v=" + base64.b64encode(signature)


def _name(said: bytes) -> str:
    """RFC 5802, section 5.1: ``=2C`` and ``=3D`` stand for comma and equals sign, and ``=`` for nothing else."""
    try:
        text = said.decode()
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None
    if re.search(r"=(?!2C|3D)", text):
        raise Malformed("a stray equals sign")
    name = text.replace("=2C", ",").replace("=3D", "=")
    if not name or len(name) > 320 or not name.isprintable():
        raise Malformed("no user name")
    return name
