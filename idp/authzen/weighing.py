"""From a question to a judgement: what it speaks of is looked up, the rest is the asker's word, and the judge of the
identity side decides."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import Protocol

from idp.authority.credentials import whose
from idp.authzen.asserted import Asserted, read_asserted
from idp.authzen.entities import Malformed, Question
from idp.judgement import Judgement
from kernel.authority import Subject, SubjectKey
from kernel.clock import Clock
from kernel.ports import Reader
from kernel.records.devices import Device
from kernel.records.people import User
from kernel.records.sessions import SignIn

USER, SERVICE, USE = "user", "service", "use"
"""The one type of subject, the one type of resource, and the one action that there are."""

Subjects = Callable[[Reader, SubjectKey], Subject | None]
"""Gathers the facts behind a session; see ``idp.authority.subjects``."""


class Judging(Protocol):
    """Decides by the policy in force; see ``idp.judge.Judge``."""

    def judge(self, subject: Subject, service: str, address: str, *, at: float | None = None) -> Judgement:
        """Return the judgement of a moment."""
        ...


class Unanswerable(Exception):
    """No rule was read, and the answer is no; the text says why. ``status`` is what HTTP would call it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Weighed:
    """A question whose nouns exist: who it is about, and what the asker says beside."""

    subject: Subject
    service: str
    asserted: Asserted


class Scale:
    """Weighs questions."""

    def __init__(self, subjects: Subjects, judge: Judging, clock: Clock) -> None:
        self._subjects, self._judge, self._clock = subjects, judge, clock

    def look_up(self, tx: Reader, question: Question | Malformed) -> Weighed | Unanswerable:
        """Return the question with what our own records say of its subject."""
        if isinstance(question, Malformed):
            return Unanswerable(400, str(question))
        try:
            known(question)
            return self._weighed(tx, question, read_asserted(question))
        except Malformed as fault:
            return Unanswerable(400, str(fault))
        except Unanswerable as fault:
            return fault

    def judge(self, weighed: Weighed) -> Judgement:
        """Return what the policy says."""
        asserted = weighed.asserted
        return self._judge.judge(weighed.subject, weighed.service, asserted.address, at=asserted.at)

    def stand(self, tx: Reader, user: User, device: Device | None, asserted: Asserted) -> Subject:
        """Return a user on a device, proved as the asker says, with the sign-in that it tells of.

        Raises:
            Unanswerable: the user is gone meanwhile.
        """
        key = SubjectKey(user.id, device.id if device else "", asserted.proof)
        subject = self._subjects(tx, key)
        if subject is None:
            raise Unanswerable(404, "there is no such subject")
        shown = asserted.shown(self._clock.now())
        if not shown:
            return subject
        begun = min(shown.values())
        signin = SignIn("", "", user.id, begun, inf, dict(shown), key.device_id, key.proof, address=asserted.address)
        return replace(subject, signin=signin)

    def _weighed(self, tx: Reader, question: Question, asserted: Asserted) -> Weighed:
        user = find_user(tx, question.subject.id)
        device = find_device(tx, user, asserted.device) if asserted.device else None
        return Weighed(self.stand(tx, user, device, asserted), question.resource.id, asserted)


def known(question: Question, sought: str = "") -> None:
    """Do nothing when a question speaks of types and actions that there are; ``sought``: what a search leaves open.

    Raises:
        Unanswerable.
    """
    if question.subject.type != USER:
        raise Unanswerable(404, f"there is no type of subject but `{USER}`")
    if question.resource.type != SERVICE:
        raise Unanswerable(404, f"there is no type of resource but `{SERVICE}`")
    if sought != "action" and question.action != USE:
        raise Unanswerable(404, f"there is no action but `{USE}`")


def find_user(tx: Reader, named: str) -> User:
    """Return a user by id, address or name.

    Raises:
        Unanswerable: there is none.
    """
    user = tx.get(User, named) or whose(tx, named)
    if user is None:
        raise Unanswerable(404, "there is no such subject")
    return user


def find_device(tx: Reader, user: User, named: str) -> Device:
    """Return a device by id, or one of the user's by its name.

    Raises:
        Unanswerable: there is none, or the name is not of one alone.
    """
    device = tx.get(Device, named)
    if device is not None:
        return device
    named_so = [each for each in tx.find(Device, owner=user.id) if each.name == named]
    if len(named_so) != 1:
        raise Unanswerable(404, "there is no such device")
    return named_so[0]
