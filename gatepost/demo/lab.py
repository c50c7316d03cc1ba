"""What stands behind the lab's gate: real Dovecot, Postfix and Roundcube, as roles to keep running.

Each has its own configuration, state and log below the lab's directory, and listens on loopback alone.
"""

import shutil

from gatepost.demo.ground import GROUP, Ground, ground, program
from gatepost.demo.people import DOMAIN, PEOPLE
from gatepost.demo.plan import Plan
from gatepost.demo.roundcube import roundcube
from gatepost.household.configuration import load
from gatepost.household.key import export
from gatepost.household.supervise import Role

MASTER = '"$1" -c "$2" check && exec /usr/lib/postfix/sbin/master -d -c "$2"'


async def laboratory(plan: Plan) -> list[Role]:
    """Write what the servers read, and return their roles. Without root Postfix cannot run, and is left out.

    Raises:
        Refused: a package is not installed.
    """
    place = ground(plan)
    shutil.copyfile(plan.ca, place.authority)
    place.authority.chmod(0o644)
    roles = [dovecot(plan, place), roundcube(plan, place)]
    if place.root:
        roles.append(postfix(plan, place))
    await export(load(plan.config), place.folder("dovecot", "keys"))
    return roles


def shortcomings(plan: Plan) -> list[str]:
    """Return, in words, what of this lab does not run."""
    if ground(plan).root:
        return []
    return ["Postfix does not run: only root can start it. Mail can be read, and sending answers 454."]


def dovecot(plan: Plan, place: Ground) -> Role:
    """IMAP, POP3 and ManageSieve for the gate, whose tokens it checks by our public keys; LMTP and SASL for Postfix."""
    binary = program("dovecot", "dovecot-imapd")
    program("pop3-login", "dovecot-pop3d")
    program("managesieve-login", "dovecot-managesieved")
    base = place.folder("dovecot")
    for name in ("run", "state", "keys"):
        place.folder("dovecot", name)
    place.folder("dovecot", "mail", owner=place.mail_user)
    (base / "run" / "master.pid").unlink(missing_ok=True)  # of a machine that went down; its number may be taken now
    values = {
        "base": base,
        "internal_user": place.internal_user,
        "internal_group": place.internal_group,
        "login_user": place.login_user,
        "mail_user": place.mail_user,
        "mail_group": place.mail_group,
        "imap_port": plan.ports["backend_imap"],
        "pop3_port": plan.ports.get("backend_pop3", 0),
        "sieve_port": plan.ports.get("backend_sieve", 0),
        "lmtp_port": plan.ports["backend_lmtp"],
        "issuer": plan.issuer,
        "username_attribute": "email",
    }
    config = place.fill("dovecot.conf.template", base / "dovecot.conf", values)
    place.fill("dovecot-oauth2.conf.ext.template", base / "dovecot-oauth2.conf.ext", values)
    (base / "master-users").write_text("", encoding="ascii")  # nobody: the gate comes with tokens
    return place.role("Dovecot", plan.ports["backend_imap"], base / "said.log", binary, "-F", "-c", str(config))


def postfix(plan: Plan, place: Ground) -> Role:
    """Submission for the gate, with XCLIENT; what is sent goes to Dovecot by LMTP, and nothing goes outside."""
    binary = program("postfix", "postfix")
    base = place.folder("postfix")
    place.folder("postfix", "queue")
    place.folder("postfix", "data", owner="postfix")
    config = place.folder("postfix", "etc")
    values = {
        "base": base,
        "domain": DOMAIN,
        "lmtp_port": plan.ports["backend_lmtp"],
        "sasl_path": place.base / "dovecot" / "run" / "postfix-auth",
        "submission_port": plan.ports["backend_smtp"],
    }
    for name in ("main.cf", "master.cf"):
        place.fill(f"postfix/{name}.template", config / name, values)
    people = ", ".join(f"{{{person.email} = there}}" for person in PEOPLE)
    with (config / "main.cf").open("a", encoding="utf-8") as main:
        main.write(
            f"# A letter to anybody else of ours is refused at once.\nvirtual_mailbox_maps = inline:{{{people}}}\n"
        )
    # Its own `start-fg` leaves the process group that we end; check first, as that does, then run the master itself.
    argv = ("/bin/sh", "-c", MASTER, "sh", binary, str(config))
    return place.role("Postfix", plan.ports["backend_smtp"], base / "said.log", *argv, script=GROUP)
