"""``gatepost policy export`` and ``import``: revisions as files for git, and a file from git as the next revision.

A document is written byte for byte as it was published, its table of expected decisions beside it. With ``--all``, what
else is known of a revision (author, time, comment ...) stands in a small JSON file of the same name.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gatepost.admin_client import AdminCalls, Json, address
from gatepost.commands.frame import DONE, REFUSED, Verbs, Words, argument, output, refused
from gatepost.commands.policy.testing import beside
from kernel.problems import Refused

PAGE = 500
KEPT = ("number", "author", "comment", "behalf", "approver", "proposal", "restores", "forced")


def register(verbs: Verbs) -> None:
    """Add the verb."""
    verbs.add(
        "export",
        "print a revision byte for byte, or write it, or all of them, as files",
        _export,
        argument("--revision", "which one; the one in force if left out", type=int, default=0),
        argument("--output", "write the document to this file, and its table beside it", metavar="FILE"),
        argument("--all", "write every revision into this directory; what is there already stays", metavar="DIRECTORY"),
    )


def _export(args: Words, client: AdminCalls) -> int:
    if args.all:
        return _all(args, client, Path(args.all))
    path = address("policy", "revisions", str(args.revision)) if args.revision else "/policy"
    status, found = client.call("GET", path)
    if status >= 400:
        return refused(args, found)
    if args.json:
        output(args, found, lambda _: ())
    elif args.output:
        for file, content in _documents(Path(args.output), found):
            file.write_bytes(content)
            print(f"wrote {file}", file=sys.stderr)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(found["text"].encode())
        sys.stdout.buffer.flush()
    return DONE


def _all(args: Words, client: AdminCalls, directory: Path) -> int:
    directory.mkdir(parents=True, exist_ok=True)
    written, edited = 0, []
    for revision in _every(client):
        place = directory / f"{revision['number']:04}.yaml"
        sidecar = (
            place.with_suffix(".json"),
            json.dumps(_about(revision), ensure_ascii=False, indent=2).encode() + b"\n",
        )
        for file, content in (*_documents(place, revision), sidecar):
            if not file.exists():
                file.write_bytes(content)
                written += 1
            elif file.read_bytes() != content:
                edited.append(file)
    answer = {"written": written, "edited": [str(file) for file in edited]}
    output(args, answer, lambda _: [f"{written} files written to {directory}."])
    for file in edited:
        print(f"gatepost: {file} is not what was published: somebody edited it. It was left alone.", file=sys.stderr)
    return REFUSED if edited else DONE


def _every(client: AdminCalls) -> Iterator[Json]:
    """Yield every revision with its text, newest first."""
    before = 0
    while True:
        status, listed = client.call("GET", address("policy", "history", limit=PAGE, before=before or None))
        if status >= 400:
            raise Refused(str(listed.get("error", "refused")))
        for head in listed["items"]:
            status, found = client.call("GET", address("policy", "revisions", str(head["number"])))
            if status >= 400:
                raise Refused(str(found.get("error", "refused")))
            yield found
        if not listed["items"] or listed["items"][-1]["number"] <= 1:
            return
        before = listed["items"][-1]["number"]


def _documents(place: Path, revision: Json) -> list[tuple[Path, bytes]]:
    tests = [(beside(str(place)), revision["tests"].encode())] if revision["tests"] else []
    return [(place, revision["text"].encode()), *tests]


def _about(revision: Json) -> Mapping[str, Any]:
    """Return what a sidecar says of a revision: nothing that is empty, and a digest of the text."""
    at = datetime.fromtimestamp(revision["at"], UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    kept = {name: revision[name] for name in KEPT if revision[name]}
    return {**kept, "at": at, "sha256": hashlib.sha256(revision["text"].encode()).hexdigest()}
