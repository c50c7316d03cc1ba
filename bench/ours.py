"""Gatepost under test: an installation with people, devices, app passwords and the starter policy, and its two roles.

Nothing is switched off: every session is authenticated, judged, leased and audited, and logs in at the backend with
a token of its user's. The identity role has a process of its own; it is told apart in the figures, not left out.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.contenders import Contender
from bench.ground import HOST, Ground, free_port
from bench.imap_load import Credential
from gatepost.admin_client import AdminClient
from gatepost.household.configuration import load
from gatepost.household.identity import Identity, open_identity
from gatepost.household.init import FIRST_GROUPS, STARTER
from idp.admin.actor import Actor
from idp.vault import Vault
from kernel.authority import Attempt, Verified
from kernel.records.devices import Proof
from kernel.records.people import User
from kernel.records.sessions import Factor

ACTOR = Actor.on_this_machine("bench")
PEOPLE = 50
WEBMAIL = "webmail"

CONFIG = """[site]
name = "Bench"
issuer = "https://id.localhost:{web}"
state = "state"
domains = ["example.com"]

[bounds]
sessions_per_address = 5000

[[listen]]
name = "web"
service = "web"
address = "{host}:{web}"
certificate = "{certificate}"
key = "{key}"

[[listen]]
name = "imaps"
service = "imap"
address = "{host}:{imaps}"
certificate = "{certificate}"
key = "{key}"
client_certificate = true

[[route]]
name = "{route}"
host = "localhost:{web}"
path = "/files"
upstreams = ["http://{host}:{files}"]

[[backend]]
name = "mail"
login = "token"
audience = "mail"
forward = true

[backend.imap]
address = "{host}:{mailbox}"
tls = "none"
"""


@dataclass(frozen=True, slots=True)
class Ours:
    """What runs. ``people``: who may log in over IMAP; ``doomed``: the same, on one device each, to be revoked;
    ``cookie``: a browser's session on the web route."""

    web: Contender
    imap: Contender
    idp: int
    admin: AdminClient
    people: Sequence[Credential]
    doomed: Sequence[tuple[str, Credential]]
    cookie: str
    policy: str


@dataclass(frozen=True, slots=True)
class Seeded:
    """What is in the store before the roles start."""

    people: Sequence[Credential]
    doomed: Sequence[tuple[str, Credential]]
    cookie: str


def gatepost(ground: Ground, mailbox: int, files: int, doomed: int) -> Ours:
    """Install and start; ``doomed``: how many devices are there to be revoked."""
    room = ground.room("gatepost")
    web, imaps = free_port(), free_port()
    config = room / "gatepost.toml"
    config.write_text(
        CONFIG.format(
            host=HOST,
            web=web,
            imaps=imaps,
            mailbox=mailbox,
            files=files,
            route=WEBMAIL,
            certificate=ground.certificate,
            key=ground.key,
        )
    )
    (room / "state").mkdir(mode=0o700)
    Vault.create(room / "state" / "vault.key")
    seeded = asyncio.run(_seed(config, doomed))
    serve = [sys.executable, "-m", "gatepost", "--config", str(config), "serve", "--role"]
    settings = load(config)
    idp = ground.start("idp", [*serve, "idp"], ())
    proxy = ground.start("proxy", [*serve, "proxy"], (web, imaps))
    return Ours(
        web=Contender("Gatepost", web, (proxy,)),
        imap=Contender("Gatepost", imaps, (proxy,)),
        idp=idp,
        admin=AdminClient(settings.admin_socket),
        people=seeded.people,
        doomed=seeded.doomed,
        cookie=seeded.cookie,
        policy=STARTER.read_text(encoding="utf-8"),
    )


async def _seed(config: Path, doomed: int) -> Seeded:
    identity = open_identity(load(config))
    try:
        await identity.load()
        for group, about in FIRST_GROUPS.items():
            await identity.acts.groups.add(ACTOR, group, about)
        users = [await _person(identity, f"person{number}") for number in range(PEOPLE)]
        people = [(await _device(identity, user, "laptop"))[1] for user in users]
        revoked = [await _device(identity, users[0], f"doomed{number}") for number in range(doomed)]
        policy = STARTER.read_text(encoding="utf-8")
        await identity.acts.publishing.publish(ACTOR, policy, "the starter", base=0, force=True)
        return Seeded(people, revoked, await _cookie(identity, users[0]))
    finally:
        await identity.close()


async def _person(identity: Identity, name: str) -> User:
    return await identity.acts.people.add(ACTOR, name, f"{name}@example.com", name, "en", ["staff"])


async def _device(identity: Identity, user: User, name: str) -> tuple[str, Credential]:
    """Give a user a device with an app password; return the device's id and how it logs in."""
    device = await identity.devices.register_device(ACTOR.name, user.id, name, "debian", "computer")
    _, secret = await identity.accounts.make_app_password(ACTOR.name, user.id, device.id, ["imap"], name)
    return device.id, (user.email, secret)


async def _cookie(identity: Identity, user: User) -> str:
    """Sign a browser in, with two factors and a registered device, and hand it over to the route."""
    device = await identity.devices.register_device(ACTOR.name, user.id, "browser", "debian", "browser")
    signin, _ = await identity.signins.begin(user, [Factor.PASSWORD, Factor.TOTP], HOST, "bench")
    await identity.signins.bind_device(signin.id, device.id, Proof.BROWSER_KEY)
    ticket = await identity.signins.issue_ticket(signin.id, WEBMAIL, "state")
    attempt = Attempt(WEBMAIL, HOST, ticket=ticket, state="state", route=WEBMAIL)
    answer = await identity.answers.verify(attempt)
    if not isinstance(answer, Verified):
        raise RuntimeError(f"the browser's ticket was refused: {answer}")
    return answer.cookie
