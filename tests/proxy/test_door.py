"""One proxy worker, as the household runs it: it opens, serves web and mail over TLS, and closes with its records."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kernel.authority import Policy, Verified
from kernel.clock import SystemClock
from kernel.config.settings import Bounds, Endpoint, Listener, Route, Settings, Site
from proxy import door as door_module
from proxy.door import Door, serve
from tests.proxy.house import HandAsker, HandAuthority, allow, policy
from tests.proxy.web.site import Application, Browser, browser, request
from tests.servers.certificates import Authority

LOCAL = "127.0.0.1"


class Client(HandAuthority):
    """The hand-made identity side, in the place of the client of a real one."""

    def start(self) -> None:
        self.asked.append("start")

    async def close(self) -> None:
        self.asked.append("close")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(door_module, "PATIENCE", 0.05)
    monkeypatch.setattr("proxy.changes.load", lambda text, revision: policy(revision, mail=allow()))
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("gc.set_threshold", lambda *_: None)
    certificate, key = Authority(tmp_path).issue("mail.example")
    listen = tuple(
        Listener(service, service, Endpoint(LOCAL, 0), certificate=certificate, key=key)
        for service in ("web", "imap", "submission")
    )
    return Settings(Site("Test", "https://id.example", tmp_path), listen)


@asynccontextmanager
async def opened(settings: Settings, authority: Client) -> AsyncIterator[Door]:
    door = Door(settings, authority, HandAsker(authority))  # type: ignore[arg-type]
    parts = [asyncio.ensure_future(part) for part in door.background()]
    try:
        door.open()
        yield door
        await door.close()
    finally:
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        door.reactor.deadlines.stop()


async def connect(door: Door, nth: int) -> Browser:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return Browser(*await asyncio.open_connection(LOCAL, door.listening[nth].port, ssl=context))


async def test_it_serves_the_web_and_greets_mail_clients(settings: Settings) -> None:
    authority, application = Client(text=Policy(1, "allow mail")), Application()
    await application.start()
    route = Route("mail", "mail.example", (f"http://{LOCAL}:{application.port}",))
    whole = Settings(settings.site, settings.listen, (route,))
    async with opened(whole, authority) as door:
        assert not await door.current(0.01)
        authority.changed.put_nowait([])
        assert await door.current(5.0)
        who = browser()
        authority.good["C"] = Verified(who, good_until=SystemClock().now() + 60)
        authority.present[who.key] = who
        web = await connect(door, 0)
        web.send(request("/inbox"))
        assert (await web.response())[2] == b"hi"
        imap = await connect(door, 1)
        assert (await imap.reader.readline()).startswith(b"* OK [CAPABILITY IMAP4rev1")
        submission = await connect(door, 2)
        assert (await submission.reader.readline()).startswith(b"220 ")
        for each in (web, imap, submission):
            each.writer.close()
    assert [event.kind for event in authority.events] == ["decided", "session-ended"]
    assert authority.events[-1].reason == "shutdown"  # type: ignore[attr-defined]
    await application.stop()


async def test_another_configuration_serves_new_connections_and_ends_no_session(settings: Settings) -> None:
    authority, one, other = Client(text=Policy(1, "allow mail")), Application(), Application()
    other.answer = one.answer.replace(b"\r\n\r\nhi", b"\r\n\r\nho")
    await one.start()
    await other.start()
    route = Route("mail", "mail.example", (f"http://{LOCAL}:{one.port}",))
    async with opened(Settings(settings.site, settings.listen, (route,)), authority) as door:
        authority.changed.put_nowait([])
        assert await door.current(5.0)
        who = browser()
        authority.good["C"] = Verified(who, good_until=SystemClock().now() + 60)
        authority.present[who.key] = who
        before = await connect(door, 0)
        before.send(request())
        assert (await before.response())[2] == b"hi"
        [lease] = door.leases.listing()

        moved = replace(route, upstreams=(f"http://{LOCAL}:{other.port}",))
        again = Settings(replace(settings.site, name="Renamed"), settings.listen, (moved,), bounds=Bounds(line=100))
        door.adopt(again)
        after = await connect(door, 0)
        after.send(request())
        assert (await after.response())[2] == b"ho"
        before.send(request())
        assert (await before.response())[2] == b"hi"
        assert [each.id for each in door.leases.listing()] == [lease.id]
        imap = await connect(door, 1)
        await imap.reader.readline()
        imap.send(b"a " + b"x" * 200 + b"\r\n")
        assert b"BAD" in await imap.reader.readline() or imap.reader.at_eof()

        house = door.web.house
        door.adopt(Settings(settings.site, settings.listen, (replace(route, host="not a host"),)))
        assert door.web.house is house
        for each in (before, after, imap):
            each.writer.close()
    assert [event.kind for event in authority.events].count("fault") == 1
    await one.stop()
    await other.stop()


async def test_without_the_identity_side_it_opens_and_lets_nobody_in(settings: Settings) -> None:
    authority, stop, ready = Client(down=True), asyncio.Event(), asyncio.Event()
    running = asyncio.ensure_future(serve(settings, authority, stop, ready.set))  # type: ignore[arg-type]
    await asyncio.wait_for(ready.wait(), 5)
    stop.set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door_module, "RECORDS_SECONDS", 0.01)
        await asyncio.wait_for(running, 5)
    assert authority.asked[0] == "start"
    assert authority.asked[-1] == "close"


async def test_a_broken_certificate_leaves_the_old_one_in_force_and_is_on_record(settings: Settings) -> None:
    authority = Client(text=Policy(1, "allow mail"))
    async with opened(settings, authority) as door:
        before = door.listening[0].context
        certificate = settings.listen[0].certificate
        assert certificate is not None
        certificate.write_text("rubbish")
        door.reload()
        assert door.listening[0].context is before
        await door.recorder.drain(5.0)
    assert {event.kind for event in authority.events} == {"fault"}
