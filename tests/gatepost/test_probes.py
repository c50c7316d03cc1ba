"""What the health page sees of ports and certificates: what answers, what does not, and what to do."""

import asyncio
from pathlib import Path

from gatepost.household.probes import probes
from idp.admin.health import Row, State
from kernel.config.settings import Backend, Endpoint, Listener, Route, Settings, Site, Upstream


async def rows(settings: Settings) -> list[Row]:
    return [await look() for look in probes(settings)]


async def test_a_port_that_listens_is_good_and_one_that_does_not_is_bad(tmp_path: Path) -> None:
    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    mail = Backend("mail", imap=Upstream(Endpoint("127.0.0.1", port)))
    wiki = Route("wiki", "wiki.example.com", (f"http://127.0.0.1:{port}",))
    settings = Settings(Site("Example", "https://id.example.com", tmp_path), backends=(mail,), routes=(wiki,))
    seen = f"127.0.0.1:{port}"
    assert await rows(settings) == [
        Row("backend-imap", State.GOOD, seen, "", "mail"),
        Row("upstream", State.GOOD, seen, "", "wiki"),
    ]
    server.close()
    await server.wait_closed()
    assert {row.state for row in await rows(settings)} == {State.BAD}
    assert all("Connect" in row.seen and row.advice for row in await rows(settings))


async def test_a_listener_without_a_certificate_is_bad(tmp_path: Path) -> None:
    listener = Listener("web", "web", Endpoint("127.0.0.1", 443))
    settings = Settings(Site("Example", "https://id.example.com", tmp_path), listen=(listener,))
    (row,) = await rows(settings)
    assert (row.name, row.about, row.state) == ("certificate", "web", State.BAD)
