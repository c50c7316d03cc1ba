"""The decision point in a whole proxy worker: over TLS, by an enforcer's certificate, and by another configuration."""

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from kernel.authority import Policy, Verified
from kernel.clock import SystemClock
from kernel.config.settings import Endpoint, Enforcer, Listener, Route, Settings, Site, Tls
from proxy import door as door_module
from proxy.door import Door
from tests.proxy.decisions.site import SECRET, asking
from tests.proxy.house import allow, policy
from tests.proxy.test_door import LOCAL, Client, opened
from tests.proxy.web.site import Browser, browser
from tests.servers.certificates import Authority

WIKI = Route("wiki", "wiki.example", enforcers=("edge",))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(door_module, "PATIENCE", 0.05)
    monkeypatch.setattr("proxy.changes.load", lambda text, revision: policy(revision, wiki=allow()))
    monkeypatch.setattr("gc.freeze", lambda: None)
    authority = Authority(tmp_path)
    certificate, key = authority.issue("localhost")
    edge, _ = authority.issue("edge", client=True)
    authority.issue("stranger", client=True)
    files = {"certificate": certificate, "key": key, "client_certificate": True}
    listener = Listener("decisions", "decisions", Endpoint(LOCAL, 0), tls=Tls.IMPLICIT, **files)  # type: ignore[arg-type]
    site = Site("Test", "https://id.example", tmp_path)
    return Settings(site, (listener,), routes=(WIKI,), enforcers=(Enforcer("edge", certificate=edge),))


async def connect(door: Door, folder: Path, shown: str = "") -> Browser:
    context = ssl.create_default_context(cafile=str(folder / "test-ca.pem"))
    if shown:
        context.load_cert_chain(folder / f"{shown}-client.pem", folder / f"{shown}-client.key")
    port = door.listening[0].port
    reader, writer = await asyncio.open_connection(LOCAL, port, ssl=context, server_hostname="localhost")
    return Browser(reader, writer)


async def answer(door: Door, folder: Path, question: bytes, shown: str = "") -> int:
    here = await connect(door, folder, shown)
    here.send(question)
    status, _, _ = await here.response()
    here.writer.close()
    return status


def knowing(name: str) -> Client:
    who = browser(name)
    authority = Client(text=Policy(1, "allow wiki"))
    authority.good["C"] = Verified(who, good_until=SystemClock().now() + 60)
    authority.present[who.key] = who
    return authority


async def test_an_enforcers_certificate_is_its_word_and_nobody_elses_is(settings: Settings, tmp_path: Path) -> None:
    authority = knowing("alice")
    async with opened(settings, authority) as door:
        authority.changed.put_nowait([])
        assert await door.current(5.0)
        assert await answer(door, tmp_path, asking(secret=None), "edge") == 200
        assert await answer(door, tmp_path, asking(secret=None)) == 401
        assert await answer(door, tmp_path, asking()) == 401
        with pytest.raises((ssl.SSLError, asyncio.IncompleteReadError, ConnectionError)):
            await answer(door, tmp_path, asking(secret=None), "stranger")


async def test_the_enforcers_certificate_is_no_device_of_the_person(settings: Settings, tmp_path: Path) -> None:
    authority = knowing("alice")
    async with opened(settings, authority) as door:
        authority.changed.put_nowait([])
        assert await door.current(5.0)
        assert await answer(door, tmp_path, asking(secret=None, cookie=None), "edge") == 303
        assert authority.asked.count("verify") == 0


async def test_another_configuration_has_other_enforcers_and_routes(settings: Settings, tmp_path: Path) -> None:
    secret = tmp_path / "edge.secret"
    secret.write_text(SECRET)
    authority = knowing("alice")
    async with opened(settings, authority) as door:
        authority.changed.put_nowait([])
        assert await door.current(5.0)
        assert await answer(door, tmp_path, asking()) == 401
        door.adopt(replace(settings, enforcers=(Enforcer("edge", secret),)))
        assert await answer(door, tmp_path, asking()) == 200
        door.adopt(replace(settings, enforcers=(Enforcer("edge", secret),), routes=(replace(WIKI, host="-"),)))
        assert await answer(door, tmp_path, asking()) == 200  # malformed: all stays as it was
        door.adopt(replace(settings, enforcers=(Enforcer("edge", tmp_path / "gone"),)))
        assert await answer(door, tmp_path, asking()) == 401
        await door.recorder.drain(5.0)
    faults = [event.what for event in authority.events if event.kind == "fault"]  # type: ignore[attr-defined]
    assert any("the Host is malformed" in fault for fault in faults)
    assert any(fault.startswith("enforcer `edge` is not believed") for fault in faults)
