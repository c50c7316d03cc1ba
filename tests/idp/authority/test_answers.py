"""The Authority in process."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from kernel.authority import Authority
from kernel.reasons import Reason
from tests.idp.authority.conformance import AuthorityConformance, imap, refused
from tests.idp.authority.site import House


class TestInProcess(AuthorityConformance):
    async def test_text_that_is_not_unicode_is_refused(self, authority: Authority) -> None:
        for attempt in (imap(name="\ud800", password="x"), imap(name="anna", password="\ud800"), imap(token="\ud800")):
            assert refused(await authority.verify(attempt)) is Reason.CREDENTIALS

    def reached(self, home: House) -> AbstractAsyncContextManager[Authority]:
        return directly(home)


@asynccontextmanager
async def directly(home: House) -> AsyncIterator[Authority]:
    yield home.answers
