"""Bringing a device in that makes no signing request by hand: a one-time code for the agent, files for a phone.

A phone's key is made here, leaves in the answer under the passphrase that its owner typed, and is kept nowhere.
"""

import asyncio
from pathlib import Path
from typing import Final

from cryptography import x509
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from idp.ca.bundles import MailAccount, demand_passphrase, new_key, pkcs12_file, profile, signed, signing_request
from idp.portal.mail_clients import implicit_tls
from idp.portal.room import Room
from idp.signin.enrolment import spoken
from idp.signin.standing import Visitor
from kernel.config.settings import Settings
from kernel.problems import Refused
from kernel.records.devices import Device

LIST: Final = "/portal/devices"
CODE: Final = "/portal/devices/code"
_PKCS12: Final = "application/x-pkcs12"
_PROFILE: Final = "application/x-apple-aspen-config"
_LONGEST_PASSPHRASE: Final = 200


class BringingIn:
    """``/portal/devices/code`` and ``/portal/devices/<id>/file``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def routes(self) -> list[Route]:
        """Return the routes of this part; they come before those of ``/portal/devices/<id>``."""
        return [
            Route(CODE, self.shown, methods=["GET"]),
            Route(CODE, self.invite, methods=["POST"]),
            Route(LIST + "/{device_id}/file", self.file, methods=["POST"]),
        ]

    async def invite(self, request: Request) -> Response:
        """Make a code; the page that the browser is sent to shows it once."""
        entered = await self._room.act(request, fresh=LIST)
        if isinstance(entered, Response):
            return entered
        form, visitor = entered
        try:
            code = await self._room.at.devices.invite(visitor.actor, visitor.user.id, form.text("name", 200))
        except Refused as fault:
            return self._draw(request, visitor, faults={"name": self._say(request, visitor, fault)})
        response = RedirectResponse(CODE, 303)
        self._room.at.pages.once.give(response, visitor.signin.id, CODE, code)
        return response

    async def shown(self, request: Request) -> Response:
        """Show the code with the command that takes it; without one, ask for a name."""
        visitor = await self._room.enter(request)
        if isinstance(visitor, Response):
            return visitor
        once = self._room.at.pages.once
        code = once.read(request, visitor.signin.id, CODE)
        drawn = self._draw(request, visitor, code)
        return once.taken(drawn) if code else drawn

    async def file(self, request: Request) -> Response:
        """Make a key and a certificate for a phone, and answer with the file that holds both."""
        page = f"{LIST}/{request.path_params['device_id']}"
        entered = await self._room.act(request, fresh=page)
        if isinstance(entered, Response):
            return entered
        form, visitor = entered
        device = await self._room.own_device(request, visitor)
        if device is None:
            return self._room.missing(request, visitor)
        try:
            content = await self._made(visitor, device, form.text("passphrase", _LONGEST_PASSPHRASE))
        except Refused as fault:
            return self._draw(
                request, visitor, device=device, faults={"passphrase": self._say(request, visitor, fault)}
            )
        if form.text("form", 20) != "profile":
            return _download(content, _PKCS12, f"{device.id}.p12")
        made = await asyncio.to_thread(self._profile, visitor, device, content)
        return _download(made, _PROFILE, f"{device.id}.mobileconfig")

    async def _made(self, visitor: Visitor, device: Device, passphrase: str) -> bytes:
        """Return key and certificate as PKCS #12. A passphrase that is too short makes no certificate."""
        demand_passphrase(passphrase)
        key = new_key()
        chain = await self._room.at.devices.issue_certificate(visitor.actor, device.id, signing_request(key))
        return await asyncio.to_thread(pkcs12_file, key, chain, device.name, passphrase)

    def _profile(self, visitor: Visitor, device: Device, identity: bytes) -> bytes:
        settings = self._room.at.settings
        root = x509.load_pem_x509_certificates(settings.device_ca.read_bytes())[0]
        made = profile(settings.site.name, device.id, device.name, identity, root, _account(settings, visitor))
        return _by_site(settings, made)

    def _draw(
        self,
        request: Request,
        visitor: Visitor,
        code: str = "",
        device: Device | None = None,
        faults: dict[str, str] | None = None,
    ) -> Response:
        issuer = self._room.at.settings.site.issuer.rstrip("/")
        status = 422 if faults else 200
        return self._room.draw(
            request, visitor, "bring", "devices", status, code=code, device=device, issuer=issuer, faults=faults or {}
        )

    def _say(self, request: Request, visitor: Visitor, fault: Refused) -> str:
        return spoken(fault, self._room.at.pages.language(request, visitor.user))


def _account(settings: Settings, visitor: Visitor) -> MailAccount | None:
    places = implicit_tls(settings)
    if not {"imap", "submission"} <= places.keys():
        return None
    user = visitor.user
    return MailAccount(user.display_name or user.name, user.email, places["imap"], places["submission"])


def _by_site(settings: Settings, content: bytes) -> bytes:
    """Return a profile signed by the web listener's certificate; as it is where that cannot be read from here."""
    for each in settings.listen:
        if each.service == "web" and each.certificate and each.key:
            try:
                return signed(content, _text(each.certificate), _text(each.key))
            except (OSError, ValueError, TypeError):
                break
    return content


def _text(path: Path) -> str:
    return path.read_text(encoding="ascii")


def _download(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers={**headers, "X-Content-Type-Options": "nosniff"})
