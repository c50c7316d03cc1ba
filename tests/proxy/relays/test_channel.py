"""A channel, in clear and under TLS: what is written arrives, what is not read is held back, what ends says so."""

import os
import ssl

import pytest

from proxy.relays import channel as channel_module
from proxy.relays import tls
from proxy.relays.channel import Channel
from tests.proxy.relays.conftest import Side
from tests.servers.certificates import Authority

Pair = tuple[Side, Side]
BULK = os.urandom(3 * 1024 * 1024 + 17)


async def start_tls(pair: Pair, server: ssl.SSLContext, client: ssl.SSLContext, name: str = "mail.test") -> None:
    left, right = pair
    left.channel.start_tls(server, lambda: left.note("ready"), server_side=True)
    right.channel.start_tls(client, lambda: right.note("ready"), server_side=False, server_name=name)
    await right.until(lambda: bool(right.events))
    await left.until(lambda: bool(left.events))


@pytest.fixture(params=["clear", "private", "public"])
async def connected(pair: Pair, authority: Authority, request: pytest.FixtureRequest, monkeypatch) -> Pair:
    if request.param == "public":

        def publicly(context, sock, *, server_side, server_name, owner):
            return tls.wrap_publicly(context, sock, server_side=server_side, server_name=server_name)

        monkeypatch.setattr(channel_module, "wrap", publicly)
    if request.param != "clear":
        await start_tls(pair, tls.server_context(*authority.issue("mail.test")), tls.client_context(authority.path))
        for side in pair:
            assert side.events == ["ready"]
            side.events.clear()
    for side in pair:
        side.channel.resume()
    return pair


async def test_what_is_written_arrives(connected: Pair) -> None:
    left, right = connected
    assert left.channel.write(b"* OK ready\r\n")
    await right.until(lambda: right.received == b"* OK ready\r\n")
    assert right.channel.write(memoryview(b"a NOOP\r\n"))
    await left.until(lambda: left.received == b"a NOOP\r\n")


async def test_bulk_is_queued_and_drained_in_order(connected: Pair) -> None:
    left, right = connected
    right.channel.pause()
    assert not left.channel.write(BULK)
    assert not left.channel.write(b"more")
    assert left.channel.queued > len(BULK) // 2
    right.channel.resume()
    await left.until(lambda: left.events == ["drain"])
    await right.until(lambda: len(right.received) == len(BULK) + 4)
    assert right.received == BULK + b"more"
    assert left.channel.queued == 0


async def test_the_end_arrives_after_the_last_octet(connected: Pair) -> None:
    left, right = connected
    left.channel.write(BULK)
    left.channel.close()
    await right.until(lambda: right.events == ["end"])
    assert right.received == BULK
    assert not right.channel.closed
    right.channel.close()
    assert right.channel.closed


async def test_last_words_survive_unread_input(connected: Pair) -> None:
    """A plain close over unread input would reset the connection and lose the words."""
    left, right = connected
    left.channel.pause()
    right.channel.write(b"x" * 5000)
    left.channel.write(b"* BYE too much\r\n")
    left.channel.finish()
    right.channel.write(b"y" * 5000)
    await right.until(lambda: right.events == ["end"])
    assert right.received == b"* BYE too much\r\n"
    right.channel.close()


async def test_pause_within_a_read_holds(connected: Pair) -> None:
    left, right = connected
    right.channel.on_data = lambda data: (right.received.extend(data), right.channel.pause(), right.note("paused"))[0]
    left.channel.write(b"x" * 300_000)
    await right.until(lambda: "paused" in right.events)
    assert len(right.received) < 300_000
    right.channel.on_data = lambda data: (right.received.extend(data), right.note("more"))[0]
    right.channel.resume()
    await right.until(lambda: len(right.received) == 300_000)


async def test_a_peer_that_never_reads_is_cut_off(connected: Pair) -> None:
    left, right = connected
    right.channel.pause()
    for _ in range(5):
        left.channel.write(BULK)
    await left.until(lambda: left.events == ["error"])
    assert isinstance(left.error, channel_module.QueueFull)
    assert left.channel.closed


async def test_a_broken_peer_is_told_of_once(pair: Pair) -> None:
    left, right = pair
    left.channel.resume()
    right.channel.write(b"unread")
    right.channel.abort()
    left.channel.write(b"into the void")
    left.channel.write(b"and more")
    await left.until(lambda: bool(left.events))
    assert left.events in (["error"], ["end"])


async def test_no_handler_after_close(connected: Pair) -> None:
    left, right = connected
    right.channel.write(b"late")
    left.channel.close()
    await right.until(lambda: bool(right.events))
    assert left.events == []
    assert left.received == b""
    assert left.channel.write(b"dropped")


async def test_unknown_authority_fails_both_sides(pair: Pair, authority: Authority) -> None:
    await start_tls(pair, tls.server_context(*authority.issue("mail.test")), tls.client_context())
    assert [side.events for side in pair] == [["error"], ["error"]]
    assert isinstance(pair[1].error, ssl.SSLCertVerificationError)


async def test_the_name_is_verified(pair: Pair, authority: Authority) -> None:
    contexts = tls.server_context(*authority.issue("mail.test")), tls.client_context(authority.path)
    await start_tls(pair, *contexts, name="other.test")
    assert isinstance(pair[1].error, ssl.SSLCertVerificationError)


async def test_garbage_instead_of_a_handshake(pair: Pair, authority: Authority) -> None:
    left, right = pair
    left.channel.start_tls(
        tls.server_context(*authority.issue("mail.test")), lambda: left.note("ready"), server_side=True
    )
    right.channel.write(b"a LOGIN alice secret\r\n")
    await left.until(lambda: bool(left.events))
    assert left.events == ["error"]


async def client_certificate(pair: Pair, authority: Authority, files: tuple | None) -> Channel:
    server = tls.server_context(*authority.issue("mail.test"), device_ca=authority.path)
    client = tls.client_context(authority.path)
    if files:
        client.load_cert_chain(*files)
    await start_tls(pair, server, client)
    return pair[0].channel


async def test_a_client_certificate_is_shown_as_der(pair: Pair, authority: Authority) -> None:
    files = authority.issue("laptop", client=True)
    channel = await client_certificate(pair, authority, files)
    assert ssl.DER_cert_to_PEM_cert(channel.certificate) == files[0].read_text()
    assert channel.tls_version == "TLSv1.3"


async def test_without_a_client_certificate_the_door_stays_open(pair: Pair, authority: Authority) -> None:
    channel = await client_certificate(pair, authority, None)
    assert pair[0].events == ["ready"]
    assert channel.certificate == b""


@pytest.mark.parametrize("flaw", ["expired", "for servers", "of another authority"])
async def test_a_wrong_client_certificate_fails(
    flaw: str, pair: Pair, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Attack D10: only what our authority issued, for clients, and still valid, gets as far as the registry."""
    files = {
        "expired": lambda: authority.issue("old", client=True, days=-1),
        "for servers": lambda: authority.issue("server"),
        "of another authority": lambda: Authority(tmp_path_factory.mktemp("other")).issue("laptop", client=True),
    }[flaw]()
    await client_certificate(pair, authority, files)
    assert pair[0].events == ["error"]


async def test_alpn_of_another_protocol_shows(pair: Pair, authority: Authority) -> None:
    """Attack E16: a browser led to a mail port offers http/1.1; the listener sees it and closes."""
    server = tls.server_context(*authority.issue("mail.test"), alpn=("imap",))
    await start_tls(pair, server, tls.client_context(authority.path, alpn=("h2", "http/1.1")))
    assert pair[0].channel.alpn == "http/1.1"
    assert not tls.alpn_fits(pair[0].channel.alpn, ("imap",))


@pytest.mark.parametrize(("offered", "selected"), [(("imap",), "imap"), ((), None)])
async def test_alpn_of_ours_or_none_fits(pair: Pair, authority: Authority, offered, selected) -> None:
    server = tls.server_context(*authority.issue("mail.test"), alpn=("imap",))
    await start_tls(pair, server, tls.client_context(authority.path, alpn=offered))
    assert pair[0].channel.alpn == selected
    assert tls.alpn_fits(selected, ("imap",))


async def test_sni_chooses_the_certificate(pair: Pair, authority: Authority) -> None:
    server = tls.server_context(*authority.issue("mail.test"))
    tls.serve_names(server, {"web.test": tls.server_context(*authority.issue("web.test"))})
    await start_tls(pair, server, tls.client_context(authority.path), name="web.test")
    assert pair[1].events == ["ready"]
    assert pair[0].channel.server_name == "web.test"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1])
async def test_old_tls_is_refused(pair: Pair, authority: Authority, version: ssl.TLSVersion) -> None:
    client = tls.client_context(authority.path)
    with pytest.warns(DeprecationWarning):
        client.minimum_version = client.maximum_version = version
    await start_tls(pair, tls.server_context(*authority.issue("mail.test")), client)
    assert "ready" not in pair[0].events
