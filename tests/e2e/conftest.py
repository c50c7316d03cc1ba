"""One demo for this folder: started once, in a private directory on free ports, and ended after the last test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e import browser
from tests.e2e.demo import Demo, gone


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("demo"))
    print(f"demo ready after {running.start():.1f} s")
    family = running.processes()
    yield running
    family |= running.processes()
    running.stop()
    assert all(gone(pid, 1.0) for pid in family)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser of this module's own: Playwright's loop must be gone before somebody else's test runs one."""
    with browser.chromium() as running:
        yield running
