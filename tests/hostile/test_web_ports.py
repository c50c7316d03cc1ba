"""Whatever a stranger sends to an HTTPS port: one clean refusal and a close, never a second request, never a way around
the sign-in (attacks A4 to A11, B1 to B21, B26, E16)."""

import re
import ssl

import httpx
import pytest

from tests.e2e.demo import Demo
from tests.hostile.line import MAIL_PORTS, Heard, Line, mail, memory, web, web_port

pytestmark = pytest.mark.e2e
PLACES = ("webmail", "issuer")
CHUNKED = "Transfer-Encoding: chunked\r\n"
SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n"
MIB = 1 << 20


def asked(demo: Demo, place: str, text: str) -> Heard:
    """Send a request (``HOST`` stands for the place's own host) and hear everything until the close."""
    host = f"localhost:{web_port(demo, place)}"
    return web(demo, place).say(text.replace("HOST", host).encode("latin-1"))


def post(fields: str, body: str = "", version: str = "1.1") -> str:
    return f"POST /oauth2/token HTTP/{version}\r\nHost: HOST\r\n{fields}\r\n{body}"


FRAMING = {
    "CL.TE": post("Content-Length: 6\r\n" + CHUNKED, "0\r\n\r\nG" + SMUGGLED),
    "TE.CL": post(CHUNKED + "Content-Length: 4\r\n", "5c\r\n" + SMUGGLED),
    "two lengths": post("Content-Length: 6\r\nContent-Length: 5\r\n", "abcdef"),
    "the same length twice": post("Content-Length: 6\r\nContent-Length: 6\r\n", "abcdef"),
    "a list of lengths": post("Content-Length: 6, 6\r\n", "abcdef"),
    "+0": post("Content-Length: +0\r\n"),
    "-1": post("Content-Length: -1\r\n"),
    "1_0": post("Content-Length: 1_0\r\n", "abcdefghij"),
    "hex": post("Content-Length: 0x6\r\n", "abcdef"),
    "fullwidth digits": post("Content-Length: \xb2\r\n", "ab"),
    "an empty length": post("Content-Length: \r\n"),
    "more than 2^64": post("Content-Length: 18446744073709551617\r\n", "a"),
    "xchunked": post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
    "identity": post("Transfer-Encoding: identity\r\n", "0\r\n\r\n"),
    "gzip, chunked": post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
    "chunked, identity": post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
    "chunked twice": post(CHUNKED + CHUNKED, "0\r\n\r\n"),
    "a space before the colon": post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
    "VT": post("Transfer-Encoding:\x0bchunked\r\n", "0\r\n\r\n"),
    "folded": post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
    "a space before the name": post(" Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    "chunked in HTTP/1.0": post(CHUNKED, "0\r\n\r\n", "1.0"),
    "bare CR in a field": post("A: b\rTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    "bare LF in a field": post("A: b\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    "NUL in a field": post("A: b\0c\r\n"),
    "LF for CR LF": "GET / HTTP/1.1\nHost: HOST\n\n",
    "no host": "GET / HTTP/1.1\r\n\r\n",
    "two hosts": "GET / HTTP/1.1\r\nHost: HOST\r\nHost: evil\r\n\r\n",
    "a path in the host": "GET / HTTP/1.1\r\nHost: HOST/healthz?x=\r\n\r\n",
    "a user in the host": "GET / HTTP/1.1\r\nHost: evil@HOST\r\n\r\n",
    "a space in the host": "GET / HTTP/1.1\r\nHost: HOST evil\r\n\r\n",
    "absolute, elsewhere": "GET https://evil.example/ HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "CONNECT": "CONNECT evil.example:443 HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "TRACE": "TRACE / HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "a space in the path": "GET /a b HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "a fragment": "GET /a#b HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "raw octets in the path": "GET /\xff HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "a control character": "GET /\x01 HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "a name with a space": "GET / HTTP/1.1\r\nHost: HOST\r\nX-A B: c\r\n\r\n",
    "no name": "GET / HTTP/1.1\r\nHost: HOST\r\n: c\r\n\r\n",
    "no colon": "GET / HTTP/1.1\r\nHost: HOST\r\nabc\r\n\r\n",
    "HTTP/1.1x": "GET / HTTP/1.1x\r\nHost: HOST\r\n\r\n",
    "HTTP/2.0": "GET / HTTP/2.0\r\nHost: HOST\r\n\r\n",
    "the preface of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "IMAP": "a LOGIN alice secret\r\nb NOOP\r\n\r\n",
    "SMTP": "EHLO x\r\nMAIL FROM:<a@b>\r\n\r\n",
    "noise": "".join(chr(octet) for octet in range(256)) * 20,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", FRAMING.values(), ids=FRAMING.keys())
def test_a_head_that_two_parsers_could_read_differently_is_refused_once_and_cut(
    demo: Demo, place: str, text: str
) -> None:
    heard = asked(demo, place, text)

    assert heard.closed
    assert len(heard.statuses) == 1, heard.octets[:200]
    assert heard.statuses[0] in (b"400", b"405", b"501", b"505"), heard.octets[:200]


CHUNKS = {
    "a bare LF after an extension": "5;a\nbbbbb\r\n0\r\n\r\n" + SMUGGLED,
    "a size that overflows": "fffffffffffffffff\r\n" + SMUGGLED,
    "a negative size": "-5\r\nabcde\r\n0\r\n\r\n",
    "0x": "0x5\r\nabcde\r\n0\r\n\r\n",
    "a space before the size": " 5\r\nabcde\r\n0\r\n\r\n",
    "no end after the data": "1\r\nabc\r\n0\r\n\r\n" + SMUGGLED,
    "an endless extension": "1;" + "a" * 70_000 + "\r\n",
    "an empty size": "\r\nabc\r\n0\r\n\r\n",
    "endless trailers": "0\r\n" + "A: b\r\n" * 20_000 + "\r\n",
}


@pytest.mark.parametrize("body", CHUNKS.values(), ids=CHUNKS.keys())
def test_a_chunk_that_is_none_ends_the_connection_and_smuggles_nothing(demo: Demo, body: str) -> None:
    fields = CHUNKED + "Content-Type: application/x-www-form-urlencoded\r\n"
    heard = asked(demo, "issuer", post(fields, body))

    assert heard.closed
    assert len(heard.statuses) <= 1, heard.octets[:300]
    assert all(status[:1] in b"45" for status in heard.statuses), heard.octets[:300]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("text", "status"),
    [
        pytest.param(f"GET /{'a' * MIB} HTTP/1.1\r\nHost: HOST\r\n\r\n", b"414", id="a request line of 1 MiB"),
        pytest.param(f"GET /{'a' * MIB}", b"414", id="a request line without an end"),
        pytest.param(
            "GET / HTTP/1.1\r\nHost: HOST\r\n" + f"X: {'a' * 8000}\r\n" * 1048 + "\r\n", b"431", id="8 MiB of fields"
        ),
        pytest.param("GET / HTTP/1.1\r\nHost: HOST\r\n" + "A: b\r\n" * 100_000 + "\r\n", b"431", id="100,000 fields"),
        pytest.param("GET / HTTP/1.1\r\nHost: HOST\r\nX: " + "a" * MIB, b"431", id="a field without an end"),
    ],
)
def test_what_is_too_large_is_refused_and_costs_no_memory(demo: Demo, place: str, text: str, status: bytes) -> None:
    """Attack B21."""
    before = memory(demo)
    for _ in range(5):
        heard = asked(demo, place, text)
        assert heard.closed
        assert heard.statuses in ([status], []), heard.octets[:200]  # [] when the close overtakes the answer
    assert memory(demo) - before < 32 * MIB


WAYS_AROUND = {
    "a health checker": "GET / HTTP/1.1\r\nHost: HOST\r\nUser-Agent: GoogleHC/1.0\r\n",
    "OPTIONS": "OPTIONS / HTTP/1.1\r\nHost: HOST\r\n",
    "HEAD": "HEAD / HTTP/1.1\r\nHost: HOST\r\n",
    "an override": "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\nX-HTTP-Method-Override: OPTIONS\r\n",
    "a public path by header": "GET / HTTP/1.1\r\nHost: HOST\r\nX-Original-URL: /.gatepost/signed-out\r\n",
    "another by header": "GET / HTTP/1.1\r\nHost: HOST\r\nX-Rewrite-URL: /.gatepost/x\r\n",
    "a third": "GET / HTTP/1.1\r\nHost: HOST\r\nX-Forwarded-Uri: /.gatepost/x\r\n",
    "a trusted address": "GET / HTTP/1.1\r\nHost: HOST\r\nX-Forwarded-For: 127.0.0.1\r\nX-Real-IP: 127.0.0.1\r\n",
    "an identity": "GET / HTTP/1.1\r\nHost: HOST\r\nX-Gatepost-Identity: eyJ\r\nX-Forwarded-User: ines\r\n",
    "a mail token": "GET / HTTP/1.1\r\nHost: HOST\r\nX-Gatepost-Mail-Token: x\r\nAuthorization: Bearer x\r\n",
    "the identity pages' own headers": "GET / HTTP/1.1\r\nHost: HOST\r\nX-Gatepost-Peer: 127.0.0.1\r\n",
    "a cookie of nobody": f"GET / HTTP/1.1\r\nHost: HOST\r\nCookie: __Host-gatepost-webmail={'a' * 43}\r\n",
    "a cookie of 100 kB": f"GET / HTTP/1.1\r\nHost: HOST\r\nCookie: __Host-gatepost-webmail={'a' * 12_000}\r\n",
    "a host in capitals": "GET / HTTP/1.1\r\nHost: LOCALHOST.:PORT\r\n",
    "a public path, then up": "GET /.gatepost/../ HTTP/1.1\r\nHost: HOST\r\n",
    "a public path, encoded up": "GET /.gatepost/%2e%2e/ HTTP/1.1\r\nHost: HOST\r\n",
    "a public path, doubled": "GET //.gatepost//../ HTTP/1.1\r\nHost: HOST\r\n",
    "a public path with a parameter": "GET /.gatepost;a=b/../ HTTP/1.1\r\nHost: HOST\r\n",
    "a public path in the query": "GET /?/.gatepost/signed-out HTTP/1.1\r\nHost: HOST\r\n",
    "a WebSocket": "GET /ws HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    "h2c": "GET / HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    "HTTP2-Settings: AAMAAABk\r\n",
}


@pytest.mark.parametrize("text", WAYS_AROUND.values(), ids=WAYS_AROUND.keys())
def test_nobody_reaches_webmail_without_a_session(demo: Demo, text: str) -> None:
    text = text.replace("PORT", str(web_port(demo)))
    last = f"GET / HTTP/1.1\r\nHost: {'a' * 300}\r\n\r\n"  # is refused and closes, whatever came of the first one
    heard = asked(demo, "webmail", f"{text}\r\n{last}")

    assert heard.closed
    assert heard.statuses[0] in (b"303", b"302", b"400", b"401", b"403", b"404", b"421", b"431"), heard.octets[:300]
    assert b"INBOX" not in heard.octets


@pytest.mark.parametrize("host", ["evil.example", "localhost", "localhost:1", "127.0.0.1:PORT", "[::1]:PORT"])
def test_a_host_that_is_not_ours_is_nobody_s(demo: Demo, host: str) -> None:
    for place in PLACES:
        name = host.replace("PORT", str(web_port(demo, place)))
        heard = asked(demo, place, f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n")
        assert heard.statuses == [b"421"], heard.octets[:200]


@pytest.mark.parametrize(
    "query", ["a=b&" * 100, "ticket=%FF", "ticket=%ED%A0%80&state=%00", "&=&=;", "ticket=" + "t" * 5000]
)
def test_an_odd_way_back_is_answered_and_is_no_fault_of_ours(demo: Demo, query: str) -> None:
    """A stranger's query that cannot be read is refused like any other; the audit does not hear of it."""
    held = f"Cookie: __Host-gatepost~state-webmail={'a' * 22}\r\nConnection: close\r\n\r\n"
    heard = asked(demo, "webmail", f"GET /.gatepost/return?{query} HTTP/1.1\r\nHost: HOST\r\n{held}")

    assert heard.statuses == [b"403"]
    assert demo.orders("audit", "search", "--kind", "fault")["items"] == []


def test_links_and_redirects_stand_on_the_configuration_not_on_headers(demo: Demo) -> None:
    """Attack A10."""
    lies = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.example"}
    with httpx.Client(verify=demo.trust(), headers=lies) as client:
        metadata = client.get(f"{demo.issuer}/.well-known/openid-configuration").json()
        assert metadata["issuer"] == demo.issuer
        assert "evil" not in str(metadata)
        for start in (f"{demo.issuer}/", demo.webmail):
            turned = client.get(start, headers={"Accept": "text/html", "Sec-Fetch-Mode": "navigate"})
            assert "evil" not in turned.headers.get("location", "") + turned.text


@pytest.mark.parametrize("listener", MAIL_PORTS)
def test_a_web_page_cannot_make_a_mail_port_talk(demo: Demo, listener: str) -> None:
    """Attack E16 (ALPACA): a form sent to a mail port is cut at its first line, and nothing of it comes back."""
    script = b"<script>alert(1)</script>"
    heard = mail(demo, listener).say(b"POST /" + script + b" HTTP/1.1\r\nHost: localhost\r\n\r\nEHLO x\r\n" + script)

    assert heard.closed
    assert script not in heard.octets
    assert len(heard.lines) <= 1


def test_clear_text_and_noise_on_a_tls_port_are_cut(demo: Demo) -> None:
    ports = [web_port(demo), web_port(demo, "issuer"), demo.port("imaps"), demo.port("submissions")]
    for port in ports:
        for octets in (
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"EHLO x\r\n",
            b"\0" * 5000,
            bytes(range(256)) * 20,
        ):
            heard = Line(demo, port, False).say(octets)
            assert heard.closed
            assert re.fullmatch(rb"(\x15\x03.{5})?", heard.octets, re.S), heard.octets


def test_a_client_that_means_another_protocol_is_cut_after_the_handshake(demo: Demo) -> None:
    """Attack E16: by ALPN the client says what it came for; a port that is something else has nothing to say to it."""
    meant = {"imaps": ["h2", "http/1.1"], "submissions": ["http/1.1"]}
    ports = [(demo.port(name), names) for name, names in meant.items()]
    for port, names in [*ports, (web_port(demo), ["imap", "h2"]), (web_port(demo, "issuer"), ["imap"])]:
        context = demo.trust()
        context.set_alpn_protocols(names)
        line = Line(demo, port, False)
        try:
            line.socket = context.wrap_socket(line.socket, server_hostname="localhost")
        except (ssl.SSLError, ConnectionError):
            continue
        assert line.say(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\na NOOP\r\n") == Heard(b"", True), (port, names)
