"""Ports are ours alone before we start: nobody shares one with us by accident, and whoever holds one is named."""

import asyncio
import socket

import pytest

from gatepost.household.ports import claim, taken
from kernel.config.settings import Endpoint
from kernel.problems import Refused


def held(*, shared: bool) -> socket.socket:
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if shared:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    holder.bind(("127.0.0.1", 0))
    holder.listen()
    return holder


@pytest.mark.parametrize("shared", [False, True])
async def test_a_port_that_somebody_holds_is_refused_even_if_they_would_share_it(shared: bool) -> None:
    with held(shared=shared) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(Refused, match=rf"port 127\.0\.0\.1:{port} of `imaps`: Address already in use"):
            await claim({"imaps": Endpoint("127.0.0.1", port)}, patience=0)


async def test_a_port_that_is_let_go_in_time_is_claimed() -> None:
    holder = held(shared=True)
    ports = {"imaps": Endpoint("127.0.0.1", holder.getsockname()[1])}
    claiming = asyncio.ensure_future(claim(ports))
    await asyncio.sleep(0)
    assert not claiming.done()
    holder.close()
    await asyncio.wait_for(claiming, 10)
    assert taken(ports) == {}
