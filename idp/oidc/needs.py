"""What is still missing before a request can be answered: a sign-in, a newer one, another person, a stronger one. Pure.

no sign-in ------------------------------> sign in
id_token_hint names somebody else -------> another person (once; then the client is told)
prompt=select_account -------------------> another person (once)
prompt=login, or older than max_age -----> the password again (until the sign-in is newer than ``since``)
weaker than every acr_values ------------> a further factor (once; it is a wish, not a demand)
"""

from dataclasses import dataclass

from idp.oidc import claims
from idp.oidc.asking import Asked
from kernel.records.sessions import SignIn


@dataclass(frozen=True, slots=True)
class Need:
    """How to sign in, for ``SignInGate.redirect_to_sign_in``. ``error`` is what ``prompt=none`` answers."""

    prompt: str = ""
    acr: str = ""
    max_age: int | None = None
    error: str = "login_required"


def missing(asked: Asked, signin: SignIn | None, hinted: str, now: float) -> Need | None:
    """Return what is missing, or None. ``hinted`` is the user id of a checked id_token_hint, or ``""``."""
    if signin is None:
        return Need(acr=_lowest(asked))
    returned = asked.since is not None and asked.since <= now
    if hinted and hinted != signin.user_id:
        return Need("select_account")
    if not _new_enough(asked, signin, now):
        return Need("login", max_age=asked.max_age)
    if "select_account" in asked.prompt and not returned:
        return Need("select_account", error="account_selection_required")
    if not _strong_enough(asked, signin) and not returned and "none" not in asked.prompt:
        return Need(acr=_lowest(asked))
    return None


def _new_enough(asked: Asked, signin: SignIn, now: float) -> bool:
    shown = claims.auth_time(signin)
    if asked.since is not None and asked.since <= now and shown >= asked.since:
        return True
    if "login" in asked.prompt:
        return False
    return asked.max_age is None or now - shown <= asked.max_age


def _strong_enough(asked: Asked, signin: SignIn) -> bool:
    return not _lowest(asked) or claims.reaches(claims.acr(signin), _lowest(asked))


def _lowest(asked: Asked) -> str:
    """Return the weakest context that would content the client, ``""`` when it names none that we know."""
    known = [wish for wish in asked.acr_values if wish in claims.ACR]
    return min(known, key=claims.ACR.index, default="")
