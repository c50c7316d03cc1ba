"""What every store must do, whatever it is made of: a test class that a backend's test module inherits.

The heir gives a fixture ``backend``: something that opens handles on one and the same data, as separate processes do.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Protocol

import pytest

from kernel.audit import GENESIS, Decided, SignedIn, UserChanged, link
from kernel.clock import SetClock
from kernel.ports import Reader, Store, Writer
from kernel.problems import Conflict, Refused, Unavailable
from kernel.records.credentials import FailureCount
from kernel.records.devices import Device, Signal, Trust
from kernel.records.people import User
from kernel.records.policy import PolicyRevision
from kernel.records.sessions import Factor, SignIn, Ticket

KEY = b"the key of the audit chain"


class Backend(Protocol):
    """How the suite gets at the data of one backend."""

    clock: SetClock

    def open(self) -> Store:
        """Return a new handle on the same data."""
        ...

    def verdict(self) -> tuple[int, str]:
        """Walk the audit chain; return how many entries hold, and the fault."""
        ...


def person(number: int = 1, **changes: object) -> User:
    user = User(id=f"u_{number:04}", name=f"user{number}", email=f"user{number}@example.com")
    return replace(user, **changes)  # type: ignore[arg-type]


class StoreConformance:
    """The suite."""

    @pytest.fixture
    async def store(self, backend: Backend) -> AsyncIterator[Store]:
        store = backend.open()
        yield store
        await store.close()

    async def test_a_small_read_sees_what_was_acknowledged(self, backend: Backend, store: Store) -> None:
        other = backend.open()
        for number in range(1, 20):
            await (store if number % 2 else other).write(lambda tx, n=number: tx.put(person(n)))  # type: ignore[misc]
            assert await store.read(lambda tx: tx.count(User), small=True) == number
        with pytest.raises(ZeroDivisionError):
            await store.read(lambda tx: 1 // 0, small=True)
        assert await store.read(lambda tx: tx.last_change(), small=True) == 0
        await other.close()

    # --- records -----------------------------------------------------------------------------------------------

    async def test_a_record_comes_back_equal_to_what_was_put(self, store: Store) -> None:
        device = Device(
            "d_1",
            "Laptop \u00e9\u65e5",
            "u_1",
            Trust.ENROLLED,
            signals={"disk": Signal(True, 5.0), "os": Signal("12.1", 6.5, "agent"), "age": Signal(3, 7.0)},
        )
        signin = SignIn("s_1", "digest", "u_1", 1.5, float("inf"), {Factor.PASSWORD: 1.5, Factor.TOTP: 2.0})

        def work(tx: Writer) -> None:
            tx.put(device)
            tx.put(signin)

        await store.write(work)
        assert await store.read(lambda tx: tx.get(Device, "d_1")) == device
        assert await store.read(lambda tx: tx.get(SignIn, "s_1")) == signin
        assert await store.read(lambda tx: tx.get(Device, "nobody")) is None

    async def test_put_replaces_and_insert_refuses_a_taken_key(self, store: Store) -> None:
        await store.write(lambda tx: tx.insert(person(1)))
        await store.write(lambda tx: tx.put(person(1, display_name="One")))
        found = await store.read(lambda tx: tx.get(User, "u_0001"))
        assert found is not None and found.display_name == "One"
        with pytest.raises(Conflict):
            await store.write(lambda tx: tx.insert(person(1, name="other", email="other@example.com")))

    async def test_a_unique_value_belongs_to_one_record(self, store: Store) -> None:
        await store.write(lambda tx: tx.put(person(1)))
        with pytest.raises(Conflict):
            await store.write(lambda tx: tx.put(person(2, email="user1@example.com")))
        assert await store.read(lambda tx: tx.get(User, "u_0002")) is None
        assert await store.read(lambda tx: tx.get(User, "u_0001")) == person(1)

    async def test_an_empty_unique_value_is_exempt(self, store: Store) -> None:
        await store.write(lambda tx: tx.put(person(1, email="")))
        await store.write(lambda tx: tx.put(person(2, email="")))
        assert await store.read(lambda tx: tx.count(User, email="")) == 2

    async def test_a_work_may_catch_a_conflict_and_go_on(self, store: Store) -> None:
        await store.write(lambda tx: tx.put(person(1)))

        def work(tx: Writer) -> None:
            with pytest.raises(Conflict):
                tx.insert(person(2, email="user1@example.com"))
            tx.insert(person(3))

        await store.write(work)
        assert [user.id for user in await store.read(lambda tx: tx.find(User))] == ["u_0001", "u_0003"]

    async def test_find_goes_by_key_in_pages(self, store: Store) -> None:
        def work(tx: Writer) -> None:
            for number in (3, 1, 2, 5, 4):
                owner, trust = ("u_1", Trust.LOST) if number != 2 else ("u_2", Trust.ENROLLED)
                tx.put(Device(f"d_{number}", "x", owner, trust))

        await store.write(work)
        first = await store.read(lambda tx: tx.find(Device, owner="u_1", limit=2))
        rest = await store.read(lambda tx: tx.find(Device, owner="u_1", after=first[-1].id))
        assert [device.id for device in first] == ["d_1", "d_3"]
        assert [device.id for device in rest] == ["d_4", "d_5"]
        assert await store.read(lambda tx: tx.count(Device, owner="u_1", trust=Trust.LOST)) == 4
        assert await store.read(lambda tx: tx.count(Device, owner="u_2", trust="lost")) == 0

    async def test_below_names_what_is_due_smallest_first(self, store: Store) -> None:
        def work(tx: Writer) -> None:
            for name, at in (("c", 30.0), ("a", 10.0), ("b", 20.0)):
                tx.put(FailureCount(name, 1, at))

        await store.write(work)
        due = await store.read(lambda tx: tx.below(FailureCount, "last_at", 30.0))
        assert [count.key for count in due] == ["a", "b"]
        assert len(await store.read(lambda tx: tx.below(FailureCount, "last_at", 99.0, limit=1))) == 1

    @pytest.mark.parametrize("field", ["display_name", "language", "nonsense", 'id" OR 1=1 --'])
    async def test_only_listed_fields_can_be_looked_by(self, store: Store, field: str) -> None:
        with pytest.raises(LookupError):
            await store.read(lambda tx: tx.find(User, **{field: "x"}))
        with pytest.raises(LookupError):
            await store.read(lambda tx: tx.count(User, **{field: "x"}))
        with pytest.raises(LookupError):
            await store.read(lambda tx: tx.below(User, field, 1.0))

    async def test_a_kind_without_a_table_cannot_be_stored(self, store: Store) -> None:
        with pytest.raises(LookupError):
            await store.write(lambda tx: tx.put(Signal(True, 1.0)))

    async def test_values_are_never_taken_for_statements(self, store: Store) -> None:
        nasty = "x'; DROP TABLE users; -- \x00 %_!\\ \u202e"
        await store.write(lambda tx: tx.put(person(1, name=nasty)))
        assert [user.name for user in await store.read(lambda tx: tx.find(User, name=nasty))] == [nasty]

    # --- units of work -------------------------------------------------------------------------------------------

    async def test_of_many_parallel_takers_exactly_one_wins(self, backend: Backend, store: Store) -> None:
        other = backend.open()
        await store.write(lambda tx: tx.put(Ticket("t", "s_1", "mail", "state", 9.0)))
        takers = [(store if number % 2 else other).write(lambda tx: tx.take(Ticket, "t")) for number in range(40)]
        taken = await asyncio.gather(*takers)
        assert [ticket.digest for ticket in taken if ticket] == ["t"]
        await other.close()

    async def test_read_then_write_in_one_work_loses_no_update(self, backend: Backend, store: Store) -> None:
        other = backend.open()
        await store.write(lambda tx: tx.put(FailureCount("k", 0, 0.0)))

        def count(tx: Writer) -> None:
            found = tx.get(FailureCount, "k")
            assert found is not None
            tx.put(replace(found, count=found.count + 1))

        await asyncio.gather(*((store if number % 2 else other).write(count) for number in range(60)))
        found = await store.read(lambda tx: tx.get(FailureCount, "k"))
        assert found is not None and found.count == 60
        await other.close()

    async def test_an_exception_undoes_that_work_and_no_other(self, store: Store) -> None:
        def bad(tx: Writer) -> None:
            tx.put(person(2))
            tx.note("user:u_0002")
            tx.log(UserChanged(at=1.0, act="made", user="two"))
            raise Refused("not this one")

        def good(number: int) -> "asyncio.Future[int]":
            def work(tx: Writer) -> int:
                tx.put(person(number))
                tx.log(UserChanged(at=1.0, act="made", user=f"user{number}"))
                return tx.note(f"user:u_{number:04}")

            return asyncio.ensure_future(store.write(work))

        answers = await asyncio.gather(good(1), store.write(bad), good(3), store.write(bad), return_exceptions=True)
        assert answers[0] == 1 and answers[2] == 2
        assert isinstance(answers[1], Refused) and isinstance(answers[3], Refused)
        assert [user.id for user in await store.read(lambda tx: tx.find(User))] == ["u_0001", "u_0003"]
        changes = await store.read(lambda tx: tx.changes(0))
        assert [(change.number, change.handle) for change in changes] == [(1, "user:u_0001"), (2, "user:u_0003")]
        assert [entry.fields["user"] for entry in await store.read(lambda tx: tx.audit(0))] == ["user1", "user3"]

    async def test_a_work_sees_its_own_writes_and_readers_do_not_until_it_ends(self, store: Store) -> None:
        def work(tx: Writer) -> tuple[User | None, int, int]:
            tx.put(person(1))
            return tx.get(User, "u_0001"), tx.count(User), tx.note("user:u_0001")

        assert await store.write(work) == (person(1), 1, 1)
        assert await store.read(lambda tx: tx.last_change()) == 1

    async def test_a_read_is_one_consistent_view(self, backend: Backend, store: Store) -> None:
        loop, other = asyncio.get_running_loop(), backend.open()

        def look(tx: Reader) -> tuple[int, int]:
            before = tx.count(User)
            asyncio.run_coroutine_threadsafe(other.write(lambda w: w.put(person(1))), loop).result(10)
            return before, tx.count(User)

        assert await store.read(look) == (0, 0)
        assert await store.read(lambda tx: tx.count(User)) == 1
        await other.close()

    async def test_a_cancelled_caller_harms_nobody(self, store: Store) -> None:
        impatient = asyncio.ensure_future(store.write(lambda tx: tx.put(person(1))))
        await asyncio.sleep(0)
        impatient.cancel()
        await store.write(lambda tx: tx.put(person(2)))
        assert await store.read(lambda tx: tx.get(User, "u_0002")) is not None

    async def test_whatever_a_work_raises_comes_through(self, store: Store) -> None:
        with pytest.raises(ZeroDivisionError):
            await store.write(lambda tx: 1 // tx.count(User))
        with pytest.raises(RuntimeError):
            await store.write(lambda tx: next(iter(tx.find(User))))
        with pytest.raises(ZeroDivisionError):
            await store.read(lambda tx: 1 // tx.count(User))

    async def test_a_closed_store_is_unavailable(self, backend: Backend) -> None:
        store = backend.open()
        await store.write(lambda tx: tx.put(person(1)))
        await store.close()
        await store.close()
        with pytest.raises(Unavailable):
            await store.write(lambda tx: tx.put(person(2)))
        with pytest.raises(Unavailable):
            await store.read(lambda tx: tx.count(User))

    async def test_what_was_written_is_there_when_opened_again(self, backend: Backend) -> None:
        store = backend.open()
        await store.write(lambda tx: tx.put(PolicyRevision("1", 1, "rules: []", "admin", 1.0)))
        await store.close()
        again = backend.open()
        found = await again.read(lambda tx: tx.find(PolicyRevision, number=1))
        assert [revision.text for revision in found] == ["rules: []"]
        await again.close()

    # --- the change log ------------------------------------------------------------------------------------------

    async def test_changes_are_numbered_without_gaps(self, backend: Backend, store: Store) -> None:
        other = backend.open()
        backend.clock.at = 1000.0
        await asyncio.gather(
            *((store if number % 2 else other).write(lambda tx: tx.note("policy")) for number in range(30))
        )
        changes = await store.read(lambda tx: tx.changes(0))
        assert [change.number for change in changes] == list(range(1, 31))
        assert {change.at for change in changes} == {1000.0}
        assert [change.number for change in await store.read(lambda tx: tx.changes(27, limit=2))] == [28, 29]
        assert await other.read(lambda tx: tx.last_change()) == 30
        await other.close()

    async def test_watchers_wake_for_own_and_others_commits(self, backend: Backend, store: Store) -> None:
        other, woken = backend.open(), asyncio.Queue[int]()
        unwatch = store.watch(woken.put_nowait)
        await store.write(lambda tx: tx.note("policy"))
        assert await asyncio.wait_for(woken.get(), 5) == 1
        await other.write(lambda tx: tx.note("user:u_1"))
        assert await asyncio.wait_for(woken.get(), 5) == 2
        unwatch()
        unwatch()
        await store.write(lambda tx: tx.note("user:u_2"))
        await store.read(lambda tx: tx.last_change())
        assert woken.empty()
        await other.close()

    async def test_a_commit_that_notes_nothing_wakes_nobody(self, store: Store) -> None:
        woken = asyncio.Queue[int]()
        store.watch(woken.put_nowait)
        await store.write(lambda tx: tx.put(person(1)))
        await store.write(lambda tx: tx.note("policy"))
        assert await asyncio.wait_for(woken.get(), 5) == 1
        assert woken.empty()

    # --- the audit chain -----------------------------------------------------------------------------------------

    async def test_entries_form_a_chain_up_to_the_head(self, backend: Backend, store: Store) -> None:
        assert await store.read(lambda tx: tx.audit_head()) == (0, GENESIS)
        for number in range(3):
            await store.write(lambda tx, n=number: tx.log(UserChanged(at=float(n), act="made", user=f"u{n}")))  # type: ignore[misc]
        entries = await store.read(lambda tx: tx.audit(0))
        previous = GENESIS
        for entry in entries:
            assert entry.hash == link(KEY, previous, entry.number, entry.body)
            previous = entry.hash
        assert await store.read(lambda tx: tx.audit_head()) == (3, previous)
        assert backend.verdict() == (3, "")

    async def test_two_writers_make_one_chain(self, backend: Backend, store: Store) -> None:
        other = backend.open()
        event = SignedIn(at=1.0, signin_id="s_1", step="in")
        await asyncio.gather(*((store if n % 2 else other).write(lambda tx: tx.log(event)) for n in range(50)))
        await other.close()
        assert backend.verdict() == (50, "")

    async def test_the_log_can_be_searched_newest_first(self, store: Store) -> None:
        def work(tx: Writer) -> None:
            tx.log(UserChanged(at=1.0, act="made", user="ann", user_id="u_1", actor="admin:eve"))
            tx.log(SignedIn(at=2.0, signin_id="s_1", step="in", user="ann", user_id="u_1", device_id="d_1"))
            tx.log(
                UserChanged(at=3.0, act="changed", user="bob", user_id="u_2", reference="AB23CD45", detail="50%_\u6771")
            )

        await store.write(work)

        async def search(**conditions: str | int) -> list[int]:
            found = await store.read(lambda tx: tx.audit_search(**conditions))  # type: ignore[arg-type]
            return [entry.number for entry in found]

        assert await search() == [3, 2, 1]
        assert await search(user="ann") == [2, 1]
        assert await search(user="u_1", kind="signed-in") == [2]
        assert await search(device="d_1") == [2]
        assert await search(reference="AB23CD45") == [3]
        assert await search(text="50%_\u6771") == [3]
        assert await search(text="admin:EVE") == [1]
        assert await search(text="0_") == []
        assert await search(before=3, limit=1) == [2]

    async def test_decisions_are_found_by_when_they_were_made_latest_first(self, store: Store) -> None:
        def work(tx: Writer) -> None:
            for at in (30.0, 10.0, 20.0, 20.0, 40.5):
                tx.log(Decided(at=at, session="s", service="imap", outcome="allow", rule="r", revision=1))
                tx.log(SignedIn(at=at, signin_id="s_1", step="in"))

        await store.write(work)

        async def found(since: float, **more: object) -> list[tuple[float, int]]:
            entries = await store.read(lambda tx: tx.decided(since, **more))  # type: ignore[arg-type]
            return [(entry.fields["at"], entry.number) for entry in entries]

        assert await found(0.0) == [(40.5, 9), (30.0, 1), (20.0, 7), (20.0, 5), (10.0, 3)]
        assert await found(20.0) == [(40.5, 9), (30.0, 1), (20.0, 7), (20.0, 5)]
        assert await found(0.0, before=(20.0, 7), limit=1) == [(20.0, 5)]
        assert await found(20.5, before=(30.0, 1)) == []
        assert [await store.read(lambda tx, at=at: tx.count_decided(at)) for at in (0.0, 20.0, 41.0)] == [5, 4, 0]  # type: ignore[misc]
