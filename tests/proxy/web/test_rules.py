"""The small pure rules: hosts, paths, cookies, routes, languages, addresses, states, frames."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.chance import SeededChance
from kernel.config.settings import Bounds, Route
from proxy.web import cookies
from proxy.web.handover import begin_state, finish_state
from proxy.web.head import Bad
from proxy.web.hearing import hear, preferred
from proxy.web.paths import normal_host, normal_target, own_path
from proxy.web.routes import RouteTable
from proxy.web.tunnel import Frames, close_frame
from proxy.whereabouts import networks


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        (b"/a/b", b"/a/b"),
        (b"/%41%7e%2D", b"/A~-"),
        (b"/%e3%81%82", b"/%E3%81%82"),
        (b"/a//b/", b"/a/b/"),
        (b"/.well-known/x", b"/.well-known/x"),
        (b"/a;b=c/d", b"/a;b=c/d"),
        (b"/", b"/"),
        (b"///", b"/"),
    ],
)
def test_a_path_has_one_normal_form(raw: bytes, normal: bytes) -> None:
    assert normal_target(raw + b"?q=/../%2f") == (normal, b"?q=/../%2f")


@given(st.text("/.%2eE5cfaA;\\", max_size=20))
def test_a_normal_path_stays_as_it_is_and_holds_no_way_up(text: str) -> None:
    try:
        path, _ = normal_target(b"/" + text.encode())
    except Bad:
        return
    assert normal_target(path) == (path, b"")
    assert not {b".", b".."} & {segment.split(b";")[0] for segment in path.split(b"/")}
    assert b"\\" not in path
    assert b"//" not in path


@pytest.mark.parametrize(
    "text",
    [
        *("https://evil.example", "//evil.example", "/\\evil.example", "\\/evil", "/a\r\nSet-Cookie: x", "/\tevil", ""),
        *("javascript:alert(1)", "/ /evil", "/.gatepost/return?x", "/あ", "/" + "a" * 2000),
    ],
)
def test_a_way_back_never_leads_elsewhere(text: str) -> None:
    assert own_path(text) == "/"


def test_a_way_back_on_our_own_host_is_kept() -> None:
    assert own_path("/mail/?_task=mail&_uid=7") == "/mail/?_task=mail&_uid=7"


@given(st.text(max_size=300), st.text(max_size=60))
def test_a_state_works_in_its_own_browser_alone(to: str, foreign: str) -> None:
    path = own_path("/" + to)
    state, cookie = begin_state(SeededChance(), "", path)
    assert len(state) <= 256
    assert finish_state(state, cookie) in (path, "/")
    assert finish_state(state, foreign) is None
    assert finish_state("", cookie) is None
    assert finish_state("x" + state, cookie) is None


def test_a_second_tab_keeps_the_nonce_and_its_own_way_back() -> None:
    chance = SeededChance()
    one, cookie = begin_state(chance, "", "/one")
    two, cookie = begin_state(chance, cookie, "/two")
    assert (finish_state(one, cookie), finish_state(two, cookie)) == ("/one", "/two")


def test_a_long_way_back_travels_in_the_cookie() -> None:
    path = "/" + "a" * 400
    state, cookie = begin_state(SeededChance(), "", path)
    assert finish_state(state, cookie) == path
    assert cookies.VALUE.fullmatch(cookie)


def test_only_our_own_cookies_are_cut_out_whatever_their_spelling() -> None:
    value = b"a=1; __Host-gatepost-mail=x; b=2; __HOST-GATEPOST~state-mail=y;c=3"
    assert cookies.without_ours(value) == b"a=1; b=2; c=3"
    assert cookies.without_ours(b"a=1; b=2") == b"a=1; b=2"
    assert cookies.read([value]) == {"__Host-gatepost-mail": "x", "__HOST-GATEPOST~state-mail": "y"}


def test_the_longest_path_of_a_host_wins_at_a_segment_only() -> None:
    routes = [Route("all", "x.example", ()), Route("admin", "x.example", (), path="/admin")]
    table = RouteTable(routes, "https://id.example:8443")
    found = {path: table.find("x.example", path) for path in (b"/", b"/admin", b"/admin/x", b"/administrator")}
    assert {path: place.route.name for path, place in found.items() if place} == {
        b"/": "all",
        b"/admin": "admin",
        b"/admin/x": "admin",
        b"/administrator": "all",
    }
    assert table.issuer_host == "id.example:8443"
    assert table.find("y.example", b"/") is None


@pytest.mark.parametrize("raw", [b"a b", b"a/b", b"a@b", b"[::1", b"a:0", b"a:70000", b".", b"-a", b"a..b", b"\xff"])
def test_a_malformed_host_is_refused(raw: bytes) -> None:
    with pytest.raises(Bad):
        normal_host(raw)


def test_an_ipv6_host_is_one() -> None:
    assert normal_host(b"[2001:DB8::1]:8443") == "[2001:db8::1]:8443"


@pytest.mark.parametrize(
    ("field", "language"),
    [(b"ja,en;q=0.5", "ja"), (b"de, en-GB;q=0.8, ja;q=0.9", "ja"), (b"fr", ""), (b"", ""), (b"en;q=x, ja;q=0.1", "ja")],
)
def test_the_language_that_a_browser_puts_first(field: bytes, language: str) -> None:
    assert preferred(field) == language


def test_an_address_is_believed_from_trusted_proxies_alone() -> None:
    trusted = networks(("10.0.0.0/8",))
    raw = b"Host: x\r\nX-Forwarded-For: 1.1.1.1, 203.0.113.9, 10.0.0.2\r\n"
    assert hear(raw, Bounds(), "10.0.0.1", trusted).address == "203.0.113.9"
    assert hear(raw, Bounds(), "192.0.2.1", trusted).address == "192.0.2.1"
    assert hear(b"Host: x\r\nX-Forwarded-For: junk\r\n", Bounds(), "10.0.0.1", trusted).address == "10.0.0.1"


@settings(deadline=None)  # a busy machine is no fault of the framing
@given(st.lists(st.integers(0, 70_000), max_size=5), st.integers(1, 5000))
def test_frames_are_followed_whatever_the_cuts(lengths: list[int], step: int) -> None:
    stream = b"".join(_frame(length) for length in lengths)
    frames = Frames()
    for at in range(0, len(stream), step):
        frames.pass_by(stream[at : at + step])
    assert frames.between
    frames.pass_by(b"\x81")
    assert not frames.between


def _frame(length: int) -> bytes:
    if length < 126:
        return bytes((0x82, length)) + bytes(length)
    if length < 65536:
        return b"\x82\x7e" + length.to_bytes(2, "big") + bytes(length)
    return b"\x82\x7f" + length.to_bytes(8, "big") + bytes(length)


def test_a_close_frame_is_cut_at_a_character() -> None:
    frame = close_frame(1008, "端末" * 60)
    assert (frame[0], frame[1]) == (0x88, len(frame) - 2)
    assert len(frame) <= 127
    assert frame[4:].decode("utf-8").startswith("端末")
