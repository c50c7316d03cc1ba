"""How long a browser's session may last under the limits of the rule that let it in. Pure.

A mail connection's limits count from its own beginning, and its carrier keeps them. A browser comes back with the same
cookie, at another worker, or after a restart, so its limits count from what the identity side has stored: when the
person last signed in, and when they last did something at the service.
"""

from kernel.authority import Subject
from kernel.reasons import Reason
from kernel.records.devices import Proof
from policies.model import Limits


def of_browser(subject: Subject) -> bool:
    """Say whether a session is that of a signed-in browser, not of a token or an app password."""
    return subject.signin is not None and not subject.key.grant_id and subject.key.proof is not Proof.TOKEN


def counts_from(subject: Subject) -> float | None:
    """Return since when (seconds since 1970) ``limits.session`` counts for a browser; None: from its own beginning."""
    return subject.signin.shown_at if subject.signin is not None and of_browser(subject) else None


def last_seen(subject: Subject, service: str) -> float:
    """Return when a browser last did something at ``service``; infinity when nothing is on record yet."""
    signin = subject.signin
    if signin is None or service not in signin.seen:
        return float("inf")
    return max(signin.seen[service], signin.shown_at)


def outlived(limits: Limits, subject: Subject, service: str, now: float) -> Reason | None:
    """Return which limit a browser's session has reached, so that only signing in afresh leads on; None: neither."""
    since = counts_from(subject)
    if since is None:
        return None
    if limits.session is not None and now >= since + limits.session:
        return Reason.SESSION_LIMIT
    if limits.idle is not None and now >= last_seen(subject, service) + limits.idle:
        return Reason.IDLE
    return None
