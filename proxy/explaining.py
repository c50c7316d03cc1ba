"""References to what a limit turns down within a live session: a link for the person, a record for whoever looks."""

from kernel.authority import Subject
from kernel.chance import Chance, reference
from kernel.reasons import Reason, words
from proxy.admission import Admission, Verdict
from proxy.guard import Guard


class Explanations:
    """Makes references, and puts on record what they explain."""

    def __init__(self, guard: Guard, chance: Chance, issuer: str) -> None:
        self._guard = guard
        self._chance = chance
        self._issuer = issuer.rstrip("/")

    def refer(self) -> tuple[str, str]:
        """Return a new reference, and the link that leads to its explanation once it is ``withheld``."""
        code = reference(self._chance)
        return code, f"{self._issuer}/r/{code}"

    def withheld(self, admission: Admission, subject: Subject, reason: Reason, code: str) -> None:
        """Put on record that a limit of a live session has turned something down."""
        verdict = Verdict(reason, words(reason, subject.user.language), admission.decision)
        told = (admission.session, admission.service, admission.address, subject, verdict)
        self._guard.record(*told, reference=code, again=True, client=admission.client)
