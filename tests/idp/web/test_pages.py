"""Pages as a browser meets them: language, headers, forms that are not ours, static files."""

import re

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from idp.web.forms import BadForm
from idp.web.pages import Pages
from idp.web.place import here
from kernel.chance import SeededChance
from kernel.clock import SetClock
from kernel.config.settings import Site

ISSUER = "https://id.example.test"


@pytest.fixture
def pages(tmp_path) -> Pages:
    site = Site("Example", ISSUER, tmp_path)
    return Pages(site, [], b"k" * 32, SetClock(), SeededChance())


@pytest.fixture
def browser(pages: Pages) -> httpx.AsyncClient:
    async def show(request: Request) -> Response:
        return pages.render(request, "web/problem.html", key="web.problem.404", code=404)

    async def take(request: Request) -> Response:
        form = await pages.form(request, limit=1000)
        return PlainTextResponse(form.text("name"))

    async def refused(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, (BadForm, HTTPException))
        return pages.problem(request, getattr(fault, "status", 404))

    routes = [Route("/", show), Route("/", take, methods=["POST"]), *pages.assets.routes()]
    app = Starlette(routes=routes, exception_handlers={BadForm: refused})
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ISSUER)


def token_of(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


async def test_a_form_of_our_own_page_is_taken(browser: httpx.AsyncClient) -> None:
    token = token_of((await browser.get("/")).text)
    answer = await browser.post("/", data={"csrf": token, "name": " Aiko "}, headers={"Origin": ISSUER})
    assert (answer.status_code, answer.text) == (200, "Aiko")


@pytest.mark.parametrize(
    "origin", ["https://evil.test", "null", "https://id.example.test.evil.test", "http://id.example.test", ""]
)
async def test_a_form_from_elsewhere_is_refused(browser: httpx.AsyncClient, origin: str) -> None:
    token = token_of((await browser.get("/")).text)
    assert (await browser.post("/", data={"csrf": token}, headers={"Origin": origin})).status_code == 403


async def test_a_form_without_the_token_of_this_browser_is_refused(browser: httpx.AsyncClient, pages: Pages) -> None:
    await browser.get("/")
    for token in ("", "0" * 64, pages.csrf.token("another browser's cookie")):
        assert (await browser.post("/", data={"csrf": token}, headers={"Origin": ISSUER})).status_code == 403


async def test_a_cookie_sent_twice_with_two_values_counts_as_none(browser: httpx.AsyncClient, pages: Pages) -> None:
    cookie = "__Host-gatepost-csrf=mine; __Host-gatepost-csrf=tossed"
    for value in ("mine", "tossed"):
        sent = {"Origin": ISSUER, "Cookie": cookie}
        assert (await browser.post("/", data={"csrf": pages.csrf.token(value)}, headers=sent)).status_code == 403


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"name=" + b"x" * 2000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=1" for _ in range(300)), "application/x-www-form-urlencoded", 413),
        (b"name=%ff", "application/x-www-form-urlencoded", 400),
        (b"name=\xff", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"", "multipart/form-data; boundary=x", 415),
    ],
)
async def test_odd_bodies_are_refused(browser: httpx.AsyncClient, body: bytes, kind: str, status: int) -> None:
    answer = await browser.post("/", content=body, headers={"Origin": ISSUER, "Content-Type": kind})
    assert answer.status_code == status


async def test_every_page_carries_the_strict_headers(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/")).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["cache-control"] == "no-store"
    cookie = headers["set-cookie"]
    assert cookie.startswith("__Host-gatepost-csrf=")
    assert {"HttpOnly", "Secure", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "domain" not in cookie.lower()


@pytest.mark.parametrize(
    ("accept", "cookie", "language"),
    [
        ("", "", "en"),
        ("ja", "", "ja"),
        ("fr;q=0.9, ja-JP;q=0.8, en;q=0.7", "", "ja"),
        ("ja;q=0, en", "", "en"),
        ("ja;q=nonsense", "", "en"),
        ("en", "ja", "ja"),
        ("ja", "xx", "ja"),
    ],
)
async def test_the_language_is_chosen(browser: httpx.AsyncClient, accept: str, cookie: str, language: str) -> None:
    sent = {"Accept-Language": accept, "Cookie": f"__Host-gatepost-lang={cookie}"}
    answer = await browser.get("/", headers=sent)
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language


async def test_static_files_are_found_by_their_hash_alone(browser: httpx.AsyncClient, pages: Pages) -> None:
    answer = await browser.get(pages.assets.address("gatepost.css"))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    for path in ("/static/gatepost.css", "/static/..%2fpages.py", "/static/%2e%2e/pages.py", "/static/", "/static/%00"):
        assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("https://id.example.test/portal/devices?x=1", "/portal/devices?x=1"),
        ("", "/portal"),
        ("https://id.example.test//evil.test/", "/portal"),
        ("nonsense", "/portal"),
    ],
)
def test_a_page_drawn_by_a_form_leads_back_to_where_the_form_stood(referer: str, back: str) -> None:
    headers = [(b"referer", referer.encode())] if referer else []
    scope = {"type": "http", "method": "POST", "path": "/portal/x", "query_string": b"", "headers": headers}
    assert here(Request(scope)) == back
