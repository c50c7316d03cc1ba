"""Pages that only trouble brings: drawn here as proxy and identity side draw them, shown at the demo's issuer."""

from collections.abc import Callable

from playwright.sync_api import Route
from starlette.requests import Request

from idp.signin.pages import SIGNIN
from idp.signin.trip import Trip
from idp.web.pages import Pages
from kernel.chance import SystemChance
from kernel.clock import SystemClock
from kernel.config.settings import Site
from kernel.reasons import Reason, words
from kernel.records.devices import Device, Trust
from proxy.web import answers
from proxy.web.answers import Answer, Telling
from proxy.web.style import PATH
from tests.screens.camera import LANGUAGES, Camera
from tests.screens.tour import Tour

REFERENCE = "7K2M9XQ4"
SAID = {
    "en": "This device was reported lost or was revoked. If you have it in your hands, please tell the help desk.",
    "ja": "この端末は紛失または失効として登録されています。お手元にある場合は、ヘルプデスクへご連絡ください。",
}


def told(language: str, issuer: str) -> dict[str, Answer]:
    """Return every page of the proxy's own."""
    link = f"{issuer}/r/{REFERENCE}"
    return {
        "denied": answers.page(403, Telling("denied", language, SAID[language], REFERENCE, link)),
        "denied-plain": answers.page(403, Telling("denied", language, "", REFERENCE, link)),
        "signin": answers.page(401, Telling("signin", language, onward="/", label="signin")),
        "troubled": answers.page(503, Telling("troubled", language, words(Reason.AUTHORITY, language), onward="/")),
        "stale": answers.page(503, Telling("troubled", language, words(Reason.STALE, language), onward="/")),
        "unreachable": answers.page(502, Telling("unreachable", language, onward="/")),
        "unknown": answers.page(404, Telling("unknown", language)),
        "bad": answers.page(400, Telling("bad", language)),
    }


def walk(tour: Tour) -> None:
    """Photograph them."""
    site = Site("Gatepost demo", tour.demo.issuer, tour.folder)
    pages = Pages(site, (SIGNIN,), b"k" * 32, SystemClock(), SystemChance())
    with tour.camera() as camera:
        sheet = answers.stylesheet()
        camera.page.route(f"**{PATH}", _giving(sheet.body, sheet.type))
        for language in LANGUAGES:
            for name, answer in told(language, tour.demo.issuer).items():
                _show(camera, f"door-{name}", language, answer.body)
            for status in (413, 415, 500, 503):
                _show(camera, f"problem-{status}", language, bytes(pages.problem(_request(language), status).body))
            device = Device("dev_1", "Chrome (Linux)", "", Trust.PENDING)
            page = pages.render(_request(language), "signin/device_pending.html", device=device, trip=Trip())
            _show(camera, "device-pending", language, bytes(page.body))


def _show(camera: Camera, name: str, language: str, page: bytes) -> None:
    address = camera.full("/as-if")
    camera.page.route(address, _giving(page, "text/html; charset=utf-8"))
    camera.open(address)
    camera.here(name, language)
    camera.page.unroute(address)


def _giving(body: bytes, kind: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=200, content_type=kind, body=body)


def _request(language: str) -> Request:
    headers = [(b"accept-language", language.encode())]
    scope = {"type": "http", "method": "GET", "path": "/as-if", "query_string": b"", "headers": headers}
    return Request({**scope, "server": ("localhost", 443), "scheme": "https"})
