"""What stands behind the demo's gate: the embedded mail system and the small webmail, as roles to keep running."""

import json
import secrets
import sys
from pathlib import Path

from gatepost.demo.people import PEOPLE
from gatepost.demo.plan import HOST, Plan
from gatepost.household.supervise import Role, tethered

DEPLOY = Path(__file__).parent.parent.parent / "deploy"


def embedded(plan: Plan) -> list[Role]:
    """Write what the embedded mail system and webmail read, and return their roles."""
    secret = plan.path("mail.secret")
    if not secret.exists():
        secret.touch(0o600)
        secret.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    webmail = plan.path("webmail.json")
    webmail.write_text(json.dumps(_webmail_facts(plan)), encoding="utf-8")
    ports = plan.ports
    addresses = [person.email for person in PEOPLE]
    numbers = [str(ports.get(name, 0)) for name in ("backend_imap", "backend_pop3", "backend_smtp")]
    mail = [str(plan.path("mail")), *numbers, str(secret), *addresses]
    program = DEPLOY / "demo"
    return [
        Role("mail system", tethered(ports["backend_imap"], sys.executable, str(program / "mailstore.py"), *mail)),
        Role(
            "webmail",
            tethered(
                ports["backend_web"],
                sys.executable,
                str(program / "webmail" / "app.py"),
                str(ports["backend_web"]),
                str(webmail),
            ),
        ),
    ]


def _webmail_facts(plan: Plan) -> dict[str, object]:
    return {
        "host": HOST,
        "imaps": plan.ports["imaps"],
        "submissions": plan.ports["submissions"],
        "ca": str(plan.ca),
        "jwks": f"{plan.webmail}/.gatepost/keys",
        "issuer": plan.issuer,
        "audience": "webmail",
    }
