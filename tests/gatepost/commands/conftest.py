"""A terminal: command lines in, exit code and output out, on a house that lives in this process."""

import argparse
import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gatepost.commands import COMMANDS
from gatepost.in_process import InProcessClient
from idp.api.app import local_app
from kernel.config.settings import PolicySettings
from tests.idp.admin.house import OPEN, House, house


@dataclass
class Said:
    """What one command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Terminal:
    """Runs ``gatepost`` command lines."""

    home: House
    runner: asyncio.Runner
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Said:
        parser = argparse.ArgumentParser(prog="gatepost")
        subparsers = parser.add_subparsers(dest="command", required=True)
        for command in COMMANDS:
            command.register(subparsers)
        args = parser.parse_args(words)
        command = next(each for each in COMMANDS if args.command == each.NAME)
        client = None if command.offline(args) else InProcessClient(local_app(self.home.acts), self.runner)
        code = command.run(args, client)
        caught = self.capsys.readouterr()
        return Said(code, caught.out, caught.err)


@pytest.fixture
def gatepost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    with asyncio.Runner() as runner:
        opened = house(tmp_path)
        home = runner.run(opened.__aenter__())
        yield Terminal(home, runner, capsys)
        runner.run(opened.__aexit__(None, None, None))


@pytest.fixture
def two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    """A terminal where two must agree, with two admins and a first revision."""
    with asyncio.Runner() as runner:
        opened = house(tmp_path, PolicySettings(second_approver=True))
        home = runner.run(opened.__aenter__())
        for name in ("ann", "ben"):
            runner.run(home.user(name, "admins", ready=True))
            runner.run(home.device(name, "desk"))
        terminal = Terminal(home, runner, capsys)
        (tmp_path / "first.yaml").write_text(OPEN)
        terminal("policy", "publish", str(tmp_path / "first.yaml"), "--force")
        yield terminal
        runner.run(opened.__aexit__(None, None, None))
