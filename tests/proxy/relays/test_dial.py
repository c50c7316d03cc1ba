"""Dialing: what goes wrong is said, in time; names are resolved off the loop."""

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

from kernel.config.settings import Endpoint, Tls, Upstream
from proxy.relays import dial
from proxy.relays.channel import Channel
from proxy.relays.dial import Dialer
from proxy.relays.reactor import Reactor
from tests.servers.certificates import Authority


async def dialed(reactor: Reactor, upstream: Upstream) -> Channel | Exception:
    answer: asyncio.Future[Channel | Exception] = asyncio.get_running_loop().create_future()
    Dialer(reactor).dial(upstream, answer.set_result)
    return await asyncio.wait_for(answer, 5)


@pytest.fixture
async def server(authority: Authority):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue("localhost"))

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK hi\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_verified_upstream(reactor: Reactor, authority: Authority, server: int, host: str) -> None:
    channel = await dialed(reactor, Upstream(Endpoint(host, server), Tls.IMPLICIT, authority.path, "localhost"))
    assert isinstance(channel, Channel)
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    channel.on_data = lambda data: heard.set_result(bytes(data))
    channel.resume()
    assert await asyncio.wait_for(heard, 5) == b"* OK hi\r\n"
    channel.abort()


async def test_another_name_an_unknown_authority_and_no_authority(
    reactor: Reactor, authority: Authority, server: int, tmp_path: Path
) -> None:
    here = Endpoint("127.0.0.1", server)
    for upstream, fault in [
        (Upstream(here, Tls.IMPLICIT, authority.path, "other.example"), ssl.SSLCertVerificationError),
        (Upstream(here, Tls.IMPLICIT, None, "localhost"), ssl.SSLCertVerificationError),
        (Upstream(here, Tls.IMPLICIT, tmp_path / "missing.pem", "localhost"), FileNotFoundError),
    ]:
        assert isinstance(await dialed(reactor, upstream), fault)


async def test_nobody_there_and_no_such_name(reactor: Reactor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert isinstance(await dialed(reactor, Upstream(Endpoint("127.0.0.1", port))), ConnectionRefusedError)
    assert isinstance(await dialed(reactor, Upstream(Endpoint("no-such-name.invalid", 1))), OSError)


async def test_a_server_that_never_shakes_hands(reactor: Reactor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dial, "DIAL_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        upstream = Upstream(Endpoint("127.0.0.1", silent.getsockname()[1]), Tls.IMPLICIT)
        assert isinstance(await dialed(reactor, upstream), TimeoutError)
