"""Answers questions, one or many, and puts every answer on record with who asked: before it is given, or it is not."""

from collections.abc import Sequence

from msgspec.structs import replace

from idp.authzen.answering import Answer, denied, told
from idp.authzen.batch import Semantic, read_batch
from idp.authzen.entities import Json, Malformed, Question, read_question
from idp.authzen.weighing import Scale, Unanswerable, Weighed
from idp.oidc.machines import Program
from kernel.audit import Consulted, Event
from kernel.chance import Chance, identifier, reference
from kernel.clock import Clock
from kernel.ports import Store, Writer

EVALUATION = "evaluation"
LONGEST_ABOUT = 300


class Desk:
    """The two evaluation endpoints (AuthZEN, sections 6 and 7)."""

    def __init__(self, store: Store, scale: Scale, clock: Clock, chance: Chance, issuer: str) -> None:
        self._store, self._scale, self._clock, self._chance = store, scale, clock, chance
        self._issuer = issuer

    async def evaluation(self, program: Program, body: Json) -> Answer:
        """Answer one question.

        Raises:
            Malformed: it is none. Unavailable: nothing can be read, or put on record.
        """
        [answer] = await self._answers(program, [read_question(body)], Semantic.ALL)
        return answer

    async def evaluations(self, program: Program, body: Json) -> Answer:
        """Answer many questions, in order, as far as their semantic goes; or the single one that there is.

        Raises:
            As ``evaluation``.
        """
        batch = read_batch(body)
        if isinstance(batch, Question):
            [answer] = await self._answers(program, [batch], Semantic.ALL)
            return answer
        return {"evaluations": await self._answers(program, batch.questions, batch.semantic)}

    async def _answers(
        self, program: Program, questions: Sequence[Question | Malformed], semantic: Semantic
    ) -> Sequence[Answer]:
        looked_up = await self._store.read(lambda tx: [self._scale.look_up(tx, each) for each in questions])
        session, answers, events = identifier(self._chance, "z"), list[Answer](), list[Event]()
        for question, found in zip(questions, looked_up, strict=True):
            answer, said = self._answer(program, session, question, found)
            answers.append(answer)
            events += said
            if semantic.stops(answer["decision"]):
                break
        await self._store.write(lambda tx: _log(tx, events))
        return answers

    def _answer(
        self, program: Program, session: str, question: Question | Malformed, found: Weighed | Unanswerable
    ) -> tuple[Answer, Sequence[Event]]:
        """Return one answer, and what goes on record."""
        now, actor = self._clock.now(), f"client:{program.client_id}"
        if isinstance(found, Unanswerable):
            about = shown(question) if isinstance(question, Question) else ""
            event = Consulted(at=now, actor=actor, what=EVALUATION, about=about, answer=str(found)[:LONGEST_ABOUT])
            return denied(found), [event]
        judgement = self._scale.judge(found)
        code = "" if judgement.allowed else reference(self._chance)
        events = judgement.events(session, reference=code, client=program.name)
        return told(judgement, code, self._issuer), [replace(event, at=now, actor=actor) for event in events]


def shown(question: Question) -> str:
    """Return what a question is about, for the record."""
    subject = f"{question.subject.type} {question.subject.id}".strip()
    resource = f"{question.resource.type} {question.resource.id}".strip()
    return f"{subject}, {question.action or '?'}, {resource}"[:LONGEST_ABOUT]


def _log(tx: Writer, events: Sequence[Event]) -> None:
    for event in events:
        tx.log(event)
