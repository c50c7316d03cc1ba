"""``gatepost ca``: the certificate authority's own keys, at this machine alone.

Shows them, rotates the devices' key, and takes the root's key away to where it is safer. The running identity role
takes another key in force at the next reload.
"""

import argparse
import asyncio
import getpass
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from gatepost.household.configuration import find, load
from kernel.config.settings import Settings
from kernel.problems import Refused

if TYPE_CHECKING:
    from gatepost.household.identity import Identity
    from idp.ca.rotation import Rotation

NAME = "ca"
ACTOR = "admin:this machine"
RELOAD = "Reload the running Gatepost (SIGHUP, or `systemctl reload gatepost`) to put it in force."


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(NAME, help="the certificate authority: show, rotate, take the root's key away")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verbs.add_parser("show", help="list the authority's certificates")
    rotate = verbs.add_parser("rotate", help="make a new key for device certificates; earlier ones count on")
    rotate.add_argument("--root", type=Path, help="the file of `export-root`, when the root's key is not here")
    export = verbs.add_parser("export-root", help="write the root's key, encrypted, to a file")
    export.add_argument("file", type=Path, help="where to; must not exist")
    export.add_argument("--remove", action="store_true", help="keep it here no more")
    for verb in (rotate, export):
        verb.add_argument(
            "--passphrase-file", type=Path, help="its first line is the passphrase; asked for if left out"
        )
    for verb in verbs.choices.values():
        verb.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(args: argparse.Namespace) -> int:
    """Do it, and tell what was done."""
    told = asyncio.run(_act(load(find(args.config)), args))
    print(json.dumps(told) if args.json else "\n".join(_lines(told)))
    return 0


async def _act(settings: Settings, args: argparse.Namespace) -> dict[str, Any]:
    from gatepost.household.identity import open_identity
    from idp.ca.rotation import Rotation

    identity = open_identity(settings)
    try:
        await identity.devices.load()
        rotation = Rotation(identity.store, identity.vault, identity.clock, identity.chance, settings.site.name)
        if args.verb == "rotate":
            carried = args.root.read_bytes() if args.root else b""
            await rotation.rotate(ACTOR, carried, _passphrase(args, again=False) if carried else "")
            await identity.devices.load()
            return {"certificates": _shown(identity), "next": RELOAD}
        if args.verb == "export-root":
            return await _export(rotation, args)
        return {"certificates": _shown(identity)}
    finally:
        await identity.close()


async def _export(rotation: "Rotation", args: argparse.Namespace) -> dict[str, Any]:
    """Write the file whole and to the disk before anything is removed here."""
    content = await rotation.export_root(_passphrase(args, again=True))
    descriptor = os.open(args.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if args.remove:
        await rotation.forget_root(ACTOR)
    return {"file": str(args.file), "removed": args.remove}


def _passphrase(args: argparse.Namespace, *, again: bool) -> str:
    """Return the passphrase of a file's first line, or the one that is typed.

    Raises:
        Refused: the two that were typed differ, or nobody is there to type one.
    """
    if args.passphrase_file:
        lines: Sequence[str] = args.passphrase_file.read_text(encoding="utf-8").splitlines()
        return lines[0] if lines else ""
    if not sys.stdin.isatty():
        raise Refused("give the passphrase by --passphrase-file")
    typed = getpass.getpass("Passphrase: ")
    if again and getpass.getpass("Once more: ") != typed:
        raise Refused("the two passphrases differ")
    return typed


def _shown(identity: "Identity") -> list[dict[str, Any]]:
    return [_row(each) for each in identity.devices.ca.authorities()]


def _row(certificate: x509.Certificate) -> dict[str, Any]:
    return {
        "name": certificate.subject.rfc4514_string(),
        "sha256": certificate.fingerprint(hashes.SHA256()).hex(),
        "until": certificate.not_valid_after_utc.isoformat(timespec="minutes"),
    }


def _lines(told: dict[str, Any]) -> list[str]:
    rows = [f"{each['name']}  until {each['until']}  sha256 {each['sha256']}" for each in told.get("certificates", ())]
    if "file" in told:
        gone = "; the root's key is here no more" if told["removed"] else "; the root's key is still here as well"
        rows.append(f"{told['file']} is written{gone}")
    return [*rows, *([told["next"]] if "next" in told else [])]
