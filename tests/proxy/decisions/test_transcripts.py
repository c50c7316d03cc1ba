"""Whole questions as Traefik and Envoy word them by their documentation, and what each makes of the answer.

Neither is in Debian; nginx and Caddy are asked for real in ``tests/e2e/test_decision_point.py``.
"""

from pathlib import Path
from typing import Any

import yaml

from proxy.decisions.asked import ENDPOINTS, ENVOY, Style
from tests.proxy.decisions.site import SECRET, DecisionSite
from tests.proxy.web.site import browser

TRAEFIK = f"""\
GET /forward-auth HTTP/1.1
Host: 127.0.0.1:9091
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: ja,en;q=0.5
Cookie: {{cookie}}
Sec-Fetch-Dest: document
Sec-Fetch-Mode: navigate
Sec-Fetch-Site: none
X-Forwarded-For: 203.0.113.9
X-Forwarded-Host: wiki.example
X-Forwarded-Method: GET
X-Forwarded-Port: 443
X-Forwarded-Proto: https
X-Forwarded-Server: traefik-7
X-Forwarded-Uri: /edit/Start?section=2
X-Gatepost-Enforcer: {SECRET}
X-Real-Ip: 203.0.113.9

"""
"""forwardAuth with trustForwardHeader off: the client's own fields but for X-Forwarded-*, then Traefik's."""

ENVOYS = f"""\
{{method}} /envoy/edit/Start?section=2 HTTP/1.1
host: wiki.example
content-length: 0
accept: text/html
accept-language: ja
cookie: {{cookie}}
sec-fetch-dest: document
sec-fetch-mode: navigate
x-forwarded-for: 10.0.0.1,203.0.113.9
x-forwarded-proto: https
x-gatepost-enforcer: {SECRET}
x-envoy-internal: false
x-envoy-expected-rq-timeout-ms: 5000

"""
"""ext_authz: method, path below the prefix and host of the request; of its fields those that allowed_headers names.
What the client said of its own address stands before what Envoy saw."""

DEPLOY = Path(__file__).parents[3] / "deploy"
GOOD, NONE = "theme=dark; __Host-gatepost-wiki=C", "theme=dark"


async def told(site: DecisionSite, text: str, **values: str) -> tuple[int, dict[str, str], bytes]:
    enforcer = await site.enforcer()
    enforcer.send(text.format(**values).replace("\n", "\r\n").encode())
    return await enforcer.response()


async def test_traefik_lets_through_on_2xx_and_copies_what_it_is_told_to(site: DecisionSite) -> None:
    site.knows("C", browser())
    status, fields, _ = await told(site, TRAEFIK, cookie=GOOD)
    assert status == 200
    assert {name: fields[name] for name in ("x-gatepost-identity", "cookie")} == {
        "x-gatepost-identity": "jwt.u_alice.wiki",
        "cookie": "theme=dark",
    }
    [decided] = await site.recorded("decided")
    assert decided["address"] == "203.0.113.9"


async def test_traefik_gives_the_client_anything_else_as_it_is(site: DecisionSite) -> None:
    status, fields, body = await told(site, TRAEFIK, cookie=NONE)
    assert (status, body) == (303, b"")
    assert fields["location"].startswith("https://id.example/enter?route=wiki&state=")
    assert fields["location"].endswith("&to=%2Fedit%2FStart%3Fsection%3D2")
    assert fields["set-cookie"].startswith("__Host-gatepost~state-wiki=") and "Secure" in fields["set-cookie"]
    site.follower.policy = None
    site.knows("C", browser(language="ja"))
    status, fields, body = await told(site, TRAEFIK, cookie=GOOD)
    assert status == 403 and "アクセスできません".encode() in body
    assert fields["cache-control"] == "no-store"


async def test_envoy_lets_through_on_200_and_on_nothing_else(site: DecisionSite) -> None:
    site.knows("C", browser())
    for method in ("GET", "POST", "DELETE", "PROPFIND"):
        status, fields, body = await told(site, ENVOYS, cookie=GOOD, method=method)
        assert (status, body, fields["x-gatepost-identity"]) == (200, b"", "jwt.u_alice.wiki"), method
    assert {event["address"] for event in await site.recorded("decided")} == {"203.0.113.9"}


async def test_envoy_gives_the_client_a_refusal_with_its_status_location_and_cookie(site: DecisionSite) -> None:
    status, fields, _ = await told(site, ENVOYS, cookie=NONE, method="GET")
    assert status == 303 and fields["location"].endswith("&to=%2Fedit%2FStart%3Fsection%3D2")
    assert "set-cookie" in fields
    status, fields, body = await told(site, ENVOYS, cookie=NONE, method="POST")
    assert status == 401 and "location" not in fields and "サインイン".encode() in body


def shipped(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def test_the_shipped_file_for_traefik_asks_where_we_answer_and_copies_what_we_say() -> None:
    http = shipped("traefik/gatepost.yaml")["http"]
    asks = http["middlewares"]["gatepost"]["forwardAuth"]
    assert ENDPOINTS[asks["address"].removeprefix("http://127.0.0.1:9091").encode()] is Style.ANSWER
    assert asks["authResponseHeaders"] == ["X-Gatepost-Identity", "Cookie"] and asks["trustForwardHeader"] is False
    assert http["routers"]["wiki"]["middlewares"] == ["gatepost-secret", "gatepost", "gatepost-secret-off"]
    assert "gatepost" not in http["routers"]["wiki-gatepost"]["middlewares"]


def test_the_shipped_file_for_envoy_asks_where_we_answer_and_copies_what_we_say() -> None:
    [chain] = shipped("envoy/envoy.yaml")["static_resources"]["listeners"][0]["filter_chains"]
    manager = chain["filters"][0]["typed_config"]
    asks = manager["http_filters"][0]["typed_config"]
    assert asks["http_service"]["path_prefix"].encode() == ENVOY and asks["failure_mode_allow"] is False
    copied = asks["http_service"]["authorization_response"]["allowed_upstream_headers"]["patterns"]
    assert [each["exact"] for each in copied] == ["x-gatepost-identity", "cookie"]
    seen = {each.get("exact") for each in asks["allowed_headers"]["patterns"]}
    assert {"cookie", "x-forwarded-for", "x-forwarded-proto", "accept"} <= seen
    assert manager["use_remote_address"] is True
