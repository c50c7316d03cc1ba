"""Who may use a service, which services somebody may use, and whether at all (AuthZEN, section 8): page by page, each
found by the same judgement that would be given to the question itself.

A search for people says on which of their devices, and by which proof, where the asker leaves that open. What was asked
and how many were found goes on record, once for a page.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from idp.authzen.answering import Answer
from idp.authzen.asserted import Asserted, read_asserted
from idp.authzen.desk import shown
from idp.authzen.entities import Entity, Json, Question, read_question
from idp.authzen.paging import Page, Paging
from idp.authzen.weighing import SERVICE, USE, USER, Scale, Unanswerable, Weighed, find_device, known
from idp.oidc.machines import Program
from kernel.audit import Consulted
from kernel.clock import Clock
from kernel.paging import every
from kernel.ports import Reader, Store
from kernel.records.credentials import AppPassword
from kernel.records.devices import Device, DeviceKey, Proof
from kernel.records.oidc import OidcClient
from kernel.records.people import User
from policies.vocabulary import CLIENT, SERVICES

LOOKED_AT = 50
"""How many people are looked up at once: no longer is another question kept waiting."""
MOST_LOOKED_AT = 2000
"""How many people one page looks at; where fewer are found than it may hold, the next one goes on from there."""

Candidate = tuple[Weighed, Answer]
Services = Callable[[], Sequence[str]]


class Searching:
    """The three search endpoints. ``services`` are this installation's own, beside those that every one has."""

    def __init__(self, store: Store, scale: Scale, paging: Paging, clock: Clock, services: Services) -> None:
        self._store, self._scale, self._paging, self._clock = store, scale, paging, clock
        self._services = services

    async def subjects(self, program: Program, body: Json) -> Answer:
        """Return the people who may use a service.

        Raises:
            Malformed: it is no search. Unavailable: nothing can be read, or put on record.
        """
        question = read_question(body, "subject")
        page, asserted = self._paging.read("subject", question, body), read_asserted(question)
        results, after = list[Answer](), page.after
        if _exists(question, "subject"):
            results, after = await self._people(question, asserted, page)
        return await self._told(program, "search subjects", question, page, results, after)

    async def resources(self, program: Program, body: Json) -> Answer:
        """Return the services that somebody may use.

        Raises:
            As ``subjects``.
        """
        question = read_question(body, "resource")
        page = self._paging.read("resource", question, body)
        read_asserted(question)
        names = [name for name in await self._store.read(self._all_services) if name > page.after]
        results, after = list[Answer](), ""
        for name in names if _exists(question, "resource") else ():
            if len(results) >= page.limit:
                after = results[-1]["id"] if results else page.after
                break
            if await self._may(replace(question, resource=Entity(SERVICE, name))):
                results.append({"type": SERVICE, "id": name})
        return await self._told(program, "search resources", question, page, results, after)

    async def actions(self, program: Program, body: Json) -> Answer:
        """Return the one action there is, where it is allowed.

        Raises:
            As ``subjects``.
        """
        question = read_question(body, "action")
        page = self._paging.read("action", question, body)
        read_asserted(question)
        allowed = _exists(question, "action") and await self._may(replace(question, action=USE))
        results: list[Answer] = [{"name": USE}] if allowed and page.limit else []
        return await self._told(program, "search actions", question, page, results, "")

    async def _may(self, question: Question) -> bool:
        found = await self._store.read(lambda tx: self._scale.look_up(tx, question), small=True)
        return isinstance(found, Weighed) and self._scale.judge(found).allowed

    async def _people(self, question: Question, asserted: Asserted, page: Page) -> tuple[list[Answer], str]:
        """Return those found, and past whom the next page begins (``""``: there is no more)."""
        results, after, service = list[Answer](), page.after, question.resource.id
        for _ in range(MOST_LOOKED_AT // LOOKED_AT):
            if len(results) >= page.limit:
                return results, after
            room, start = min(LOOKED_AT, page.limit - len(results)), after
            people = await self._store.read(lambda tx, n=room, past=start: tx.find(User, limit=n, after=past))  # type: ignore[misc]
            for person in people:
                results += await self._found(person, service, asserted)
                after = person.id
            if len(people) < room:
                return results, ""
            await asyncio.sleep(0)
        return results, after

    async def _found(self, person: User, service: str, asserted: Asserted) -> Sequence[Answer]:
        """Return a person who may use the service, with the first device on which they may; nothing else."""
        ways = await self._store.read(lambda tx: [*self._ways(tx, person, service, asserted)], small=True)
        return next(([answer] for weighed, answer in ways if self._scale.judge(weighed).allowed), [])

    def _ways(self, tx: Reader, person: User, service: str, asserted: Asserted) -> Iterator[Candidate]:
        """Yield every way in which a person could come: as the asker says, or on each device, by each of its proofs."""
        for device, proof in _devices(tx, person, service, asserted):
            try:
                subject = self._scale.stand(tx, person, device, replace(asserted, proof=proof))
            except Unanswerable:
                return
            properties: dict[str, str] = {"user_id": person.id, "name": person.name}
            if device is not None:
                properties |= {"device_id": device.id, "device_name": device.name, "proof": proof.value}
            yield Weighed(subject, service, asserted), {"type": USER, "id": person.email, "properties": properties}

    def _all_services(self, tx: Reader) -> Sequence[str]:
        clients = (f"{CLIENT}{client.client_id}" for client in every(tx, OidcClient) if client.redirect_uris)
        return sorted({*SERVICES, *self._services(), *clients})

    async def _told(
        self, program: Program, what: str, question: Question, page: Page, results: Sequence[Answer], after: str
    ) -> Answer:
        event = Consulted(
            at=self._clock.now(),
            actor=f"client:{program.client_id}",
            what=what,
            about=shown(question),
            answer=f"{len(results)} found",
        )
        await self._store.write(lambda tx: tx.log(event))
        token = self._paging.token(page, after) if after else ""
        return {"page": {"next_token": token, "count": len(results)}, "results": list(results)}


def _exists(question: Question, sought: str) -> bool:
    """Say whether the types that are spoken of exist: a search for what does not finds nothing (section 8.3)."""
    try:
        known(question, sought)
    except Unanswerable:
        return False
    return True


def _devices(tx: Reader, person: User, service: str, asserted: Asserted) -> Iterator[tuple[Device | None, Proof]]:
    if asserted.device:
        try:
            yield find_device(tx, person, asserted.device), asserted.proof
        except Unanswerable:
            return
        return
    yield None, asserted.proof
    for device in every(tx, Device, owner=person.id):
        proofs = [key.proof for key in every(tx, DeviceKey, device_id=device.id) if not key.revoked]
        words = (each for each in every(tx, AppPassword, device_id=device.id) if not each.revoked)
        proofs += [Proof.APP_PASSWORD for each in words if service in each.services]
        yield from ((device, proof) for proof in dict.fromkeys(proofs) if asserted.proof in (Proof.NONE, proof))
