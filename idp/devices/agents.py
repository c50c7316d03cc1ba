"""What agents on devices ask over HTTPS: enrol by a code, a nonce, a report (which may renew the certificate).

    POST /device/enrol   {"code", "csr", "platform"}  -> {"device", "certificate", "every", "mail"}
    POST /device/nonce   {"key"}                      -> {"nonce"}
    POST /device/report  {"report"}                   -> {"nonce", "every", "trust", "ignored", "certificate"?}

Owns the wire alone. Every refusal is JSON with a word that programs tell apart (``error``) and a sentence.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from idp.devices.devices import Devices
from idp.devices.reporting import Reporting
from idp.devices.reports import MOST_OCTETS, ReportFault, read
from idp.web.bodies import bounded
from idp.web.peer import peer_of
from kernel.problems import Refused
from kernel.reasons import Reason

PATH: Final = "/device"
_HEADERS: Final = {"Cache-Control": "no-store"}
_STATUS: Final = {ReportFault.MALFORMED: 400, ReportFault.NONCE: 409, ReportFault.COUNTER: 409}

SENTENCES: Final[Mapping[ReportFault, str]] = {
    ReportFault.MALFORMED: "This is no report.",
    ReportFault.UNKNOWN_KEY: "The key is not registered here; enrol again.",
    ReportFault.KEY_OVER: "The certificate has expired or was withdrawn; enrol again.",
    ReportFault.SIGNATURE: "The report is not signed by the key that it names.",
    ReportFault.FOREIGN: "The report is meant for another server.",
    ReportFault.NONCE: "The nonce is too old or not for this device; ask for a new one.",
    ReportFault.COUNTER: "A report with this counter, or a later one, has been counted already.",
    ReportFault.DEVICE_OUT: "The device is reported lost, revoked, expired or removed.",
}


class AgentPages:
    """``/device``."""

    def __init__(self, devices: Devices, reporting: Reporting, services: Mapping[str, tuple[str, int]]) -> None:
        """``services``: where each mail service takes TLS from the first byte, as host and port."""
        self._devices, self._reporting, self._services = devices, reporting, services

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route(f"{PATH}/enrol", self.enrol, methods=["POST"]),
            Route(f"{PATH}/nonce", self.nonce, methods=["POST"]),
            Route(f"{PATH}/report", self.report, methods=["POST"]),
        ]

    async def enrol(self, request: Request) -> Response:
        """Make a device for a one-time code and certify its key."""
        said = await _said(request)
        code, csr, platform = (_text(said, name) for name in ("code", "csr", "platform"))
        try:
            made = await self._devices.enrol(code, csr, peer_of(request).address, platform)
        except Refused as fault:
            return _refusal(400, "refused", str(fault))
        if made is None:
            return _refusal(403, "code", "This code is unknown, used or expired. Ask for a new one.")
        device, chain = made
        mail = {"user": await self._devices.owner_address(device), "services": self._services}
        return _answer({"device": device.id, "certificate": chain, "every": self._reporting.every, "mail": mail})

    async def nonce(self, request: Request) -> Response:
        """Give a nonce for the next report."""
        nonce = await self._reporting.nonce(_text(await _said(request), "key"))
        if nonce is None:
            return _refusal(403, ReportFault.UNKNOWN_KEY.value, SENTENCES[ReportFault.UNKNOWN_KEY])
        return _answer({"nonce": nonce})

    async def report(self, request: Request) -> Response:
        """Count a report, and renew the certificate when it asks for that."""
        report = _text(await _said(request), "report")
        counted = await self._reporting.take(report, peer_of(request).address)
        if isinstance(counted, ReportFault):
            return _refusal(_STATUS.get(counted, 403), counted.value, SENTENCES[counted])
        told: dict[str, Any] = {
            "nonce": counted.nonce,
            "every": self._reporting.every,
            "trust": counted.device.trust.value,
            "ignored": counted.ignored,
        }
        said = read(report)
        if said is not None and said.csr:
            told |= await self._renewed(said.key_id, said.csr)
        return _answer(told)

    async def _renewed(self, key_id: str, csr: str) -> dict[str, Any]:
        """Return a new certificate; one that cannot be made leaves the report counted, and says why."""
        certificate = await self._devices.certificate(key_id)
        try:
            made = await self._devices.renew(_der(certificate), csr)
        except Refused as fault:
            return {"renewal": str(fault)}
        return {"renewal": made.value} if isinstance(made, Reason) else {"certificate": made[1]}


async def _said(request: Request) -> Mapping[str, Any]:
    try:
        said = json.loads(await bounded(request, 2 * MOST_OCTETS))
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _der(pem: str) -> bytes:
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)


def _answer(content: Mapping[str, Any]) -> Response:
    return JSONResponse(dict(content), headers=_HEADERS)


def _refusal(status: int, error: str, sentence: str) -> Response:
    return JSONResponse({"error": error, "message": sentence}, status, headers=_HEADERS)
