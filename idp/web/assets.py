"""Static files: read once at start, served from memory under names that carry their hash, cached for ever.

No path ever touches the disk after start, so there is nothing to traverse.
"""

import hashlib
import mimetypes
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PREFIX: Final = "/static/"
KINDS: Final = frozenset({".css", ".js", ".svg"})


class Assets:
    """All static files of all areas, by plain name (``gatepost.css``) and by hashed name."""

    def __init__(self, folders: Iterable[Path]) -> None:
        """Read every file of the folders.

        Raises:
            ValueError: two areas bring a file of the same name.
        """
        self._address: dict[str, str] = {}
        self._content: dict[str, tuple[bytes, str]] = {}
        for folder in folders:
            for path in sorted(folder.iterdir()):
                if path.suffix in KINDS:
                    self._add(path)

    def _add(self, path: Path) -> None:
        if path.name in self._address:
            raise ValueError(f"two static files are called {path.name}")
        content = path.read_bytes()
        hashed = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
        self._address[path.name] = PREFIX + hashed
        self._content[hashed] = (content, mimetypes.types_map.get(path.suffix, "text/plain"))

    def address(self, name: str) -> str:
        """Return the path under which a browser fetches this file.

        Raises:
            KeyError: no such file.
        """
        return self._address[name]

    async def serve(self, request: Request) -> Response:
        """Answer a request for a hashed name."""
        found = self._content.get(request.path_params["name"])
        if found is None:
            return Response("not found\n", 404, media_type="text/plain")
        content, kind = found
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(content, media_type=kind, headers=headers)

    def routes(self) -> list[Route]:
        """Return the one route that serves them."""
        return [Route(PREFIX + "{name}", self.serve, methods=["GET", "HEAD"])]
