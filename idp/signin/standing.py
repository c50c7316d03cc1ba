"""Who is at the browser: the living sign-in behind a cookie, its user, and what ``flow`` needs to know of both."""

from dataclasses import dataclass

from idp.signin import flow
from kernel.ports import Reader
from kernel.records.credentials import Password, RecoveryCodes, TotpFactor
from kernel.records.people import User
from kernel.records.sessions import SignIn


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser with a sign-in that lives; not necessarily a complete one, see ``flow.complete``."""

    signin: SignIn
    user: User
    standing: flow.Standing

    @property
    def actor(self) -> str:
        """Return how the audit names this person."""
        return f"user:{self.user.name}"


def read_visitor(tx: Reader, signin: SignIn) -> Visitor | None:
    """Return the visitor behind a sign-in, or None when the user is gone or disabled."""
    user = tx.get(User, signin.user_id)
    if user is None or user.disabled:
        return None
    return Visitor(signin, user, _standing(tx, signin))


def _standing(tx: Reader, signin: SignIn) -> flow.Standing:
    password = tx.get(Password, signin.user_id)
    code = tx.get(TotpFactor, signin.user_id)
    recovery = tx.get(RecoveryCodes, signin.user_id)
    return flow.Standing(
        factors=signin.factors,
        begun_at=signin.created_at,
        has_password=password is not None,
        must_change=password is not None and password.must_change,
        has_code=code is not None and code.confirmed,
        has_recovery=recovery is not None and bool(recovery.digests),
    )
