"""One demo for this folder, attacked from outside: its own directory, its own ports, ended after the last test."""

from collections.abc import Iterator

import pytest

from tests.e2e.demo import Demo, gone


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("attacked"))
    running.start()
    yield running
    family = running.processes()
    running.stop()
    assert all(gone(pid, 5.0) for pid in family)
