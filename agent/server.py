"""The server's three addresses under ``/device``, over HTTPS. Refuses any other scheme, and answers of odd sizes."""

import http.client
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SECONDS = 30.0
MOST_OCTETS = 1 << 20


class Unreachable(Exception):
    """The server could not be asked, or answered nothing that makes sense. Trying again later may help."""


class Refusal(Exception):
    """The server said no. ``error`` is the word that programs tell apart."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error


class Server:
    """One server. ``authority``: a PEM file to verify it with; absent, the system's authorities do."""

    def __init__(self, address: str, authority: Path | None) -> None:
        place = urlsplit(address)
        if place.scheme != "https" or not place.hostname:
            raise Unreachable(f"{address} is no https address")
        self._host, self._port = place.hostname, place.port or 443
        context = ssl.create_default_context(cafile=str(authority) if authority else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._context = context

    def ask(self, act: str, **said: object) -> Mapping[str, Any]:
        """POST what is said to ``/device/<act>`` and return the answer.

        Raises:
            Unreachable: no connection, an unverified server, or no JSON. Refusal: the server said no.
        """
        status, content = self._exchange(f"/device/{act}", json.dumps(said))
        try:
            answer = json.loads(content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Unreachable(f"{self._host} answered {status} without JSON; is it a Gatepost?")
        if 400 <= status < 500:
            raise Refusal(str(answer.get("error", status)), str(answer.get("message", f"refused with {status}")))
        if status != 200:
            raise Unreachable(f"{self._host} answered {status}")
        return answer

    def _exchange(self, path: str, body: str) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=SECONDS, context=self._context)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json", "Accept": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read(MOST_OCTETS)
        except (OSError, http.client.HTTPException) as fault:
            raise Unreachable(f"{self._host}:{self._port} cannot be reached: {fault}") from fault
        finally:
            connection.close()
