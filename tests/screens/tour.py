"""Which pages are photographed: by whom, under which name. Addresses are paths below the issuer, or whole."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Stop:
    """One page: the picture's name and the address."""

    name: str
    address: str


STRANGER = (
    Stop("signin", "/signin"),
    Stop("invitation-over", "/invite/none"),
    Stop("signed-out", "/signed-out"),
    Stop("not-found", "/nowhere"),
)
"""What anybody can see."""

PERSON = (
    Stop("portal", "/portal"),
    Stop("portal-devices", "/portal/devices"),
    Stop("portal-app-passwords", "/portal/app-passwords"),
    Stop("portal-sessions", "/portal/sessions"),
    Stop("portal-security", "/portal/security"),
    Stop("portal-password", "/portal/security/password"),
    Stop("portal-code", "/portal/security/code"),
    Stop("why-unknown", "/r/AAAAAAAA"),
)
"""What a person sees of their own."""

ADMIN = (
    Stop("console", "/console"),
    Stop("console-users", "/console/users"),
    Stop("console-devices", "/console/devices"),
    Stop("console-policy", "/console/policy"),
    Stop("console-audit", "/console/audit"),
    Stop("console-health", "/console/health"),
)
"""What an admin sees."""

LINKED = {
    "portal-device": ("/portal/devices", "/portal/devices/"),
    "console-user": ("/console/users", "/console/users/"),
    "console-device": ("/console/devices", "/console/devices/"),
    "console-policy-history": ("/console/policy", "/console/policy/"),
}
"""Pictures of the first page that a list links to: name -> (list, beginning of the link)."""


def people(demo: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the demo's first admin and the first person who is none."""
    admins = [user for user in demo["users"] if any("admin" in group for group in user["groups"])]
    others = [user for user in demo["users"] if user not in admins]
    return admins[0], others[0]
