"""Groups: names that policies speak of. Membership stands on the user, so that one change row tells the proxies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from idp.admin.actor import Actor
from idp.admin.finding import canonical, every, group, user
from idp.admin.refusals import AdminRefused, refused, spoken
from kernel.audit import UserChanged
from kernel.clock import Clock
from kernel.ports import Reader, Store, Writer
from kernel.problems import Conflict
from kernel.records.changes import user_handle
from kernel.records.people import Group, User

LONGEST = 64


class GroupTaken(AdminRefused, Conflict):
    """There is such a group."""


@dataclass(frozen=True, slots=True)
class GroupSize:
    """A group and how many users it has."""

    group: Group
    members: int


class Groups:
    """The acts on groups."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def all(self) -> Sequence[GroupSize]:
        """Return every group with its size, in order of name."""

        def work(tx: Reader) -> Sequence[GroupSize]:
            sizes: dict[str, int] = {}
            for person in every(tx, User):
                for name in person.groups:
                    sizes[name] = sizes.get(name, 0) + 1
            return [GroupSize(each, sizes.get(each.name, 0)) for each in every(tx, Group)]

        return await self._store.read(work)

    async def members(self, name: str) -> Sequence[User]:
        """Return the users of a group; Missing when there is no such group."""

        def work(tx: Reader) -> Sequence[User]:
            wanted = group(tx, name).name
            return [person for person in every(tx, User) if wanted in person.groups]

        return await self._store.read(work)

    async def add(self, actor: Actor, name: str, description: str = "") -> Group:
        """Make a group; Conflict when it exists, Refused when the name is empty or holds spaces or commas."""
        wanted = canonical(name)
        if not wanted or len(wanted) > LONGEST or any(letter.isspace() or letter in ",/" for letter in wanted):
            raise refused("group-name")

        def work(tx: Writer) -> Group:
            if tx.get(Group, wanted) is not None:
                raise GroupTaken(spoken("group-taken", {"name": wanted}))
            made = Group(wanted, description)
            tx.insert(made)
            tx.log(self._event(actor, "group-added", wanted))
            return made

        return await self._store.write(work)

    async def join(self, actor: Actor, name: str, user_name: str) -> User:
        """Make a user a member; sessions are judged again at once."""
        return await self._move(actor, name, user_name, joins=True)

    async def leave(self, actor: Actor, name: str, user_name: str) -> User:
        """End a user's membership; sessions are judged again at once."""
        return await self._move(actor, name, user_name, joins=False)

    async def remove(self, actor: Actor, name: str) -> int:
        """Remove a group from every member and for good; return how many members it had."""

        def work(tx: Writer) -> int:
            wanted = group(tx, name).name
            members = [person for person in every(tx, User) if wanted in person.groups]
            for person in members:
                tx.put(replace(person, groups=person.groups - {wanted}))
                tx.note(user_handle(person.id))
            tx.take(Group, wanted)
            tx.log(self._event(actor, "group-removed", wanted))
            return len(members)

        return await self._store.write(work)

    async def _move(self, actor: Actor, name: str, user_name: str, joins: bool) -> User:
        def work(tx: Writer) -> User:
            wanted, person = group(tx, name).name, user(tx, user_name)
            groups = person.groups | {wanted} if joins else person.groups - {wanted}
            if groups == person.groups:
                return person
            moved = replace(person, groups=groups)
            tx.put(moved)
            tx.note(user_handle(person.id))
            tx.log(self._event(actor, "group-joined" if joins else "group-left", wanted, person))
            return moved

        return await self._store.write(work)

    def _event(self, actor: Actor, act: str, detail: str, person: User | None = None) -> UserChanged:
        name, key = (person.name, person.id) if person else ("", "")
        return UserChanged(at=self._clock.now(), actor=actor.name, user=name, user_id=key, act=act, detail=detail)
