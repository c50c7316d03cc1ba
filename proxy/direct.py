"""The data plane's questions asked over one line, without a task each."""

from collections.abc import Callable

from kernel import wire
from kernel.authority import ApprovalOrder, Asked, Attempt, NotVerified, Subject, SubjectKey, Verified
from proxy.authority import AuthorityClient, either


class DirectAsker:
    """Implements ``proxy.asking.Asker`` and ``proxy.waiting.Asking``."""

    def __init__(self, client: AuthorityClient) -> None:
        self._client = client

    def verify(self, attempt: Attempt, then: Callable[[Verified | NotVerified | Exception], None]) -> None:
        self._client.ask(wire.VERIFY, attempt, lambda answer: then(either(answer)))

    def facts(self, key: SubjectKey, then: Callable[[Subject | Exception | None], None]) -> None:
        self._client.ask(wire.FACTS, wire.Facts(key), then)

    def ask_person(self, order: ApprovalOrder, then: Callable[[Asked | Exception], None]) -> None:
        self._client.ask(wire.ASK, order, then)

    def withdraw(self, approval_id: str, session: str) -> None:
        self._client.ask(wire.WITHDRAW, wire.Withdrawn(approval_id, session), lambda answer: None)
