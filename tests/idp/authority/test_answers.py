"""The Authority in process."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from kernel.authority import Authority
from tests.idp.authority.conformance import AuthorityConformance
from tests.idp.authority.site import House


class TestInProcess(AuthorityConformance):
    def reached(self, home: House) -> AbstractAsyncContextManager[Authority]:
        return directly(home)


@asynccontextmanager
async def directly(home: House) -> AsyncIterator[Authority]:
    yield home.answers
