"""Enrolment over Secure Transport (RFC 7030) for tools that speak it: a one-time code by HTTP Basic makes a device, a
device's own certificate renews itself.

Owns the wire alone: what a code or a certificate is good for, ``idp.devices.enrolling`` knows. Refuses whatever is not
one signing request.
"""

import base64
import binascii
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from idp.ca.requests import MOST_OCTETS
from idp.devices.devices import Devices
from idp.web.bodies import bounded
from idp.web.peer import peer_of
from kernel.problems import Refused
from kernel.reasons import Reason, words

PATH: Final = "/.well-known/est"
_CERTIFICATES: Final = "application/pkcs7-mime; smime-type=certs-only"
_CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="device enrolment", charset="UTF-8"'}
_MOST_CREDENTIAL: Final = 512


class EnrolmentPages:
    """``/.well-known/est``."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(f"{PATH}/cacerts", self.authorities, methods=["GET"]),
            Route(f"{PATH}/csrattrs", self.attributes, methods=["GET"]),
            Route(f"{PATH}/simpleenroll", self.enrol, methods=["POST"]),
            Route(f"{PATH}/simplereenroll", self.renew, methods=["POST"]),
        ]

    async def authorities(self, request: Request) -> Response:
        """Give the certificates that ours lead up to (section 4.1)."""
        return _bundle(list(self._devices.ca.authorities()))

    async def attributes(self, request: Request) -> Response:
        """Ask for nothing in a request: names and usages are ours (section 4.5.2)."""
        return Response(status_code=204)

    async def enrol(self, request: Request) -> Response:
        """Make a device for a code, and certify its key (section 4.2.1)."""
        code, csr = _code(request), await _request(request)
        if not code:
            return PlainTextResponse("Send the enrolment code as the password (HTTP Basic).\n", 401, _CHALLENGE)
        try:
            made = await self._devices.enrol(code, csr, peer_of(request).address)
        except Refused as fault:
            return PlainTextResponse(f"{fault}\n", 400)
        if made is None:
            return PlainTextResponse("This code is unknown, used or expired. Ask for a new one.\n", 401, _CHALLENGE)
        return _leaf(made[1])

    async def renew(self, request: Request) -> Response:
        """Certify a new key of the device whose certificate the connection showed (section 4.2.2)."""
        shown, csr = peer_of(request).certificate, await _request(request)
        if not shown:
            return PlainTextResponse("Show the device's present certificate in the TLS handshake.\n", 401)
        try:
            made = await self._devices.renew(shown, csr)
        except Refused as fault:
            return PlainTextResponse(f"{fault}\n", 400)
        if isinstance(made, Reason):
            return PlainTextResponse(f"{words(made, 'en')}\n", 403)
        return _leaf(made[1])


def _code(request: Request) -> str:
    """Return the password of HTTP Basic (RFC 7617); the name before it means nothing here."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() != "basic" or len(encoded) > _MOST_CREDENTIAL:
        return ""
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


async def _request(request: Request) -> str:
    """Return the signing request of a body in PEM: base64 over DER as the standard has it, or PEM as people send it."""
    body = await bounded(request, 2 * MOST_OCTETS)
    if body.lstrip().startswith(b"-----BEGIN"):
        return body.decode("ascii", "replace")
    lines = body.decode("ascii", "replace").split()
    return "\n".join(("-----BEGIN CERTIFICATE REQUEST-----", *lines, "-----END CERTIFICATE REQUEST-----", ""))


def _leaf(chain: str) -> Response:
    return _bundle(x509.load_pem_x509_certificates(chain.encode())[:1])


def _bundle(certificates: list[x509.Certificate]) -> Response:
    """Return certificates as EST carries them: a PKCS #7 without signers, DER in base64."""
    octets = pkcs7.serialize_certificates(certificates, serialization.Encoding.DER)
    return Response(
        base64.encodebytes(octets), media_type=_CERTIFICATES, headers={"Content-Transfer-Encoding": "base64"}
    )
