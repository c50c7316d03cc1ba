"""For every test: fewer rounds of the garbage collector, which would walk thousands of collected tests each time, and
a profile of hypothesis for a quick look (`make check`); `make test` tries every example."""

import gc
import tracemalloc  # noqa: F401 - pytest imports it in the middle of a collection, which may fall into the import

import pytest
from hypothesis import settings

settings.register_profile("quick", max_examples=25)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave what was collected out of every later round."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
