"""Every admin act in one place, for the console and the API to be handed as one thing."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.admin.audit_log import AuditLog
from idp.admin.clients import Clients
from idp.admin.comparing import Comparing
from idp.admin.counting import Counting
from idp.admin.explaining import Explaining
from idp.admin.groups import Groups
from idp.admin.health import Health
from idp.admin.machines import Machines
from idp.admin.people import People
from idp.admin.publishing import Publishing
from idp.admin.rejudging import Rejudging
from idp.admin.replaying import Replaying
from idp.admin.sessions import Sessions
from idp.admin.starters import Starter
from idp.admin.trials import Trials
from idp.admin.who_can import WhoCan


@dataclass(frozen=True, slots=True)
class Acts:
    """What an admin can do. ``invitation_link`` is the address that an invitation's secret is appended to,
    ``starters`` are the policies to start from."""

    people: People
    groups: Groups
    machines: Machines
    sessions: Sessions
    publishing: Publishing
    explaining: Explaining
    comparing: Comparing
    who_can: WhoCan
    rejudging: Rejudging
    replaying: Replaying
    trials: Trials
    counting: Counting
    clients: Clients
    audit: AuditLog
    health: Health
    invitation_link: str
    starters: Sequence[Starter] = ()

    def invitation(self, secret: str) -> str:
        """Return the whole link that invites."""
        return f"{self.invitation_link}{secret}"
