"""A demo of a test's own, with settings of its own in the ``[proxy]`` section of its ``gatepost.toml``."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

from gatepost.demo.plan import plan
from gatepost.demo.run import prepare
from tests.e2e.demo import Demo, gone


@contextlib.contextmanager
def tuned(directory: Path, *settings: str) -> Iterator[Demo]:
    """Prepare a demo, put ``settings`` (lines of TOML) in force, run it, and see it end without leaving anybody."""
    made = plan(directory, lab=False)
    asyncio.run(prepare(made))
    text = made.config.read_text(encoding="utf-8")
    assert "[proxy]\n" in text
    made.config.write_text(text.replace("[proxy]\n", "\n".join(("[proxy]", *settings, "")), 1), encoding="utf-8")
    running = Demo(directory)
    running.start()
    family = running.processes()
    try:
        yield running
    finally:
        family |= running.processes()
        running.stop()
        assert all(gone(pid, 1.0) for pid in family)
