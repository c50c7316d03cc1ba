"""Our own answers: whole HTTP responses as octets, pages for people and JSON for programs. Pure.

Everything that came from outside is escaped; the pages have no script, and their policy allows none.
"""

import json
from dataclasses import dataclass, field
from html import escape

from kernel.reasons import Reason
from proxy.web.style import CSS, PATH
from proxy.web.words import LABELS, PAGES

REASONS = {
    200: "OK",
    303: "See Other",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    414: "URI Too Long",
    417: "Expectation Failed",
    421: "Misdirected Request",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
}
SECURITY = (
    "Content-Security-Policy: default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n"
)
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """A response before it is written. ``fields`` are further header lines, without their line ends."""

    status: int
    body: bytes = b""
    type: str = "text/html; charset=utf-8"
    fields: tuple[bytes, ...] = field(default_factory=tuple)

    def octets(self, *, close: bool, head_only: bool = False, hsts: bytes = b"") -> bytes:
        """Return the whole response."""
        head = f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unknown')}\r\n{SECURITY}"
        if self.body:
            head += f"Content-Type: {self.type}\r\n"
        head += f"Content-Length: {len(self.body)}\r\n" + ("Connection: close\r\n" if close else "")
        more = b"".join(line + b"\r\n" for line in self.fields)
        return head.encode("ascii") + more + hsts + b"\r\n" + (b"" if head_only else self.body)


@dataclass(frozen=True, slots=True)
class Telling:
    """What a page tells: which page, in which language, the words of the rule, a reference with its link, a way on."""

    page: str
    language: str
    said: str = ""
    reference: str = ""
    link: str = ""
    onward: str = ""
    label: str = ""


def page(status: int, telling: Telling, *fields: bytes) -> Answer:
    """Return a page for a person."""
    language = telling.language if telling.language in PAGES[telling.page] else "en"
    spoken = PAGES[telling.page][language]
    parts = [f"<h1>{escape(spoken.title)}</h1>"]
    if telling.said:
        parts.append(f'<p class="said">{escape(telling.said)}</p>')
    else:
        parts.append(f"<p>{escape(spoken.lede)}</p>")
    if telling.onward:
        label = LABELS[telling.label or "again"][language]
        parts.append(f'<p><a class="button" href="{escape(telling.onward)}">{escape(label)}</a></p>')
    if telling.link:
        label = LABELS["why"][language]
        parts.append(f'<p><a class="button" href="{escape(telling.link)}">{escape(label)}</a></p>')
    if telling.reference:
        label = LABELS["reference"][language]
        parts.append(f'<p class="soft">{escape(label)}: <code>{escape(telling.reference)}</code></p>')
    html = (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(spoken.title)}</title>\n<link rel="stylesheet" href="{PATH}">\n</head>\n'
        f"<body>\n<main>\n{chr(10).join(parts)}\n</main>\n</body>\n</html>\n"
    )
    return Answer(status, html.encode("utf-8"), fields=fields)


def data(status: int, content: dict[str, object], *fields: bytes) -> Answer:
    """Return an answer for a program."""
    body = json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8") + b"\n"
    return Answer(status, body, "application/json", fields)


def redirect(location: str, *fields: bytes) -> Answer:
    """Send a browser elsewhere, by GET (RFC 9110 15.4.4)."""
    return Answer(303, fields=(b"Location: " + location.encode("ascii"), *fields))


def refusal(telling: Telling, status: int, reason: Reason, *, person: bool, fields: tuple[bytes, ...] = ()) -> Answer:
    """Refuse: by a page for a person, by JSON with the same words for a program."""
    if status == 503:
        fields = (*fields, b"Retry-After: %d" % RETRY_SECONDS)
    if person:
        return page(status, telling, *fields)
    content: dict[str, object] = {"error": reason.value, "words": telling.said}
    if telling.reference:
        content |= {"reference": telling.reference, "link": telling.link}
    return data(status, content, *fields)


def stylesheet() -> Answer:
    """Return the look of these pages."""
    return Answer(200, CSS.encode("utf-8"), "text/css; charset=utf-8")
