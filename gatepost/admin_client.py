"""How the command line reaches the admin API: one call at a time over the local socket (see ``in_process`` beside).

Owns no act. An error is an answer like any other: the commands decide what to say.
"""

import http.client
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from kernel.problems import Unavailable

PREFIX = "/api/v1"
PATIENCE = 40.0
LONGEST = 64 * 1024 * 1024

Json = dict[str, Any]


class AdminCalls(Protocol):
    """What a command is handed."""

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Json]:
        """Return status and JSON object of the answer. ``path`` is below ``/api/v1``, with its query.

        Raises:
            Unavailable: nobody answered.
        """
        ...


class AdminClient:
    """Calls the admin API over the local unix socket."""

    def __init__(self, socket_path: Path | str) -> None:
        self._path = str(socket_path)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Json]:
        connection = _UnixConnection(self._path)
        try:
            content, headers = encoded(body)
            connection.request(method, PREFIX + path, content, headers)
            answer = connection.getresponse()
            read = answer.read(LONGEST)
            if answer.length != 0:  # a server killed in mid-answer, in its body or (None) before: nobody else tells
                raise http.client.IncompleteRead(read, answer.length)
            return answer.status, decoded(read)
        except (OSError, http.client.HTTPException) as fault:
            raise Unavailable(f"the admin socket {self._path} does not answer: {fault}") from fault
        finally:
            connection.close()


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket (``http.client`` knows TCP alone)."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self._path)


def encoded(body: Mapping[str, Any] | None) -> tuple[bytes | None, dict[str, str]]:
    """Return a body's bytes and its headers."""
    if body is None:
        return None, {}
    return json.dumps(body).encode(), {"Content-Type": "application/json"}


def decoded(content: bytes) -> Json:
    """Return the JSON object of an answer; what is none becomes an ``error``."""
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"error": "the answer is no JSON object", "problems": []}


def address(*parts: str, **query: str | int | bool | None) -> str:
    """Return the path of quoted ``parts``, with the query of every value that is not None or empty."""
    path = "/" + "/".join(quote(part, safe="@") for part in parts)
    given = {name: value for name, value in query.items() if value not in (None, "", False)}
    return f"{path}?{urlencode(given)}" if given else path
