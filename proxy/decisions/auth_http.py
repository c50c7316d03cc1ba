"""nginx's ``auth_http``: a login that its mail proxy asks about in the fields of a request, answered in those of a
response. Pure.

nginx reads the first KiB of a response and no more, so an answer has no field that says nothing to it. Names and
passwords come percent-encoded. APOP, CRAM-MD5 and anonymous SMTP are refused: there is no secret in them to check.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from kernel.authority import UpstreamLogin
from kernel.config.settings import Endpoint, MailServers
from kernel.reasons import Reason, words
from proxy.admission import Admission
from proxy.gateways import saying
from proxy.web.answers import Answer
from proxy.web.head import Block

SERVICES: Mapping[str, str] = {"imap": "imap", "pop3": "pop3", "smtp": "submission"}
"""nginx's protocols, and what the policy calls them."""

PASSWORDS, TOKENS = frozenset({"plain", "login"}), frozenset({"xoauth2", "oauthbearer"})
EXTERNAL = "external"
WAIT = 2
"""Seconds that nginx makes a client wait for the answer to a wrong credential, before it may try again."""

LARGEST = 1024
LONGEST = 4096
CONTROL = re.compile(r"[\0-\x1f\x7f]")
NUMBER = re.compile(r"[0-9]{1,6}")
PEM = re.compile(r"\s*-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*")


class Unreadable(Exception):
    """This is no login that could be checked; the client is told that its credential is wrong."""


@dataclass(frozen=True, slots=True)
class Login:
    """One login, as nginx tells of it. ``protocol`` is nginx's word, ``attempt`` counts from 1 in one connection."""

    protocol: str
    address: str
    name: str
    attempt: int
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    certificate: bytes = field(default=b"", repr=False)

    @property
    def service(self) -> str:
        return SERVICES[self.protocol]


class Reply(Answer):
    """An answer to nginx's mail proxy: the status line, the fields, and nothing else."""

    def octets(self, *, close: bool, head_only: bool = False, hsts: bytes = b"") -> bytes:
        lines = (b"HTTP/1.1 200 OK", *self.fields, b"Content-Length: 0", *((b"Connection: close",) if close else ()))
        return b"\r\n".join((*lines, b"", b""))

    @property
    def fits(self) -> bool:
        """Whether nginx can read it."""
        return len(self.octets(close=True)) <= LARGEST


def read_login(block: Block) -> Login:
    """Return the login that nginx asks about.

    Raises:
        Unreadable: a field is doubled, missing or malformed, or the method has no secret.
    """
    protocol, method = _text(block, b"auth-protocol"), _text(block, b"auth-method")
    if protocol not in SERVICES or method not in {*PASSWORDS, *TOKENS, EXTERNAL}:
        raise Unreadable
    attempt, secret = _text(block, b"auth-login-attempt"), _text(block, b"auth-pass")
    address, name = _text(block, b"client-ip"), _text(block, b"auth-user")
    if not address or NUMBER.fullmatch(attempt) is None or bool(secret) is (method == EXTERNAL):
        raise Unreadable
    return Login(
        protocol,
        address,
        name,
        int(attempt),
        password=secret if method in PASSWORDS else "",
        token=secret if method in TOKENS else "",
        certificate=_certificate(block),
    )


def welcome(login: UpstreamLogin, server: Endpoint) -> Reply:
    """Return the answer that lets a client in at ``server``.

    Raises:
        ValueError: nginx could not log in so, or could not read the answer.
    """
    if login.mechanism not in ("XOAUTH2", "LOGIN") or CONTROL.search(login.name + login.secret):
        raise ValueError(f"nginx cannot log in by {login.mechanism}")
    said = {"Auth-Status": "OK", "Auth-Server": server.host, "Auth-Port": str(server.port)}
    reply = _reply({**said, "Auth-User": login.name, "Auth-Pass": login.secret})
    if not reply.fits:
        raise ValueError("nginx reads no answer of this length")
    return reply


def refusal(protocol: str, admission: Admission, again: bool) -> Reply:
    """Return the answer that refuses an admission. ``again``: the client may try another credential."""
    reason = admission.reason or Reason.FAULT
    return refused(protocol, reason, saying.refusal(admission), again and saying.wrong_credential(reason))


def refused(protocol: str, reason: Reason, said: str = "", again: bool = False) -> Reply:
    """Return the answer that refuses for ``reason``, in the protocol's own form (RFC 5530, 3206, 4954)."""
    line = said or saying.sentence("", reason)
    told = {"Auth-Status": f"{_code(protocol, reason)} {line}".strip()}
    if protocol == "smtp":
        told = {"Auth-Status": line, "Auth-Error-Code": _code(protocol, reason)}
    return _reply({**told, "Auth-Wait": str(WAIT)} if again else told)


def server_of(servers: MailServers, protocol: str) -> Endpoint | None:
    """Return where nginx connects for a protocol."""
    return {"imap": servers.imap, "pop3": servers.pop3, "smtp": servers.smtp}[protocol]


def _code(protocol: str, reason: Reason) -> str:
    trouble, wrong = saying.our_trouble(reason), saying.wrong_credential(reason)
    if protocol == "imap":
        return "[UNAVAILABLE]" if trouble else "[AUTHENTICATIONFAILED]" if wrong else "[AUTHORIZATIONFAILED]"
    if protocol == "smtp":
        return "454 4.7.0" if trouble else "535 5.7.8" if wrong else "535 5.7.1"
    return "[SYS/TEMP]" if trouble else "[AUTH]"


def _reply(fields: Mapping[str, str]) -> Reply:
    return Reply(200, fields=tuple(f"{name}: {value}".encode() for name, value in fields.items()))


def _text(block: Block, name: bytes) -> str:
    """Return a field's text, decoded; ``""`` when it is not there."""
    values = block.all(name)
    if len(values) > 1 or any(len(value) > LONGEST for value in values):
        raise Unreadable
    try:
        text = unquote(values[0].decode("ascii"), errors="strict") if values else ""
    except UnicodeDecodeError:
        raise Unreadable from None
    if CONTROL.search(text):
        raise Unreadable
    return text


def _certificate(block: Block) -> bytes:
    """Return the client's certificate (DER) when nginx has verified its chain, and with it the client's key."""
    if block.all(b"auth-ssl-verify") != [b"SUCCESS"]:
        return b""
    pem = PEM.fullmatch(unquote(block.first(b"auth-ssl-cert").decode("latin-1")))
    if pem is None:
        raise Unreadable
    try:
        return base64.b64decode("".join(pem[1].split()), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable from None


def unreadable(protocol: str) -> Reply:
    """Return the answer to what is no login: as to a wrong one, and no second try."""
    return refused(protocol if protocol in SERVICES else "imap", Reason.CREDENTIALS, words(Reason.CREDENTIALS, "en"))
