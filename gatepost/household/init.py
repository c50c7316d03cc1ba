"""``gatepost init``: makes a new installation: configuration, state, keys, a first policy and the first admin's
invitation.

It refuses to touch one that is there already.
"""

import argparse
import asyncio
import getpass
import json
import os
import string
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gatepost.household import configuration
from gatepost.starters import STARTER
from kernel.config.reader import read_settings
from kernel.problems import Refused

if TYPE_CHECKING:
    from gatepost.household.identity import Identity

NAME = "init"
TEMPLATE = Path(__file__).with_name("template.toml")
FIRST_GROUPS = {"staff": "Everybody who may use mail", "mail-admins": "Those who look after Gatepost"}


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(NAME, help="make a new installation in a directory")
    parser.add_argument("directory", nargs="?", default=".", help="where gatepost.toml and state/ go (default: here)")
    parser.add_argument("--name", default="Our mail", help="what people read on the pages")
    parser.add_argument("--issuer", required=True, help="origin of the identity pages, as https://id.example.com")
    parser.add_argument("--domain", action="append", default=[], help="a mail domain that is ours (repeat it)")
    parser.add_argument("--admin", required=True, metavar="ADDRESS", help="mail address of the first admin")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(args: argparse.Namespace) -> int:
    """Make the installation and say what to do next."""
    directory = Path(args.directory).absolute()
    config = write_configuration(directory, args.name, args.issuer, args.domain)
    invitation = asyncio.run(_populate(config, args.admin, urlsplit(args.issuer).hostname or "localhost"))
    if args.json:
        print(json.dumps({"configuration": str(config), "invitation": invitation}))
        return 0
    print(f"Made {config} and its state.\n")
    print("Next:")
    print(f"  1. read {config}; put your certificate, webmail and mail system into it")
    print(f"  2. gatepost --config {config} check")
    print(f"  3. gatepost --config {config} serve")
    print(f"  4. open, within a day, as the first admin: {invitation}")
    return 0


def write_configuration(directory: Path, name: str, issuer: str, domains: list[str]) -> Path:
    """Write ``gatepost.toml`` and the vault's key; return the configuration's path.

    Raises:
        Refused: there is an installation already.
    """
    from idp.vault import Vault

    config, state = directory / configuration.NAME, directory / "state"
    if config.exists() or state.exists():
        raise Refused(f"{directory} holds an installation already; nothing was changed")
    directory.mkdir(parents=True, exist_ok=True)
    state.mkdir(mode=0o700)
    values = {
        "name": json.dumps(name)[1:-1],
        "issuer": issuer,
        "state": "state",
        "domains": ", ".join(json.dumps(domain) for domain in domains),
        "certificate": "tls.pem",
        "key": "tls.key",
    }
    text = string.Template(TEMPLATE.read_text(encoding="utf-8")).substitute(values)
    read_settings(text, config)
    config.write_text(text, encoding="utf-8")
    Vault.create(state / "vault.key")
    return config


async def _populate(config: Path, admin: str, host: str) -> str:
    from gatepost.household.identity import open_identity
    from idp.admin.actor import Actor

    identity = open_identity(configuration.load(config))
    try:
        await identity.load()
        write_server_certificate(identity, config.parent, [host])
        actor = Actor.on_this_machine(getpass.getuser())
        for group, about in FIRST_GROUPS.items():
            await identity.acts.groups.add(actor, group, about)
        name = admin.partition("@")[0]
        await identity.acts.people.add(actor, name, admin, name, "en", list(FIRST_GROUPS))
        starter = STARTER.read_text(encoding="utf-8")
        await identity.acts.publishing.publish(actor, starter, "the first policy", base=0, force=True)
        return identity.acts.invitation(await identity.acts.people.invite(actor, name))
    finally:
        await identity.close()


def write_server_certificate(identity: "Identity", directory: Path, names: list[str]) -> None:
    """Write ``tls.pem`` and ``tls.key`` from our own authority (a first start needs no other), and ``ca.pem``."""
    certificate, key = identity.devices.ca.issue_server(names)
    private = os.open(directory / "tls.key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(private, "w", encoding="ascii") as file:
        file.write(key)
    (directory / "tls.pem").write_text(certificate, encoding="ascii")
    (directory / "ca.pem").write_text(identity.devices.ca.root_pem(), encoding="ascii")
