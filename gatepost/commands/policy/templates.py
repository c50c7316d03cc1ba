"""``gatepost policy templates``: the policies to start from, listed, printed or written as files; needs no server."""

import sys
from collections.abc import Sequence
from pathlib import Path

from gatepost.admin_client import AdminCalls
from gatepost.commands.frame import DONE, Verbs, Words, argument, flag, output
from gatepost.commands.showing import table
from gatepost.starters import starters
from idp.admin.starters import Starter
from kernel.problems import Refused, did_you_mean


def register(verbs: Verbs) -> None:
    """Add the verb."""
    verbs.add(
        "templates",
        "list the policies to start from, or print one",
        _templates,
        argument("name", "which one to print", nargs="?"),
        flag("--tests", "print its table of expected decisions"),
        argument("--write", "write it and its table into this directory", metavar="DIRECTORY"),
        alone=_templates,
    )


def _templates(args: Words, client: AdminCalls | None = None) -> int:
    found = starters()
    if not args.name:
        answer = {"items": [{"name": each.name, "about": each.about} for each in found]}
        rows = [(each.name, each.about["en"]) for each in found]
        output(args, answer, lambda _: table(("NAME", "WHAT IT IS"), rows, ""))
        return DONE
    one = _named(args.name, found)
    if args.write:
        return _write(one, Path(args.write))
    if args.json:
        output(args, {"name": one.name, "about": one.about, "text": one.text, "tests": one.tests}, lambda _: ())
        return DONE
    sys.stdout.flush()
    sys.stdout.buffer.write((one.tests if args.tests else one.text).encode())
    sys.stdout.buffer.flush()
    return DONE


def _named(name: str, found: Sequence[Starter]) -> Starter:
    names = [each.name for each in found]
    if name not in names:
        hint = did_you_mean(name, names) or f"there are: {', '.join(names)}"
        raise Refused(f"there is no template `{name}`; {hint}")
    return found[names.index(name)]


def _write(one: Starter, directory: Path) -> int:
    files = {directory / f"{one.name}.yaml": one.text, directory / f"{one.name}.tests.yaml": one.tests}
    for file in files:
        if file.exists():
            raise Refused(f"{file} is there already; nothing was written")
    directory.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        file.write_bytes(text.encode())
        print(f"wrote {file}")
    return DONE
