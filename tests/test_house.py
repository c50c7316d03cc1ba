"""The house's own rules, checked by a machine: arrows between rooms, pure files, docstrings, forbidden names, sizes."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ARROWS = {
    "kernel": set(),
    "policies": {"kernel"},
    "store": {"kernel"},
    "idp": {"kernel", "policies"},
    "proxy": {"kernel", "policies"},
    "gatepost": {"kernel", "policies", "store", "idp", "proxy"},
    "agent": set(),
}
IMPURE = {
    *("asyncio", "socket", "ssl", "os", "time", "random", "secrets", "subprocess", "select", "threading", "sqlite3"),
    *("uvloop", "uvicorn", "starlette", "httptools", "redis", "asyncssh"),
}
PURE = (
    "kernel",
    "policies",
    "proxy/gateways/*/grammar.py",
    "proxy/gateways/*/gate.py",
    "proxy/web/head.py",
    "idp/signin/flow.py",
    "idp/accounts/lockout.py",
    "proxy/decisions/asked.py",
    "proxy/decisions/auth_http.py",
    "idp/authzen/answering.py",
    "idp/authzen/asserted.py",
    "idp/authzen/batch.py",
    "idp/authzen/entities.py",
    "idp/authzen/paging.py",
)
# The two doors through which the kernel hands out time and chance as a dependency.
DOORS = {"kernel/clock.py": {"time"}, "kernel/chance.py": {"os"}}
FORBIDDEN_NAMES = {"util", "utils", "helper", "helpers", "common", "manager", "misc", "stuff"}
LONGEST_FILE = 300


def sources() -> list[Path]:
    """Return every source file of every room."""
    return sorted(path for room in ARROWS for path in (ROOT / room).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_imports_only_rooms_that_its_arrows_reach(room: str) -> None:
    wrong = [
        f"{named(path)} imports {name}"
        for path in (ROOT / room).rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] in ARROWS and name.split(".")[0] not in ARROWS[room] | {room}
    ]
    assert wrong == []


def test_pure_files_touch_neither_network_nor_clock_nor_chance() -> None:
    pure = [path for pattern in PURE for place in ROOT.glob(pattern) for path in _files(place)]
    wrong = [
        f"{named(path)} imports {name}"
        for path in pure
        for name in imported(path)
        if name.split(".")[0] in IMPURE - DOORS.get(named(path), set())
    ]
    assert len(pure) > len(PURE)
    assert wrong == []


def test_every_module_says_what_it_is() -> None:
    bare = [named(path) for path in sources() if not ast.get_docstring(parsed(path))]
    assert bare == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [
        named(path) for path in sources() if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES
    ] == []


def test_files_stay_readable() -> None:
    long = {named(path): size for path in sources() if (size := _lines(path)) > LONGEST_FILE}
    assert long == {}


def _files(place: Path) -> list[Path]:
    return sorted(place.rglob("*.py")) if place.is_dir() else [place]


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
