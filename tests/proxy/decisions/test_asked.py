"""The request that is asked about, out of the one that asks; as nginx, Caddy, Traefik and Envoy word it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.config.settings import Bounds
from proxy.decisions.asked import Asked, Style, read_asked
from proxy.web.head import Bad, Block, read_block

BOUNDS = Bounds()


def block(*fields: str) -> Block:
    return read_block("".join(f"{field}\r\n" for field in fields).encode("latin-1"), BOUNDS)


TRAEFIK = (
    # https://doc.traefik.io/traefik: forwardAuth repeats the client's fields and adds these.
    *("Host: gatepost.internal:9091", "User-Agent: Mozilla/5.0", "Accept: text/html", "Cookie: __Host-gatepost-wiki=C"),
    *("X-Forwarded-Method: POST", "X-Forwarded-Proto: https", "X-Forwarded-Host: wiki.example.com"),
    *("X-Forwarded-Uri: /edit/Start?section=2", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Port: 443"),
    *("X-Forwarded-Server: traefik-7", "X-Real-Ip: 203.0.113.9", "Accept-Encoding: gzip"),
)
CADDY = (
    *("Host: wiki.example.com", "User-Agent: Mozilla/5.0", "Accept: text/html", "X-Forwarded-Method: GET"),
    *("X-Forwarded-Uri: /edit/Start?section=2", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https"),
    "X-Forwarded-Host: wiki.example.com",
)
ENVOY = (
    # ext_authz, HTTP flavour: the request's own method, path and host; of its fields those that allowed_headers names.
    *("Host: wiki.example.com", "Content-Length: 0", "x-forwarded-for: 203.0.113.9", "x-forwarded-proto: https"),
    *("cookie: __Host-gatepost-wiki=C", "x-gatepost-enforcer: secret", "x-envoy-internal: true"),
    "x-envoy-expected-rq-timeout-ms: 200",
)


def test_traefik_and_caddy_say_it_in_fields() -> None:
    asked = read_asked(b"GET", b"/forward-auth", b"", "gatepost.internal:9091", block(*TRAEFIK))
    assert asked == Asked(Style.ANSWER, b"POST", "wiki.example.com", b"/edit/Start", b"?section=2")
    asked = read_asked(b"GET", b"/forward-auth", b"", "wiki.example.com", block(*CADDY))
    assert asked == Asked(Style.ANSWER, b"GET", "wiki.example.com", b"/edit/Start", b"?section=2")


def test_envoy_repeats_the_request() -> None:
    asked = read_asked(b"PUT", b"/envoy/edit/Start", b"?section=2", "wiki.example.com", block(*ENVOY))
    assert asked == Asked(Style.ANSWER, b"PUT", "wiki.example.com", b"/edit/Start", b"?section=2")
    assert read_asked(b"GET", b"/envoy/", b"", "wiki.example.com", block(*ENVOY)) == Asked(
        Style.ANSWER, b"GET", "wiki.example.com", b"/", b""
    )


def test_what_is_no_question_is_told_apart() -> None:
    for path in (b"/", b"/envoy", b"/envoys/x", b"/forward-auth/", b"/.gatepost/return"):
        assert read_asked(b"GET", path, b"", "wiki.example.com", block(*CADDY)) is None


def test_head_is_asked_about_as_get() -> None:
    fields = [field.replace("Method: GET", "Method: HEAD") for field in CADDY]
    asked = read_asked(b"GET", b"/forward-page", b"", "x", block(*fields))
    assert asked is not None and (asked.method, asked.style) == (b"GET", Style.PAGE)


@pytest.mark.parametrize("name", ["X-Forwarded-Method", "X-Forwarded-Host", "X-Forwarded-Uri"])
def test_a_field_that_is_missing_empty_or_doubled_is_refused(name: str) -> None:
    without = [field for field in CADDY if not field.startswith(name)]
    for fields in (without, [*without, f"{name}: "], [*CADDY, f"{name}: /"], [*CADDY, f"{name.lower()}: GET"]):
        with pytest.raises(Bad) as refused:
            read_asked(b"GET", b"/forward-auth", b"", "x", block(*fields))
        assert refused.value.status == 400


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=40))
def test_whatever_is_asked_about_has_one_reading_or_none(text: str) -> None:
    fields = [field for field in CADDY if not field.startswith("X-Forwarded-Uri")]
    try:
        asked = read_asked(b"GET", b"/forward-auth", b"", "x", block(*fields, f"X-Forwarded-Uri: {text}"))
    except Bad:
        return
    assert asked is not None and asked.path.startswith(b"/") and b"//" not in asked.path
    assert b".." not in asked.path.split(b"/") and asked.path.isascii()
