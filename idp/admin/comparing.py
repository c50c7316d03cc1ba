"""Diff and prove as acts, of drafts and of revisions, through the prover. What is not settled in time is undecided."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from idp.admin.meaning_views import kind, proof
from idp.admin.prover import Overran
from idp.admin.revisions import asked_for
from kernel.ports import Store
from kernel.problems import Unavailable
from policies.language import load
from policies.meaning.answers import ACCESS, AUTHORSHIP, Proof, Verdict
from policies.model import Policy

Json = dict[str, Any]

REMEMBERED = 32
"""How many documents are remembered as proven."""


@dataclass(frozen=True, slots=True)
class Side:
    """A policy to ask about: a draft's ``text``, or the revision of this number (0: the one in force)."""

    text: str | None = field(default=None, repr=False)
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Unproven:
    """A ``never`` that does not hold, or of which that is not certain. ``words`` say how, by language."""

    name: str
    line: int
    verdict: Verdict
    words: dict[str, str]


class Prover(Protocol):
    """Who thinks; see ``idp.admin.prover``."""

    async def ask(self, question: Mapping[str, Any]) -> Json:
        """Return the answer to a question; Overran or Unavailable when there is none."""
        ...


class Comparing:
    """The acts. An answer is the JSON of ``meaning_views``."""

    def __init__(self, store: Store, prover: Prover) -> None:
        self._store, self._prover = store, prover
        self._proven: OrderedDict[bytes, None] = OrderedDict()

    async def diff(self, old: Side, new: Side, *, authorship: bool = False) -> Json:
        """Return what changes in meaning, over all facts from now on. ``authorship``: also who decides and reports.

        Raises:
            Invalid: a draft has faults.
            Missing: there is no such revision.
            Unavailable: the prover failed.
        """
        texts = [(await self._read(side))[0] for side in (old, new)]
        question = {"ask": "diff", "old": texts[0], "new": texts[1], "authorship": authorship}
        try:
            return await self._prover.ask(question)
        except Overran:
            kinds = [kind(each) for each in (*ACCESS, *(AUTHORSHIP if authorship else ()))]
            return {"same": False, "decided": False, "rows": [], "more": [], "undecided": kinds, "faults": []}

    async def prove(self, side: Side) -> Json:
        """Return what becomes of every ``never`` (``items``), and which ``rules`` decide nothing, over all facts from
        now on. Raises as ``diff`` does."""
        text, policy = await self._read(side)
        try:
            return await self._prover.ask({"ask": "prove", "text": text, "rules": True})
        except Overran:
            return {"items": _undecided(policy), "rules": []}

    async def unproven(self, text: str) -> Sequence[Unproven]:
        """Return every ``never`` of a document that is broken or was not decided in time; none: all are proven.

        A document that was proven once is not proven again. A prover that fails has decided nothing.

        Raises:
            Invalid: the document has faults.
        """
        digest = hashlib.sha256(text.encode()).digest()
        if digest in self._proven:
            return ()
        policy = await asyncio.to_thread(load, text)
        items = await self._proofs(text, policy) if policy.nevers else ()
        found = [each for each in items if each["verdict"] != Verdict.HOLDS.name.lower()]
        if not found:
            self._proven[digest] = None
            while len(self._proven) > REMEMBERED:
                self._proven.popitem(last=False)
        return [Unproven(each["name"], each["line"], Verdict[each["verdict"].upper()], each["words"]) for each in found]

    async def _proofs(self, text: str, policy: Policy) -> Sequence[Json]:
        try:
            answer = await self._prover.ask({"ask": "prove", "text": text, "rules": False})
        except (Overran, Unavailable):
            return _undecided(policy)
        items: list[Json] = answer["items"]
        return items

    async def _read(self, side: Side) -> tuple[str, Policy]:
        text = side.text
        if text is None:
            text = await self._store.read(lambda tx: asked_for(tx, side.revision).text)
        return text, await asyncio.to_thread(load, text)


def _undecided(policy: Policy) -> list[Json]:
    return [proof(Proof(never.name, never.place, Verdict.UNDECIDED)) for never in policy.nevers]
