"""A small webmail that stands behind the gate: it believes the gate's signed identity and nothing else.

It shows what an application must do: verify ``X-Gatepost-Identity`` with the published keys, and log in to mail with
``X-Gatepost-Mail-Token``. Run it as ``python deploy/demo/webmail/app.py PORT CONFIG``; CONFIG is JSON made by the demo.
"""

import asyncio
import imaplib
import json
import smtplib
import ssl
import sys
import urllib.request
from collections.abc import Callable
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import jinja2
import uvicorn
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from mailbox_over_gate import Gate, Mailbox
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

HERE = Path(__file__).parent
LARGEST_FORM = 256 * 1024
LOOK_EVERY = 2.0
LONGEST_WATCH = 12 * 3600.0


class NotFromTheGate(Exception):
    """A request without an identity that the gate signed."""


class Webmail:
    """The pages. ``audience`` is this application's name at the gate."""

    def __init__(self, gate: Gate, jwks_url: str, issuer: str, audience: str) -> None:
        self.gate = gate
        self.jwks_url = jwks_url
        self.claims = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": issuer}, aud={"essential": True, "value": audience}
        )
        self.keys: KeySet | None = None
        loader = jinja2.FileSystemLoader(HERE / "templates")
        self.templates = jinja2.Environment(loader=loader, autoescape=True)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self.inbox),
                Route("/message/{uid:int}", self.message),
                Route("/compose", self.compose, methods=["GET", "POST"]),
                WebSocketRoute("/live", self.live),
                Mount("/static", StaticFiles(directory=HERE / "static")),
            ]
        )

    async def inbox(self, request: Request) -> Response:
        return await self.shown(
            request, "inbox.html", lambda box: {"lines": box.lines()}, sent="sent" in request.query_params
        )

    async def message(self, request: Request) -> Response:
        return await self.shown(
            request, "message.html", lambda box: {"letter": box.open(str(request.path_params["uid"]))}
        )

    async def compose(self, request: Request) -> Response:
        if request.method == "GET":
            return await self.shown(request, "compose.html", lambda _box: {}, to=request.query_params.get("to", ""))
        if request.headers.get("origin", "") not in ("", str(request.base_url).rstrip("/"), _origin(request)):
            return Response("wrong origin", 403)
        async with request.form(max_files=0, max_fields=10, max_part_size=LARGEST_FORM) as form:
            to, subject, text = (str(form.get(name, "")) for name in ("to", "subject", "text"))
        recipients = [address for _, address in getaddresses([to]) if "@" in address]
        try:
            await asyncio.to_thread((await self.mailbox(request)).send, recipients, " ".join(subject.split()), text)
        except smtplib.SMTPException as refused:
            return self.page(
                request,
                "compose.html",
                await self.person(request),
                422,
                to=to,
                subject=subject,
                text=text,
                refused=str(refused),
            )
        return RedirectResponse("/?sent=1", 303)

    async def live(self, websocket: WebSocket) -> None:
        """Tell the page whenever the number of messages changes."""
        try:
            box = await self.mailbox(websocket)
        except NotFromTheGate:
            await websocket.close(1008)
            return
        await websocket.accept()
        try:
            async with asyncio.timeout(LONGEST_WATCH):
                await self._watch(websocket, box)
        except (WebSocketDisconnect, TimeoutError, imaplib.IMAP4.error, OSError, RuntimeError):
            return

    async def _watch(self, websocket: WebSocket, box: Mailbox) -> None:
        """Hold one mail session for as long as the page is open; the gate ends it with the browser's session."""
        known = -1
        gone = asyncio.ensure_future(websocket.receive())
        imap = await asyncio.to_thread(box.open_session)
        try:
            while not gone.done():
                count = await asyncio.to_thread(box.count, imap)
                if count != known:
                    await websocket.send_json({"messages": count})
                    known = count
                await asyncio.wait({gone}, timeout=LOOK_EVERY)
        finally:
            imap.shutdown()

    async def shown(
        self, request: Request, template: str, work: Callable[[Mailbox], dict[str, Any]], **more: Any
    ) -> Response:
        """Render a page from what ``work`` finds in the mailbox, or say why the mailbox did not open."""
        person = await self.person(request)
        try:
            found = await asyncio.to_thread(work, await self.mailbox(request))
        except (imaplib.IMAP4.error, OSError, ssl.SSLError) as error:
            return self.page(request, "refused.html", person, 502, words=str(error))
        return self.page(request, template, person, **found, **more)

    def page(
        self, request: Request, template: str, person: dict[str, Any], status: int = 200, **context: Any
    ) -> Response:
        japanese = person.get("locale") == "ja"
        html = self.templates.get_template(template).render(person=person, ja=japanese, **context)
        return HTMLResponse(html, status, {"Cache-Control": "no-store"})

    async def mailbox(self, connection: HTTPConnection) -> Mailbox:
        person = await self.person(connection)
        return Mailbox(self.gate, person["email"], connection.headers.get("x-gatepost-mail-token", ""))

    async def person(self, connection: HTTPConnection) -> dict[str, Any]:
        """Return the claims of the signed identity.

        Raises:
            NotFromTheGate: there is none, or it does not verify.
        """
        if self.keys is None:
            self.keys = await asyncio.to_thread(self._fetch_keys)
        try:
            token = jwt.decode(connection.headers.get("x-gatepost-identity", ""), self.keys, algorithms=["ES256"])
            self.claims.validate(token.claims)
        except (JoseError, ValueError) as error:
            self.keys = None
            raise NotFromTheGate(str(error)) from error
        return token.claims

    def _fetch_keys(self) -> KeySet:
        with urllib.request.urlopen(self.jwks_url, context=self.gate.tls(), timeout=5) as answer:
            return KeySet.import_key_set(json.load(answer))


async def not_from_the_gate(request: Request, error: Exception) -> Response:
    return Response("This application is reached through its gate only.", 403)


def _origin(request: Request) -> str:
    return f"https://{request.headers.get('host', '')}"


def main() -> None:
    port, config_file = sys.argv[1:]
    config = json.loads(Path(config_file).read_text(encoding="utf-8"))
    gate = Gate(config["host"], config["imaps"], config["submissions"], config["ca"])
    app = Webmail(gate, config["jwks"], config["issuer"], config["audience"]).app()
    app.add_exception_handler(NotFromTheGate, not_from_the_gate)
    uvicorn.run(
        app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False, timeout_graceful_shutdown=2
    )


if __name__ == "__main__":
    main()
