"""Questions to people, from the proxy that asks to the page that answers: every step is one transaction.

::

    ask --too much--> Refused        ask --asked already--> joined
     '--> pending --approve--> approved (remembered on the credential)
            |------deny-----> denied (for 15 minutes the same is not asked again)
            |------nobody waits any more--> withdrawn
            '------until----> over
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from idp.accounts.lockout import prefix
from idp.approvals import fatigue
from idp.approvals.bell import Bell
from idp.approvals.remembering import ground, remember
from idp.authority.subjects import BESIDE, Subjects
from kernel.audit import ApprovalChanged
from kernel.authority import ApprovalOrder, Asked
from kernel.chance import Chance, identifier
from kernel.clock import Clock
from kernel.ports import Reader, Store, Writer
from kernel.problems import Refused
from kernel.records.approvals import Answer, Approval
from kernel.records.changes import approval_handle, approvals_handle
from kernel.records.people import User

LONGEST_WAIT = 300.0
MOST_WAITING = 32
"""Seconds that a login may wait, and logins that may wait for one question."""

ANSWERED_LATELY = 10.0
"""Seconds within which a login that asks after the yes was given is told so, and looks again."""


class Approvals:
    """Asks and answers. ``bell`` rings for pages that show what is asked."""

    def __init__(self, store: Store, subjects: Subjects, clock: Clock, chance: Chance) -> None:
        self._store, self._subjects, self._clock, self._chance = store, subjects, clock, chance
        self.bell = Bell(store)

    async def ask(self, order: ApprovalOrder) -> Asked:
        """As ``kernel.authority.Authority.ask_person`` says.

        Raises:
            Refused: nothing is there that a yes could stand on, or too much was asked.
        """
        asked = await self._store.write(lambda tx: self._ask(tx, order))
        if isinstance(asked, str):
            raise Refused(asked)
        return asked

    async def withdraw(self, approval_id: str, session: str) -> None:
        """Take a login off those that wait; the last one takes the question with it."""
        await self._store.write(lambda tx: self._withdraw(tx, approval_id, session))

    async def waiting(self, user_id: str) -> Sequence[Approval]:
        """Return what waits for this person's answer, the oldest first."""
        found = await self._store.read(lambda tx: tx.find(Approval, user_id=user_id))
        return sorted(fatigue.open_now(found, self._clock.now()), key=lambda each: each.asked_at)

    async def approve(self, user: User, approval_id: str, shown: Mapping[str, float]) -> Approval | None:
        """Say yes, having ``shown`` these factors (and when); None when it is not theirs, or no longer asked.

        The factors must meet the question: see ``meets``.
        """
        return await self._store.write(lambda tx: self._answer(tx, user, approval_id, Answer.APPROVED, shown))

    async def deny(self, user: User, approval_id: str) -> Approval | None:
        """Say no; None when it is not theirs, or no longer asked."""
        return await self._store.write(lambda tx: self._answer(tx, user, approval_id, Answer.DENIED, {}))

    def _ask(self, tx: Writer, order: ApprovalOrder) -> Asked | str:
        now = self._clock.now()
        subject = self._subjects(tx, order.key)
        wanted = self._question(order, now)
        if subject is None or subject.user.disabled or subject.fallen is not None or ground(tx, wanted) is None:
            return "there is nothing that a yes could stand on"
        asked = tx.find(Approval, user_id=order.key.user_id)
        for each in asked:
            if fatigue.same(each, wanted) and set(each.factors) == set(wanted.factors):
                if each.answer is Answer.APPROVED and now - each.answered_at < ANSWERED_LATELY:
                    return Asked(each.id, each.number, answered=True)
                if each.answer is Answer.PENDING and each.until > now and len(each.waiting) < MOST_WAITING:
                    tx.put(replace(each, waiting=(*each.waiting, order.session)))
                    return Asked(each.id, each.number)
        refused = fatigue.too_much(asked, wanted, now)
        if refused:
            self._log(tx, wanted, subject.user, "refused", "system", refused)
            return refused
        tx.insert(wanted)
        self._tell(tx, wanted)
        self._log(tx, wanted, subject.user, "asked", "system")
        return Asked(wanted.id, wanted.number)

    def _question(self, order: ApprovalOrder, now: float) -> Approval:
        until = now + min(max(order.wait, 1.0), LONGEST_WAIT)
        number = str(10 + int.from_bytes(self._chance.octets(2)) % 90) if order.shows else ""
        return Approval(
            id=identifier(self._chance, "ask"),
            user_id=order.key.user_id,
            credential_id=order.key.credential_id.partition(BESIDE)[0],
            grant_id=order.key.grant_id,
            zone=prefix(order.address),
            service=order.service,
            address=order.address[:64],
            factors=order.factors,
            asked_at=now,
            until=until,
            expires_at=max(until, now + fatigue.HOUR),
            device_id=order.key.device_id,
            client=order.client[:100],
            within=order.within,
            number=number,
            waiting=(order.session,),
        )

    def _withdraw(self, tx: Writer, approval_id: str, session: str) -> None:
        found = tx.get(Approval, approval_id)
        if found is None or found.answer is not Answer.PENDING or session not in found.waiting:
            return
        left = tuple(each for each in found.waiting if each != session)
        if left:
            tx.put(replace(found, waiting=left))
            return
        tx.put(replace(found, waiting=(), answer=Answer.WITHDRAWN, answered_at=self._clock.now()))
        self._tell(tx, found)
        self._log(tx, found, tx.get(User, found.user_id), "withdrawn", "system")

    def _answer(
        self, tx: Writer, user: User, approval_id: str, answer: Answer, shown: Mapping[str, float]
    ) -> Approval | None:
        found, now = tx.get(Approval, approval_id), self._clock.now()
        if found is None or found.user_id != user.id or not fatigue.open_now((found,), now):
            return None
        if answer is Answer.APPROVED and not (meets(found, shown) and remember(tx, found, shown, now)):
            return None
        answered = replace(found, answer=answer, answered_at=now)
        tx.put(answered)
        self._tell(tx, answered)
        self._log(tx, answered, user, answer.value, f"user:{user.name}")
        return answered

    def _tell(self, tx: Writer, approval: Approval) -> None:
        """Ring for the pages; an answer is news to the logins that wait for it, too."""
        if approval.answer is not Answer.PENDING:
            tx.note(approval_handle(approval.id))
        tx.note(approvals_handle(approval.user_id))

    def _log(self, tx: Writer, approval: Approval, user: User | None, act: str, actor: str, detail: str = "") -> None:
        tx.log(
            ApprovalChanged(
                at=self._clock.now(),
                actor=actor,
                user=user.name if user else "",
                user_id=approval.user_id,
                device_id=approval.device_id,
                address=approval.address,
                act=act,
                approval_id=approval.id,
                service=approval.service,
                client=approval.client,
                detail=detail,
            )
        )


def meets(approval: Approval, shown: Mapping[str, float]) -> bool:
    """Say whether a required factor was shown for this very question: not before it was asked."""
    return any(shown.get(factor, -1.0) >= approval.asked_at for factor in approval.factors)


def pending(tx: Reader, user_id: str, now: float) -> bool:
    """Say whether anything waits for this person."""
    return bool(fatigue.open_now(tx.find(Approval, user_id=user_id), now))
