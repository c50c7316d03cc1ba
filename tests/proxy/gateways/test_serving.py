"""Which backend serves whom, and how often the authority is asked for an upstream login."""

import asyncio
from dataclasses import replace

import pytest
from msgspec.structs import replace as other

from kernel.authority import MintOrder, UpstreamLogin
from kernel.clock import SetClock
from kernel.config.settings import Backend, Endpoint, Upstream
from kernel.problems import Unavailable
from proxy.gateways.serving import RememberingMinter, chooser
from tests.proxy.gateways.transcript import SUBJECT

HERE = Upstream(Endpoint("127.0.0.1", 143))
ORDER = MintOrder("main", SUBJECT.key, "s_1", "imap", "192.0.2.7")


class Mint:
    """An authority that can only mint."""

    def __init__(self, login: UpstreamLogin | Exception) -> None:
        self.login = login
        self.orders: list[MintOrder] = []

    async def mint(self, order: MintOrder) -> UpstreamLogin:
        self.orders.append(order)
        if isinstance(self.login, Exception):
            raise self.login
        return self.login


async def ask(minter: RememberingMinter, order: MintOrder = ORDER) -> UpstreamLogin | Exception:
    answer: asyncio.Future[UpstreamLogin | Exception] = asyncio.get_running_loop().create_future()
    minter.mint(order, answer.set_result)
    return await asyncio.wait_for(answer, 5)


def test_the_users_domain_comes_before_the_backend_for_all() -> None:
    general = Backend("general", imap=HERE)
    own = Backend("own", imap=HERE, domains=("example.org",))
    other = Backend("other", imap=HERE, domains=("example.com",))
    outgoing = Backend("outgoing", submission=HERE, domains=("example.org",))
    assert chooser([general, other, outgoing, own])(SUBJECT, "imap") == (own, HERE)
    assert chooser([other, general])(SUBJECT, "imap") == (general, HERE)
    assert chooser([general, outgoing])(SUBJECT, "submission") == (outgoing, HERE)
    assert chooser([other, outgoing])(SUBJECT, "imap") is None


async def test_a_login_is_used_again_until_shortly_before_its_end() -> None:
    clock = SetClock()
    mint = Mint(UpstreamLogin("XOAUTH2", "alice", "t", good_until=clock.now() + 60))
    minter = RememberingMinter(mint, clock)  # type: ignore[arg-type]
    assert await ask(minter) == await ask(minter, other(ORDER, session="s_2")) == mint.login
    assert len(mint.orders) == 1
    await ask(minter, other(ORDER, address="192.0.2.8"))
    await ask(minter, other(ORDER, service="submission"))
    await ask(minter, other(ORDER, key=replace(ORDER.key, credential_id="c_2")))
    assert len(mint.orders) == 4
    clock.forward(56)
    await ask(minter)
    assert len(mint.orders) == 5


@pytest.mark.parametrize("login", [UpstreamLogin("LOGIN", "alice*gate", "x"), Unavailable("away")])
async def test_what_is_good_for_once_is_asked_for_every_time(login: UpstreamLogin | Exception) -> None:
    mint = Mint(login)
    minter = RememberingMinter(mint, SetClock())  # type: ignore[arg-type]
    assert [await ask(minter), await ask(minter)] == [login, login]
    assert len(mint.orders) == 2
