"""Fills a fresh demo: people with passwords and codes, devices with certificates and app passwords, clients, a policy.

Runs once, before the first start, through the same acts that an admin uses; what scripts need to know is returned.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gatepost.demo.people import GROUPS, PEOPLE, Person
from gatepost.demo.plan import Plan
from gatepost.household.identity import Identity
from idp.admin.actor import Actor
from idp.oidc.machines import SCOPES as MACHINE_SCOPES
from kernel.records.devices import Trust
from kernel.records.people import User

ACTOR = Actor.on_this_machine("demo")
POLICY = Path(__file__).parent.parent.parent / "deploy" / "policies" / "demo.yaml"
MAIL_SERVICES = ("imap", "submission", "pop3", "sieve")
STEP = 30


@dataclass(frozen=True, slots=True)
class Client:
    """A relying party of the demo."""

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    require_pkce: bool = True
    rotate_refresh: bool = True
    post_logout_redirect_uris: tuple[str, ...] = ()


async def seed(identity: Identity, plan: Plan) -> dict[str, Any]:
    """Fill the store; return ``users`` and ``oidc_clients`` as ``demo.json`` shows them."""
    for group, about in GROUPS.items():
        await identity.acts.groups.add(ACTOR, group, about)
    users = [await _person(identity, plan, person) for person in PEOPLE]
    clients = [await _client(identity, client) for client in clients_of(plan)]
    await identity.acts.publishing.publish(
        ACTOR, POLICY.read_text(encoding="utf-8"), "the demo's policy", base=0, force=True
    )
    return {"users": users, "oidc_clients": clients, "authzen": await _program(identity, plan)}


def clients_of(plan: Plan) -> tuple[Client, ...]:
    """Return the relying parties: one to play with, and in the lab Roundcube, which knows no PKCE."""
    loopback = ("http://localhost:9876/callback", "http://127.0.0.1:9876/callback")
    playing = Client(
        "demo",
        "A client to play with",
        loopback,
        ("openid", "profile", "email", "mail", "offline_access"),
        post_logout_redirect_uris=("http://localhost:9876/goodbye", "http://127.0.0.1:9876/goodbye"),
    )
    admin = Client("demo-admin", "An admin's script", loopback, ("openid", "admin"))
    if not plan.lab:
        return (playing, admin)
    address = f"{plan.webmail}/index.php/login/oauth"
    scopes = ("openid", "profile", "email", "mail")
    # It sends no PKCE, and its requests side by side would each spend the same refresh token.
    roundcube = Client("roundcube", "Roundcube", (address,), scopes, require_pkce=False, rotate_refresh=False)
    return (playing, admin, roundcube)


async def _person(identity: Identity, plan: Plan, person: Person) -> dict[str, Any]:
    user = await identity.acts.people.add(
        ACTOR, person.name, person.email, person.display_name, person.language, list(person.groups)
    )
    await identity.accounts.set_password(ACTOR.name, user.id, person.password)
    device, passwords = await _laptop(identity, plan, person, user)
    return {
        "name": person.name,
        "email": person.email,
        "password": person.password,
        "totp_secret": await _totp(identity, user),
        "groups": list(person.groups),
        "app_passwords": passwords,
        "devices": [device],
    }


async def _totp(identity: Identity, user: User) -> str:
    """Enrol a seed with the code of the step before this one, so that the present code is still good."""
    enrolment = await identity.accounts.begin_totp(user.id)
    code = pyotp.TOTP(enrolment.secret).at(int(identity.clock.now()) - STEP)
    if not await identity.accounts.confirm_totp(user.id, code):
        raise RuntimeError("the demo's own code was not accepted")
    return enrolment.secret


async def _laptop(
    identity: Identity, plan: Plan, person: Person, user: User
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Give a person a laptop with a certificate, and one app password for each mail service."""
    device = await identity.devices.register_device(ACTOR.name, user.id, person.laptop, person.platform, "computer")
    if person.trust != device.trust:
        device = await identity.devices.set_trust(ACTOR.name, device.id, Trust(person.trust), "the demo's")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = await identity.devices.issue_certificate(ACTOR.name, device.id, _request(key, person.laptop))
    files = plan.path("devices", f"{person.laptop}.pem"), plan.path("devices", f"{person.laptop}.key")
    files[0].parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    files[0].write_text(certificate, encoding="ascii")
    files[1].touch(0o600)
    files[1].write_bytes(_private(key))
    passwords = []
    for service in (each for each in MAIL_SERVICES if each in plan.mail_ports):
        _, secret = await identity.accounts.make_app_password(
            ACTOR.name, user.id, device.id, [service], f"{person.laptop} {service}"
        )
        passwords.append({"device": device.id, "secret": secret, "services": [service]})
    shown = {"id": device.id, "name": device.name, "trust": device.trust.value}
    relative = {"certificate": f"devices/{files[0].name}", "key": f"devices/{files[1].name}"}
    return {**shown, **relative}, passwords


async def _client(identity: Identity, client: Client) -> dict[str, Any]:
    made, secret = await identity.clients.register(
        ACTOR.name,
        client.name,
        client.redirect_uris,
        client_id=client.client_id,
        scopes=client.scopes,
        require_pkce=client.require_pkce,
        rotate_refresh=client.rotate_refresh,
        post_logout_redirect_uris=client.post_logout_redirect_uris,
    )
    return {"client_id": made.client_id, "client_secret": secret, "redirect_uris": list(made.redirect_uris)}


async def _program(identity: Identity, plan: Plan) -> dict[str, str]:
    """Register a program that may ask the decision point everything (docs/decision-point.md)."""
    made, secret = await identity.clients.register(
        ACTOR.name, "A program that asks", (), client_id="asker", scopes=tuple(MACHINE_SCOPES), machine=True
    )
    metadata = f"{plan.issuer}/.well-known/authzen-configuration"
    return {"metadata": metadata, "client_id": made.client_id, "client_secret": secret}


def _request(key: ec.EllipticCurvePrivateKey, name: str) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def write_facts(plan: Plan, found: dict[str, Any]) -> None:
    """Write ``demo.json``, readable by its owner alone: it holds every secret of the demo."""
    host = "localhost"
    decisions = {"host": host, "port": plan.ports["decisions"], "secret_file": "edge.secret", "routes": plan.edges}
    facts = {
        "issuer": plan.issuer,
        "webmail": f"{plan.webmail}/",
        "for_devices": {name: f"https://{host}" for name, host in plan.device_hosts.items()},
        "portal": f"{plan.issuer}/",
        "console": f"{plan.issuer}/console",
        "ca": "ca.pem",
        **{name: {"host": host, "port": port} for name, port in plan.mail_ports.items()},
        "decisions": decisions,
        "authority": "state/run/authority.sock",
        "admin_api": f"{plan.issuer}/api/v1",
        "command": _command(plan),
        **found,
    }
    plan.facts.touch(0o600)
    plan.facts.write_text(json.dumps(facts, indent=2, ensure_ascii=False), encoding="utf-8")


def _command(plan: Plan) -> list[str]:
    """Return the argv that administers this demo; words that begin with a dot are paths, counted from the facts."""
    root = Path(__file__).parent.parent.parent
    python = root / ".venv" / "bin" / "python"
    return [_relative(python, plan), "-m", "gatepost", "--config", "./gatepost.toml"]


def _relative(path: Path, plan: Plan) -> str:
    up = Path(*[".."] * len(plan.directory.relative_to(path.anchor).parts))
    return f"./{up / path.relative_to(path.anchor)}"
