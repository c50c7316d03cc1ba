"""Where a browser stands: the address that it can be sent back to. Pure."""

from urllib.parse import urlsplit

from starlette.requests import Request


def here(request: Request, fallback: str = "/portal") -> str:
    """Return the path and query of a GET; for a POST those of the page that it came from, as the browser tells it.

    Only a suggestion: whoever redirects there checks it (``idp.signin.returns``).
    """
    if request.method in ("GET", "HEAD"):
        return _joined(request.url.path, request.url.query)
    told = urlsplit(request.headers.get("referer", "")[:4096])
    safe = told.path.startswith("/") and not told.path.startswith("//")
    return _joined(told.path, told.query) if safe else fallback


def _joined(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
