"""The device: trust, platform and owner, and how the session proved it. Without a device its trust is `unknown`."""

from kernel.records.devices import Proof, Trust
from policies.meaning.cases import UNKNOWN, Case
from policies.meaning.draft import ELSE, USER, Choice, Draft
from policies.meaning.fields.field import named, other
from policies.meaning.space import EMPTY, Space
from policies.meaning.truths import Truths, known
from policies.model import Condition, Policy
from policies.vocabulary import PLATFORMS

STATES = tuple(dict.fromkeys((Trust.MANAGED, Trust.ENROLLED, *Trust)))
PROOFS = tuple(dict.fromkeys((Proof.BROWSER_KEY, *Proof)))
"""What is preferred in an example comes first."""

WITHOUT_DEVICE = (Proof.NONE, Proof.TOKEN)
OWNERS = {"self": USER, "shared": "", "other": ELSE}


class States:
    """``device.trust``."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._dimension = EMPTY

    def learn(self, condition: Condition, policy: Policy) -> None:
        """All states are told apart anyway."""

    def open(self) -> None:
        logic, space = self._space.logic, self._space
        self._dimension = space.one_of("device.trust", "", (Case(state.value) for state in STATES))
        stranger = self._dimension.where(Trust.UNKNOWN.value)[0]
        logic.require(logic.any((space.machine, stranger)))
        space.expect(logic.any((logic.negated(space.machine), logic.negated(stranger))))

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        logic = self._space.logic
        return known(logic, logic.any(self._dimension.where(*condition.wanted)), logic.true)

    def tell(self, choice: Choice, into: Draft) -> None:
        into.device["trust"] = Trust(str(choice[self._dimension].value))


class Proofs:
    """``device.proof``."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._dimension = EMPTY

    def learn(self, condition: Condition, policy: Policy) -> None:
        """All proofs are told apart anyway."""

    def open(self) -> None:
        logic, space = self._space.logic, self._space
        self._dimension = space.one_of("device.proof", "", (Case(proof.value) for proof in PROOFS))
        space.expect(logic.any((space.machine, *self._dimension.where(*(each.value for each in WITHOUT_DEVICE)))))

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        logic = self._space.logic
        return known(logic, logic.any(self._dimension.where(*condition.wanted)), logic.true)

    def tell(self, choice: Choice, into: Draft) -> None:
        into.rest["proof"] = Proof(str(choice[self._dimension].value))


class Platforms:
    """``device.platform``; postures ask for it too."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self.names: set[str] = set()
        self.dimension = EMPTY

    def learn(self, condition: Condition, policy: Policy) -> None:
        self.names.update(str(value) for value in condition.wanted)

    def open(self) -> None:
        if self.names:
            rest = other((*PLATFORMS, "other"), self.names)
            self.dimension = self._space.one_of("device.platform", "", (*named(self.names), *rest, UNKNOWN))

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        logic, dimension = self._space.logic, self.dimension
        there = logic.all((self._space.machine, logic.negated(logic.any(dimension.unknown()))))
        return known(logic, logic.any(dimension.where(*condition.wanted)), there)

    def tell(self, choice: Choice, into: Draft) -> None:
        if self.names:
            into.device["platform"] = str(choice[self.dimension].value or "")


class Owners:
    """``device.owner``: whose a device is cannot be told without a user, unless it is shared."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._asked = False
        self._dimension = EMPTY

    def learn(self, condition: Condition, policy: Policy) -> None:
        self._asked = True

    def open(self) -> None:
        if self._asked:
            self._dimension = self._space.one_of("device.owner", "", (Case(name) for name in OWNERS))

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        logic, dimension = self._space.logic, self._dimension
        there = logic.all((self._space.machine, logic.any((self._space.someone, *dimension.where("shared")))))
        return known(logic, logic.any(dimension.where(*condition.wanted)), there)

    def tell(self, choice: Choice, into: Draft) -> None:
        if self._asked:
            into.device["owner"] = OWNERS[str(choice[self._dimension].value)]
