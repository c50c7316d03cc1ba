"""``gatepost key export``: the public keys that a Dovecot checks our minted logins with, as the files it reads.

Only public halves leave; run it again after a key was changed, it takes away what no longer counts.
"""

import argparse
import asyncio
import json
from pathlib import Path

from gatepost.household.configuration import find, load
from kernel.config.settings import Settings

NAME = "key"
USE = "mint"
DEFAULT = "default"
"""Dovecot's name for keys of tokens that carry no ``azp``, as ours."""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(NAME, help="write the public keys that mail servers check our logins with")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    export = verbs.add_parser("export", help="write them for Dovecot's local_validation_key_dict")
    export.add_argument("directory", type=Path, help="the folder of its `prefix=`; files are default/ALG/KEY")
    export.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(args: argparse.Namespace) -> int:
    """Write the keys and name the files."""
    written = asyncio.run(export(load(find(args.config)), args.directory))
    if args.json:
        print(json.dumps({"files": [str(path) for path in written]}))
    else:
        print("\n".join(str(path) for path in written))
    return 0


async def export(settings: Settings, directory: Path) -> list[Path]:
    """Write every public key that verifies a minted login to ``directory``/default/ALG/KEY as PEM, readable by all.

    Raises:
        Refused, Unavailable: the identity side's state cannot be opened. OSError: the folder cannot be written.
    """
    from gatepost.household.identity import open_identity

    identity = open_identity(settings)
    try:
        await identity.keys.load()
        keys = identity.keys.jwks(USE)["keys"]
        wanted = {directory / DEFAULT / key["alg"] / key["kid"]: identity.keys.public_pem(key["kid"]) for key in keys}
    finally:
        await identity.close()
    return _write(directory, wanted)


def _write(directory: Path, wanted: dict[Path, str]) -> list[Path]:
    for path in directory.glob(f"{DEFAULT}/*/*"):
        if path not in wanted:
            path.unlink()
    for path, pem in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pem, encoding="ascii")
    return list(wanted)
