"""The admin API without a server: runs the same application in this process, on an event loop of its own.

For the command line when nothing is serving. The household opens the store, builds the application, and closes both.
"""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

from gatepost.admin_client import PREFIX, Json, decoded, encoded


class InProcessClient:
    """Implements ``AdminCalls`` on an ASGI application. ``runner`` is the loop that its store belongs to."""

    def __init__(self, app: ASGIApp, runner: asyncio.Runner) -> None:
        self._app, self._runner = app, runner

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Json]:
        content, headers = encoded(body)
        return self._runner.run(_exchange(self._app, method, PREFIX + path, content or b"", headers))


async def _exchange(
    app: ASGIApp, method: str, target: str, content: bytes, headers: Mapping[str, str]
) -> tuple[int, Json]:
    """Carry one request to an application and gather its answer (ASGI 3)."""
    sent: list[Message] = []
    incoming = iter([{"type": "http.request", "body": content, "more_body": False}])

    async def receive() -> Message:
        return next(incoming, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        sent.append(message)

    await app(_scope(method, target, headers), receive, send)
    status = next(message["status"] for message in sent if message["type"] == "http.response.start")
    answer = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return status, decoded(answer)


def _scope(method: str, target: str, headers: Mapping[str, str]) -> dict[str, Any]:
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": None,
        "server": ("localhost", 80),
    }
