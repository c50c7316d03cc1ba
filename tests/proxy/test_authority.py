"""The Authority over its socket: the suite that it passes in process, and one side gone, slow or foreign."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from idp.authority.live import LiveSessions
from idp.authority.server import AuthorityServer
from kernel import wire
from kernel.audit import Event
from kernel.authority import (
    Attempt,
    Authority,
    MintOrder,
    NotVerified,
    Policy,
    Subject,
    SubjectKey,
    UpstreamLogin,
    Verified,
)
from kernel.clock import SetClock
from kernel.problems import Conflict, Refused, Unavailable
from kernel.reasons import Reason
from kernel.records.changes import Change
from kernel.records.people import User
from kernel.records.sessions import LiveSession
from proxy.authority import AuthorityClient, DirectAsker
from tests.idp.authority.conformance import AuthorityConformance
from tests.idp.authority.site import House

ANNA = User("u_1", "anna", "anna@example.com")
SUBJECT = Subject(SubjectKey("u_1"), ANNA, None, None, (), 1)


class TestOverTheSocket(AuthorityConformance):
    def reached(self, home: House) -> AbstractAsyncContextManager[Authority]:
        return over(home.answers, home.folder / "a.sock", home.clock)


@asynccontextmanager
async def over(answers: Authority, path: Path, clock: SetClock) -> AsyncIterator[AuthorityClient]:
    server, client = AuthorityServer(answers), AuthorityClient(path, clock)
    await server.start(path)
    client.start()
    await asyncio.wait_for(client.connected.wait(), 5)
    yield client
    await client.close()
    await server.close()


class Scripted:
    """An Authority by the hand of the test."""

    def __init__(self) -> None:
        self.hold = asyncio.Event()
        self.hold.set()
        self.asked = 0
        self.waiting = asyncio.Event()
        self.fault: Exception | None = None
        self.batches: asyncio.Queue[Sequence[Change]] = asyncio.Queue()
        self.following = asyncio.Event()
        self.unfollowed = asyncio.Event()

    async def verify(self, attempt: Attempt) -> Verified | NotVerified:
        self.asked += 1
        self.waiting.set()
        await self.hold.wait()
        if self.fault is not None:
            raise self.fault
        return Verified(SUBJECT) if attempt.name == "anna" else NotVerified(Reason.CREDENTIALS)

    async def facts(self, key: SubjectKey) -> Subject | None:
        return SUBJECT if key.user_id == "u_1" else None

    async def policy(self) -> Policy:
        return Policy(1, "x" * 1_000_000)

    async def changes(self, since: int) -> AsyncIterator[Sequence[Change]]:
        self.following.set()
        try:
            while True:
                yield await self.batches.get()
        finally:
            self.unfollowed.set()

    async def record(self, node: str, events: Sequence[Event]) -> None:
        raise Refused("not this")

    async def sessions(self, node: str, opened: Sequence[LiveSession], closed: Sequence[str], whole: bool) -> None:
        return None

    async def mint(self, order: MintOrder) -> UpstreamLogin:
        raise Unavailable("no secret")

    async def assertion(self, key: SubjectKey, session: str, audience: str) -> tuple[str, float]:
        return "token", 5.0

    async def keys(self) -> str:
        return "k" * (wire.LARGEST + 1)


@pytest.fixture
def answers() -> Scripted:
    return Scripted()


@pytest.fixture
async def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def client(answers: Scripted, tmp_path: Path, clock: SetClock) -> AsyncIterator[AuthorityClient]:
    async with over(answers, tmp_path / "a.sock", clock) as client:
        yield client


def anna(**fields: Any) -> Attempt:
    return Attempt("imap", "192.0.2.1", name="anna", **fields)


async def test_many_questions_share_the_line_and_none_waits_for_another(
    answers: Scripted, client: AuthorityClient
) -> None:
    answers.hold.clear()
    slow = [asyncio.ensure_future(client.verify(anna(password=str(n)))) for n in range(100)]
    await asyncio.wait_for(answers.waiting.wait(), 5)
    assert await client.facts(SubjectKey("u_1")) == SUBJECT
    assert len((await client.policy()).text) == 1_000_000
    answers.hold.set()
    assert await asyncio.gather(*slow) == [Verified(SUBJECT)] * 100


async def test_the_data_plane_asks_without_tasks(client: AuthorityClient) -> None:
    heard: asyncio.Queue[Any] = asyncio.Queue()
    asker = DirectAsker(client)
    asker.verify(anna(password="x"), heard.put_nowait)
    assert await asyncio.wait_for(heard.get(), 5) == Verified(SUBJECT)
    asker.verify(Attempt("imap", "192.0.2.1", name="eve"), heard.put_nowait)
    assert await asyncio.wait_for(heard.get(), 5) == NotVerified(Reason.CREDENTIALS)
    asker.facts(SubjectKey("u_2"), heard.put_nowait)
    assert await asyncio.wait_for(heard.get(), 5) is None


async def test_refused_and_unavailable_come_through_with_their_words(client: AuthorityClient) -> None:
    with pytest.raises(Refused, match="not this"):
        await client.record("p", [])
    with pytest.raises(Unavailable, match="no secret"):
        await client.mint(MintOrder("b", SubjectKey("u_1"), "s", "imap", ""))


async def test_what_cannot_be_said_is_unavailable_and_says_no_secret(client: AuthorityClient) -> None:
    for attempt in (anna(password="hunter2\ud800"), anna(password="hunter2" + "x" * wire.LARGEST)):
        with pytest.raises(Unavailable) as caught:
            await client.verify(attempt)
        assert "hunter2" not in str(caught.value)
    assert await client.facts(SubjectKey("u_1")) == SUBJECT


async def test_a_fault_over_there_is_unavailable_and_says_no_more_than_its_kind(
    answers: Scripted, client: AuthorityClient
) -> None:
    answers.fault = ValueError("the password is hunter2")
    with pytest.raises(Unavailable, match="ValueError") as caught:
        await client.verify(anna())
    assert "hunter2" not in str(caught.value)
    answers.fault = None
    assert await client.verify(anna()) == Verified(SUBJECT)


async def test_an_answer_that_does_not_come_in_time_is_unavailable(
    answers: Scripted, client: AuthorityClient, clock: SetClock
) -> None:
    answers.hold.clear()
    question = asyncio.ensure_future(client.verify(anna()))
    await asyncio.wait_for(answers.waiting.wait(), 5)
    clock.forward(5.1)
    with pytest.raises(Unavailable, match="in time"):
        await asyncio.wait_for(question, 5)
    answers.hold.set()  # the late answer harms nobody
    assert await client.facts(SubjectKey("u_1")) == SUBJECT


async def test_when_the_other_side_dies_all_who_wait_hear_it_and_the_line_mends(
    answers: Scripted, tmp_path: Path, clock: SetClock
) -> None:
    path = tmp_path / "a.sock"
    server, client = AuthorityServer(answers), AuthorityClient(path, clock)
    client.start()
    with pytest.raises(Unavailable):
        await client.verify(anna())
    await server.start(path)
    await asyncio.wait_for(client.connected.wait(), 5)
    answers.hold.clear()
    stream = cast(Any, client.changes(0))
    batch = asyncio.ensure_future(anext(stream))
    question = asyncio.ensure_future(client.verify(anna()))
    await asyncio.wait_for(answers.waiting.wait(), 5)
    await server.close()
    for waiting in (question, batch):
        with pytest.raises(Unavailable):
            await asyncio.wait_for(waiting, 5)
    answers.hold.set()
    server = AuthorityServer(answers)
    await server.start(path)
    await asyncio.wait_for(client.connected.wait(), 5)
    assert await client.verify(anna()) == Verified(SUBJECT)
    assert answers.asked == 2  # what was lost is not asked again behind the caller's back
    await client.close()
    await server.close()
    with pytest.raises(Unavailable):
        await client.verify(anna())


async def test_who_stops_following_is_not_told_any_more(answers: Scripted, client: AuthorityClient) -> None:
    async with aclosing(cast(Any, client.changes(0))) as stream:
        answers.batches.put_nowait([Change(1, 1.0, "policy")])
        assert list(await asyncio.wait_for(anext(stream), 5)) == [Change(1, 1.0, "policy")]
        assert not answers.unfollowed.is_set()
    await asyncio.wait_for(answers.unfollowed.wait(), 5)


async def test_an_answer_too_large_to_send_ends_the_line_not_the_server(client: AuthorityClient) -> None:
    with pytest.raises(Unavailable):
        await asyncio.wait_for(client.keys(), 5)
    await asyncio.wait_for(client.connected.wait(), 5)
    assert await client.facts(SubjectKey("u_1")) == SUBJECT


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x01\xc0",
        b"\x00\x00\x00\x04\x93\x01\xa1x",
        wire.question(1, wire.METHODS["policy"], [1]) + wire.question(2, wire.VERIFY, {"service": 5}),
        wire.question(1, wire.RECORD, wire.Record("p", [("root", msgspec.Raw(b"\xc0"))])),
        wire.question(1, wire.RECORD, wire.Record("p", [("fault", msgspec.Raw(b"\xc0"))])),
    ],
)
async def test_a_stranger_to_the_language_is_dropped_and_nobody_else(
    client: AuthorityClient, tmp_path: Path, octets: bytes
) -> None:
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "a.sock"))
    writer.write(octets)
    with pytest.raises((ConnectionError, EOFError)):
        while await asyncio.wait_for(reader.readexactly(1), 5):
            pass
    writer.close()
    assert await client.facts(SubjectKey("u_1")) == SUBJECT


async def test_the_socket_is_for_its_owner_alone_and_for_one_server(
    answers: Scripted, client: AuthorityClient, tmp_path: Path
) -> None:
    path = tmp_path / "a.sock"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Conflict, match="another process"):
        await AuthorityServer(answers).start(path)
    assert await client.facts(SubjectKey("u_1")) == SUBJECT


async def test_a_socket_left_by_the_dead_is_replaced(answers: Scripted, tmp_path: Path, clock: SetClock) -> None:
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with over(answers, path, clock) as client:
        assert await client.facts(SubjectKey("u_1")) == SUBJECT
    with pytest.raises(Unavailable):
        await AuthorityServer(answers).start(tmp_path / "absent" / "a.sock")


async def test_the_sessions_of_a_proxy_go_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    gone = asyncio.Event()

    class Told(LiveSessions):
        def lost(self, node: str) -> None:
            super().lost(node)
            gone.set()

    live = Told(cast(Any, None), SetClock())

    class Announced(Scripted):
        async def sessions(self, node: str, opened: Sequence[LiveSession], closed: Sequence[str], whole: bool) -> None:
            live.take(node, opened, closed, whole)

    server = AuthorityServer(Announced(), live)
    await server.start(path)
    clients = [AuthorityClient(path, SetClock()) for _ in range(2)]
    for number, client in enumerate(clients):
        client.start()
        await asyncio.wait_for(client.connected.wait(), 5)
        session = LiveSession(f"s_{number}", "anna", "u_1", "", "", "imap", "", "", "", 1.0)
        await client.sessions(f"p{number}", [session], [], True)
    assert len(live.all()) == 2
    await clients[0].close()
    await asyncio.wait_for(gone.wait(), 5)
    assert [session.id for session in live.all()] == ["s_1"]
    await clients[1].close()
    await server.close()
