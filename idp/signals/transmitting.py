"""The transmitter over HTTPS (SSF 1.0): its metadata, stream management, status, subjects, verification, and polling
(RFC 8936). Programs come with a token for the scope ``ssf``.

Owns the wire alone: JSON in and out, errors as {err, description}.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from idp.authzen.entities import Malformed, read_json
from idp.authzen.gate import ProgramGate, TurnedAway
from idp.signals.bell import Bell
from idp.signals.happenings import TOLD
from idp.signals.signing import Signer
from idp.signals.streams import LONGEST, POLL, PUSH, VERIFY_EVERY, StreamFault, Streams, Wish
from idp.web.bodies import TooLarge, bounded
from kernel.problems import Unavailable
from kernel.records.signals import SignalStream

SCOPE: Final = "ssf"
METADATA: Final = "/.well-known/ssf-configuration"
STREAMS: Final = "/ssf/streams"
STATUS: Final = "/ssf/status"
ADD: Final = "/ssf/subjects/add"
REMOVE: Final = "/ssf/subjects/remove"
VERIFY: Final = "/ssf/verify"
POLLED: Final = "/ssf/poll"
PRIVATE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
MOST_OCTETS: Final = 65536
MOST_EVENTS: Final = 100
PATIENCE: Final = 20.0
"""Seconds that a poll is held open when nothing has happened."""

Json = Mapping[str, Any]
Call = Callable[[str, Request], Awaitable[Response]]


class TransmitterPages:
    """Every address of the transmitter."""

    def __init__(self, gate: ProgramGate, streams: Streams, signer: Signer, bell: Bell, issuer: str) -> None:
        self._gate, self._streams, self._signer, self._bell, self._issuer = gate, streams, signer, bell, issuer

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        table: list[tuple[str, str, Call]] = [
            (STREAMS, "POST", self._create),
            (STREAMS, "GET", self._read),
            (STREAMS, "PATCH", self._update),
            (STREAMS, "PUT", self._replace),
            (STREAMS, "DELETE", self._delete),
            (STATUS, "GET", self._status),
            (STATUS, "POST", self._set_status),
            (ADD, "POST", self._add),
            (REMOVE, "POST", self._remove),
            (VERIFY, "POST", self._verify),
            (f"{POLLED}/{{stream}}", "POST", self._poll),
        ]
        served = [Route(path, self._admitted(call), methods=[method]) for path, method, call in table]
        return [Route(METADATA, self._metadata, methods=["GET"]), *served]

    def _admitted(self, call: Call) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                program = await self._gate.admit(request.headers.get("authorization", ""), SCOPE)
                with self._gate.turn(program):
                    return await call(program.client_id, request)
            except (TurnedAway, StreamFault, Malformed, TooLarge, Unavailable) as fault:
                return _refusal(fault)

        return answer

    async def _metadata(self, request: Request) -> Response:
        paths = {
            "configuration_endpoint": STREAMS,
            "status_endpoint": STATUS,
            "add_subject_endpoint": ADD,
            "remove_subject_endpoint": REMOVE,
            "verification_endpoint": VERIFY,
            "jwks_uri": "/oauth2/jwks",
        }
        told: dict[str, Any] = {
            "spec_version": "1_0",
            "issuer": self._issuer,
            **{name: self._issuer + path for name, path in paths.items()},
            "delivery_methods_supported": [PUSH, POLL],
            "critical_subject_members": ["user", "device", "session"],
            "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:6749"}],
            "default_subjects": "NONE",
        }
        return JSONResponse(told, headers={"Cache-Control": "public, max-age=300"})

    async def _create(self, client: str, request: Request) -> Response:
        made = await self._streams.create(client, _wish(await _body(request)))
        return _answer(self._shown(made), 201)

    async def _read(self, client: str, request: Request) -> Response:
        stream_id = request.query_params.get("stream_id", "")
        if stream_id:
            return _answer(self._shown(await self._streams.get(client, stream_id)))
        return _answer([self._shown(each) for each in await self._streams.of(client)])

    async def _update(self, client: str, request: Request) -> Response:
        body = await _body(request)
        return _answer(self._shown(await self._streams.update(client, _text(body, "stream_id"), _wish(body))))

    async def _replace(self, client: str, request: Request) -> Response:
        """Take what is left out for what a new stream would have."""
        body = await _body(request)
        whole = {"events_requested": list(TOLD), "description": "", "delivery": {"method": POLL}, **body}
        return _answer(self._shown(await self._streams.update(client, _text(body, "stream_id"), _wish(whole))))

    async def _delete(self, client: str, request: Request) -> Response:
        await self._streams.delete(client, request.query_params.get("stream_id", ""))
        return Response(status_code=204, headers=PRIVATE)

    async def _status(self, client: str, request: Request) -> Response:
        return _answer(_standing(await self._streams.get(client, request.query_params.get("stream_id", ""))))

    async def _set_status(self, client: str, request: Request) -> Response:
        body = await _body(request)
        said = _text(body, "stream_id"), _text(body, "status"), _text(body, "reason", needed=False)
        return _answer(_standing(await self._streams.set_status(client, *said)))

    async def _add(self, client: str, request: Request) -> Response:
        body = await _body(request)
        await self._streams.add(client, _text(body, "stream_id"), _object(body, "subject"))
        return Response(status_code=200, headers=PRIVATE)

    async def _remove(self, client: str, request: Request) -> Response:
        body = await _body(request)
        await self._streams.remove(client, _text(body, "stream_id"), _object(body, "subject"))
        return Response(status_code=204, headers=PRIVATE)

    async def _verify(self, client: str, request: Request) -> Response:
        body = await _body(request)
        await self._streams.verify(client, _text(body, "stream_id"), _text(body, "state", needed=False))
        return Response(status_code=204, headers=PRIVATE)

    async def _poll(self, client: str, request: Request) -> Response:
        """Acknowledge, then give the next events; wait for some when there are none (RFC 8936, section 2.4)."""
        body, stream_id = await _body(request), request.path_params["stream"]
        acks, most = body.get("ack", []), body.get("maxEvents", MOST_EVENTS)
        if not isinstance(acks, list) or len(acks) > 1000 or not all(isinstance(each, str) for each in acks):
            raise Malformed("`ack` is a list of identifiers")
        if not isinstance(most, int) or isinstance(most, bool) or most < 0:
            raise Malformed("`maxEvents` is a whole number")
        await self._streams.acknowledge(client, stream_id, acks, _errors(body))
        most, until = min(most, MOST_EVENTS), asyncio.get_running_loop().time() + PATIENCE
        stream, owed, more = await self._streams.owed(client, stream_id, most)
        while most and not owed and body.get("returnImmediately") is not True:
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await self._bell.wait(min(left, 1.0))
            stream, owed, more = await self._streams.owed(client, stream_id, most)
        sets = {each.id: self._signer.token(stream, each) for each in owed}
        return _answer({"sets": sets, "moreAvailable": more})

    def _shown(self, stream: SignalStream) -> dict[str, Any]:
        """Return a stream as its receiver sees it (section 8.1.1); its authorization is never shown."""
        polled = {"method": POLL, "endpoint_url": f"{self._issuer}{POLLED}/{stream.id}"}
        return {
            "stream_id": stream.id,
            "iss": self._issuer,
            "aud": stream.client_id,
            "events_supported": list(TOLD),
            "events_requested": list(stream.requested),
            "events_delivered": list(stream.requested),
            "delivery": {"method": PUSH, "endpoint_url": stream.endpoint} if stream.endpoint else polled,
            "min_verification_interval": int(VERIFY_EVERY),
            "description": stream.description,
        }


def _standing(stream: SignalStream) -> dict[str, str]:
    told = {"stream_id": stream.id, "status": stream.status.value}
    return {**told, "reason": stream.reason} if stream.reason else told


async def _body(request: Request) -> Json:
    return read_json(await bounded(request, MOST_OCTETS) or b"{}")


def _wish(body: Json) -> Wish:
    """Return how a receiver wants its stream; what it may not choose is passed over."""
    requested, delivery = body.get("events_requested"), body.get("delivery")
    if requested is not None and not (isinstance(requested, list) and all(isinstance(each, str) for each in requested)):
        raise Malformed("`events_requested` is a list of texts")
    description = _text(body, "description", needed=False) if "description" in body else None
    events = None if requested is None else tuple(requested)
    if delivery is None:
        return Wish(events, description=description)
    if not isinstance(delivery, dict):
        raise Malformed("`delivery` is an object")
    endpoint, shown = (_text(delivery, name, needed=False) for name in ("endpoint_url", "authorization_header"))
    if not shown.isascii() or not shown.isprintable():
        raise Malformed("`authorization_header` is one line of ASCII")
    return Wish(events, _text(delivery, "method"), endpoint, shown, description)


def _errors(body: Json) -> dict[str, str]:
    said = body.get("setErrs", {})
    if not isinstance(said, dict) or len(said) > 1000:
        raise Malformed("`setErrs` is an object")
    errors = {token: each.get("err", "") if isinstance(each, dict) else "" for token, each in said.items()}
    return {token: err if isinstance(err, str) and err.isprintable() else "" for token, err in errors.items()}


def _text(body: Json, name: str, needed: bool = True) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST or (needed and not value):
        raise Malformed(f"`{name}` is a text of at most {LONGEST} characters")
    return value


def _object(body: Json, name: str) -> Json:
    value = body.get(name)
    if not isinstance(value, dict):
        raise Malformed(f"`{name}` is an object")
    return value


def _answer(told: Any, status: int = 200) -> Response:
    return JSONResponse(told, status, headers=PRIVATE)


def _refusal(fault: Exception) -> Response:
    headers = dict(PRIVATE)
    match fault:
        case TurnedAway():
            status, why = fault.status, fault.why
            headers |= {"WWW-Authenticate": fault.challenge} if fault.challenge else {}
        case StreamFault():
            status, why = fault.status, fault.why
        case TooLarge():
            status, why = 413, "too much"
        case Unavailable():
            status, why = 503, "not available now"
            headers["Retry-After"] = "5"
        case _:
            status, why = 400, str(fault)
    error = {401: "authentication_failed", 403: "access_denied", 404: "not_found"}.get(status, "invalid_request")
    return JSONResponse({"err": error, "description": why}, status, headers=headers)
