"""One row for every condition of the language: the field of the facts that it looks at. What has no row is refused
aloud: an answer that left a condition out would be a false one."""

from collections.abc import Iterable, Mapping
from itertools import chain

from policies.meaning.draft import Choice, Draft
from policies.meaning.fields.field import Field, Unmodelled
from policies.meaning.fields.health import Health
from policies.meaning.fields.hours import Clock
from policies.meaning.fields.machines import Owners, Platforms, Proofs, States
from policies.meaning.fields.people import Groups, UserAttributes, Users
from policies.meaning.fields.places import Places
from policies.meaning.fields.plain import Plain
from policies.meaning.fields.services import Services
from policies.meaning.fields.signins import Factors, SignInAges
from policies.meaning.logic import Term
from policies.meaning.space import Space
from policies.meaning.truths import Truths
from policies.model import Condition, Policy, Requirement
from policies.vocabulary import COUNTRIES

FLAG = (False, True)
PRIVATE_ASN = range(64512, 65535)


class Fields:
    """All of them, for some policies: their conditions are learnt once, then each has its truths."""

    def __init__(self, space: Space, since: float) -> None:
        self._space, self._since = space, since
        self._factors, platforms, clock = Factors(space), Platforms(space), Clock(space, since)
        self._table: Mapping[str, Field] = {
            "service": Services(space),
            "who.users": Users(space),
            "who.groups": Groups(space),
            "who.attributes": UserAttributes(space),
            "device.trust": States(space),
            "device.platform": platforms,
            "device.posture": Health(space, platforms),
            "device.owner": Owners(space),
            "device.proof": Proofs(space),
            "network.in": Places(space),
            "network.countries": Plain(space, "network.countries", "country", others=lambda: sorted(COUNTRIES)),
            "network.asn": Plain(space, "network.asn", "asn", others=lambda: PRIVATE_ASN),
            "network.anonymous": Plain(space, "network.anonymous", "anonymous", closed=FLAG),
            "when.days": clock,
            "when.between": clock,
            "signin.factors": self._factors,
            "signin.age": SignInAges(space, self._factors),
            "signin.new_device": Plain(space, "signin.new_device", "new_device", closed=FLAG),
            "signin.new_country": Plain(space, "signin.new_country", "new_country", closed=FLAG),
            "signin.impossible_travel": Plain(space, "signin.impossible_travel", "impossible_travel", closed=FLAG),
        }

    @property
    def keys(self) -> frozenset[str]:
        """Every key that is modelled."""
        return frozenset(self._table)

    def learn(self, policies: Iterable[Policy]) -> None:
        """Take in what the policies ask, and open the dimensions. Raises Unmodelled."""
        for policy in policies:
            for rule in policy.rules:
                if rule.require is not None:
                    self._factors.require(rule.require)
            rules, nevers = ((one.conditions for one in several) for several in (policy.rules, policy.nevers))
            for condition in chain.from_iterable(chain(rules, nevers)):
                self._field(condition).learn(condition, policy)
        for field in dict.fromkeys(self._table.values()):
            field.open()

    def truths(self, condition: Condition, policy: Policy) -> Truths:
        """Return when a condition is held and when not, its ``not_`` included."""
        found = self._field(condition).truths(condition, policy)
        return found.negated() if condition.negated else found

    def met(self, requirement: Requirement) -> Term:
        """Return when a requirement is met."""
        return self._factors.met(requirement)

    def draft(self, choice: Choice) -> Draft:
        """Return concrete facts of one case of every dimension."""
        draft = Draft(self._since)
        draft.someone, draft.machine = self._space.chosen(choice)
        for field in dict.fromkeys(self._table.values()):
            field.tell(choice, draft)
        return draft

    def _field(self, condition: Condition) -> Field:
        found = self._table.get(condition.key)
        if found is None:
            raise Unmodelled(f"`{condition.key}` is not known to the prover")
        return found
