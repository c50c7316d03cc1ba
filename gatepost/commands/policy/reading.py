"""A policy's file on the command line, and the arguments that several verbs share."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gatepost.commands.frame import argument, flag
from kernel.problems import Refused

LARGEST = 1024 * 1024
FILE = argument("file", "policy file, - for standard input")
FORCE = flag("--force", "even if it locks every admin out, and without a second admin")
COMMENT = argument("--comment", "why, for the history", default="")


def read(name: str) -> str:
    """Return a policy file's text.

    Raises:
        Refused: not UTF-8, or larger than 1 MiB.
    """
    content = sys.stdin.buffer.read(LARGEST + 1) if name == "-" else Path(name).read_bytes()[: LARGEST + 1]
    if len(content) > LARGEST:
        raise Refused(f"{name} is larger than 1 MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Refused(f"{name} is not UTF-8: byte {fault.start} ({content[fault.start]:#04x})") from fault


def number(count: str | None) -> tuple[str, Mapping[str, Any]]:
    """Return the argument that names a revision; ``count`` is argparse's ``nargs``: `?` when it may be left out."""
    return argument("number", "number of the revision", type=int, nargs=count)


def when(text: str | None) -> float | None:
    """Return the moment that a text names, in UTC unless it says otherwise, as seconds since 1970; None for None.

    Raises:
        Refused: it names none.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"`{text}` is no time; write it like 2026-01-31T18:30") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
