"""Demos for this folder, attacked from outside: their own directories, their own ports, ended after the last test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.demo import Demo, gone

SHORT = """
[bounds]
preauth_seconds = 3
handshake_seconds = 2
"""
"""Small bounds, so that a test sees them reached instead of waiting for the usual ones."""


def ended(running: Demo) -> None:
    family = running.processes()
    running.stop()
    assert all(gone(pid, 5.0) for pid in family)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("attacked"))
    running.start()
    yield running
    ended(running)


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[Demo]:
    """A demo whose bounds on strangers are short, and which goes stale within 2 s."""
    running = Demo(tmp_path / "impatient")
    running.start()
    ended(running)
    config = running.directory / "gatepost.toml"
    config.write_text(config.read_text().replace("[proxy]\n", "[proxy]\nmax_stale = 2\n") + SHORT)
    running.start()
    yield running
    ended(running)
