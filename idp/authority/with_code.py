"""Account password and TOTP code in one, typed into a mail program: only where the operator allows it.

Throttled and recorded as on the sign-in page, by the same counters; the code counts once; Argon2 runs in the accounts'
own bounded threads. It proves no device, and is never remembered: no app password's login comes past here.
"""

from typing import Final, Protocol

from idp.accounts.answers import FactorAnswer, PasswordAnswer
from idp.accounts.totp import DIGITS
from idp.authority.subjects import Subjects
from kernel.authority import Attempt, NotVerified, SubjectKey, Verified
from kernel.ports import Store
from kernel.reasons import Reason
from kernel.records.devices import Proof

LONGEST: Final = 1024


class Accounts(Protocol):
    """The two checks of the sign-in page (``idp.accounts``)."""

    async def check_password(self, name: str, password: str, address: str, /) -> PasswordAnswer: ...
    async def check_totp(self, user_id: str, code: str, address: str, /) -> FactorAnswer: ...


class PasswordWithCode:
    """Checks what ``shaped`` says is such a thing."""

    def __init__(self, accounts: Accounts, store: Store, subjects: Subjects) -> None:
        self._accounts, self._store, self._subjects = accounts, store, subjects

    @staticmethod
    def shaped(attempt: Attempt) -> bool:
        """Tell whether six digits stand behind something."""
        code = attempt.password[-DIGITS:]
        whole = DIGITS < len(attempt.password) <= LONGEST and not attempt.certificate
        return whole and code.isascii() and code.isdigit()

    async def check(self, attempt: Attempt) -> Verified | NotVerified:
        """Check both; which of them was wrong is not told. Raises Unavailable: too many passwords are being checked."""
        password, code = attempt.password[:-DIGITS], attempt.password[-DIGITS:]
        known = await self._accounts.check_password(attempt.name, password, attempt.address)
        if known.user is None or known.must_change:
            return _no(known.retry_after)
        factor = await self._accounts.check_totp(known.user.id, code, attempt.address)
        if not factor.good:
            return _no(factor.retry_after)
        key = SubjectKey(known.user.id, proof=Proof.NONE)
        subject = await self._store.read(lambda tx: self._subjects(tx, key))
        return Verified(subject) if subject is not None else _no(0.0)


def _no(retry_after: float) -> NotVerified:
    return NotVerified(Reason.THROTTLED if retry_after else Reason.CREDENTIALS, retry_after)
