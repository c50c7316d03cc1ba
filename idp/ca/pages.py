"""What the certificate authority tells everybody: certificates, revocation lists, and how one certificate stands.

All of it is public and signed; nothing here needs to know who asks. Bodies are bounded by what ``idp.ca.status`` reads.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from idp.ca.issuing import CertificateAuthority
from idp.ca.keys import key_identifier
from idp.ca.status import MOST_OCTETS
from idp.web.bodies import bounded
from kernel.ports import Store

LIST: Final = "application/pkix-crl"
CERTIFICATE: Final = "application/pkix-cert"
ANSWER: Final = "application/ocsp-response"
PEM: Final = "application/x-pem-file"
_LIST_KEPT: Final = "public, max-age=60"


class AuthorityPages:
    """``/ca``. ``authority`` is asked for at each request: a rotation puts another one there."""

    def __init__(self, store: Store, authority: Callable[[], CertificateAuthority]) -> None:
        self._store, self._authority = store, authority

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/ca/root.pem", self.root, methods=["GET"]),
            Route("/ca/devices.pem", self.devices, methods=["GET"]),
            Route("/ca/ocsp", self.asked, methods=["POST"]),
            Route("/ca/ocsp/{asked:path}", self.asked_in_path, methods=["GET"]),
            Route("/ca/{kid}.crl", self.list, methods=["GET"]),
            Route("/ca/{kid}.cer", self.certificate, methods=["GET"]),
        ]

    async def root(self, request: Request) -> Response:
        """Give the root certificate (PEM)."""
        return Response(self._authority().root_pem(), media_type=PEM)

    async def devices(self, request: Request) -> Response:
        """Give all that a server verifies device certificates against (PEM)."""
        return Response(self._authority().trust_pem(), media_type=PEM)

    async def list(self, request: Request) -> Response:
        """Give the revocation list (DER) of one issuer."""
        kid, authority = request.path_params["kid"], self._authority()
        made = await self._store.read(lambda tx: authority.revocation_list(tx, kid))
        if made is None:
            return Response(status_code=404)
        return Response(made, media_type=LIST, headers={"Cache-Control": _LIST_KEPT})

    async def certificate(self, request: Request) -> Response:
        """Give one issuer's certificate (DER)."""
        for each in self._authority().authorities():
            if _kid(each) == request.path_params["kid"]:
                return Response(each.public_bytes(serialization.Encoding.DER), media_type=CERTIFICATE)
        return Response(status_code=404)

    async def asked(self, request: Request) -> Response:
        """Answer a request in the body (RFC 6960 appendix A.1)."""
        return await self._answer(await bounded(request, MOST_OCTETS))

    async def asked_in_path(self, request: Request) -> Response:
        """Answer a request in the path, in base64."""
        try:
            asked = base64.b64decode(request.path_params["asked"], validate=True)
        except (binascii.Error, ValueError):
            asked = b""
        return await self._answer(asked)

    async def _answer(self, asked: bytes) -> Response:
        authority = self._authority()
        told = await self._store.read(lambda tx: authority.respond(tx, asked))
        return Response(told, media_type=ANSWER)


def _kid(certificate: x509.Certificate) -> str:
    return key_identifier(certificate).digest.hex()
