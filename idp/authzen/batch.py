"""Many questions in one message (AuthZEN, section 7): defaults, and when to stop. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from idp.authzen.entities import Json, Malformed, Question, read_question

MOST = 100
NAMING = {"subject": ("type", "id"), "action": ("name",), "resource": ("type", "id"), "context": ()}
"""The nouns of a question, and the members that name each."""


class Semantic(StrEnum):
    """What to do with the rest when one question is answered."""

    ALL = "execute_all"
    FIRST_DENY = "deny_on_first_deny"
    FIRST_PERMIT = "permit_on_first_permit"

    def stops(self, decision: bool) -> bool:
        """Say whether this answer is the last one."""
        return self is (Semantic.FIRST_PERMIT if decision else Semantic.FIRST_DENY)


@dataclass(frozen=True, slots=True)
class Batch:
    """The questions in order, each perhaps ``Malformed`` by itself, which denies that one alone (section 7.2.1)."""

    questions: Sequence[Question | Malformed]
    semantic: Semantic = Semantic.ALL


def read_batch(body: Json) -> Batch | Question:
    """Return the batch, or the single question where there is no ``evaluations``, or an empty one (section 7.1).

    Raises:
        Malformed: nothing in the message can be answered.
    """
    evaluations = body.get("evaluations")
    if evaluations is None or evaluations == []:
        return read_question(body)
    if not isinstance(evaluations, list) or len(evaluations) > MOST:
        raise Malformed(f"`evaluations` is a list of at most {MOST} questions")
    return Batch([_one(body, each) for each in evaluations], _semantic(body))


def _one(defaults: Json, given: object) -> Question | Malformed:
    """Read one question; what it does not say itself, as a whole noun, the message says for all (section 7.1.1)."""
    if not isinstance(given, dict):
        return Malformed("an evaluation must be an object")
    whole = {key: _noun(key, defaults.get(key), given.get(key)) for key in NAMING}
    try:
        return read_question({key: noun for key, noun in whole.items() if noun is not None})
    except Malformed as fault:
        return fault


def _noun(key: str, default: object, given: object) -> object:
    """Return the noun given; what names it may come from the default where it does not say, its properties never."""
    if given is None:
        return default
    if isinstance(default, dict) and isinstance(given, dict):
        return {**{name: default[name] for name in NAMING[key] if name in default}, **given}
    return given


def _semantic(body: Json) -> Semantic:
    options = body.get("options")
    if options is None:
        return Semantic.ALL
    wanted = options.get("evaluations_semantic", Semantic.ALL) if isinstance(options, dict) else None
    if not isinstance(wanted, str) or wanted not in set(Semantic):
        raise Malformed(f"`options.evaluations_semantic` is one of {', '.join(Semantic)}")
    return Semantic(wanted)
