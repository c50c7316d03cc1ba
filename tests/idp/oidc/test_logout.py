"""Signing out: by a client's wish (attack C29), and how clients learn of it, over a real socket."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from idp.oidc.logout import EVENT, LogoutCourier
from idp.oidc.posting import NotSent, Poster
from kernel.chance import SystemChance
from kernel.records.oidc import LogoutNotice
from kernel.records.sessions import SignIn
from tests.idp.oidc.certificates import certificate
from tests.idp.oidc.house import ALICE, BOB, ISSUER, OUT, FormReader, House
from tests.idp.oidc.receiver import Receiver, serving
from tests.idp.oidc.test_code_flow import claims_of, header_of


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serving() as server:
        yield server


def courier(house: House, poster: Poster | None = None) -> LogoutCourier:
    post = poster or Poster(private=("127.0.0.0/8",))
    return LogoutCourier(house.store, house.keys, post, house.clock, SystemChance(), ISSUER, every=0.05)


async def signed_in(house: House) -> bool:
    return any(not signin.ended_at for signin in await house.signins.for_user(ALICE.id))


async def logout(house: House, **asked: str) -> tuple[int, str, str]:
    reply = await house.browser.get("/oauth2/logout", params=asked)
    return reply.status_code, reply.headers.get("location", ""), reply.text


async def test_a_client_that_shows_its_id_token_ends_the_sign_in_and_gets_the_browser_back(house: House) -> None:
    tokens = await house.granted()
    status, place, _ = await logout(
        house, id_token_hint=tokens["id_token"], post_logout_redirect_uri=OUT, state="a b&c"
    )
    assert (status, place) == (303, OUT + "?state=a%20b%26c")
    assert not await signed_in(house) and await house.userinfo(tokens["access_token"]) == 401


async def test_an_old_id_token_still_counts_as_a_hint(house: House) -> None:
    tokens = await house.granted()
    house.clock.forward(2 * 3600)
    assert (await logout(house, id_token_hint=tokens["id_token"]))[0] == 200
    assert not await signed_in(house)


async def test_a_post_goes_round_as_get(house: House) -> None:
    tokens = await house.granted()
    sent = await house.browser.post(
        "/oauth2/logout", data={"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": OUT}
    )
    assert sent.status_code == 303
    assert (await house.browser.get(sent.headers["location"])).headers["location"] == OUT


async def test_a_forged_hint_or_a_foreign_address_ends_nothing(house: House) -> None:
    tokens = await house.granted()
    head, body, tail = tokens["id_token"].split(".")
    other, _ = await house.clients.register("admin:root", "Other", ["https://o.test/cb"])
    for asked in (
        {"id_token_hint": f"{head}.{body}.{tail[:-6]}AAAAAA"},
        {"id_token_hint": f"eyJhbGciOiJub25lIn0.{body}."},
        {"id_token_hint": tokens["access_token"]},
        {"id_token_hint": tokens["id_token"], "client_id": other.client_id},
        {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "https://evil.test/"},
        {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": OUT + "/"},
        {"post_logout_redirect_uri": OUT},
        {"client_id": other.client_id, "post_logout_redirect_uri": OUT},
    ):
        status, place, page = await logout(house, **asked)
        assert (status, place) == (400, "") and 'evil.test/"' not in page
        assert await signed_in(house)


async def test_without_a_hint_the_person_is_asked_and_may_stay(house: House) -> None:
    await house.granted()
    asked = {"client_id": house.client.client_id, "post_logout_redirect_uri": OUT}
    status, _, page = await logout(house, **asked)
    assert status == 200 and await signed_in(house)
    form = FormReader(page).forms["/oauth2/logout/confirm"]
    stay = await house.browser.post("/oauth2/logout/confirm", data={**form, "answer": "stay"})
    assert stay.headers["location"] == "/" and await signed_in(house)
    out = await house.browser.post("/oauth2/logout/confirm", data={**form, "answer": "out"})
    assert out.headers["location"] == OUT and not await signed_in(house)


async def test_another_sites_form_cannot_sign_anybody_out(house: House) -> None:
    await house.granted()
    _, _, page = await logout(house)
    form = FormReader(page).forms["/oauth2/logout/confirm"]
    for data, headers in (
        ({**form, "answer": "out"}, {"Origin": "https://evil.test"}),
        ({**form, "answer": "out"}, {"Origin": "null"}),
        ({"request": "", "answer": "out"}, {}),
        ({**form, "answer": "out", "csrf": "0" * 64}, {}),
    ):
        reply = await house.browser.post("/oauth2/logout/confirm", data=data, headers=headers)
        assert reply.status_code == 403 and await signed_in(house)


async def test_a_hint_of_another_sign_in_does_not_end_this_one_unasked(house: House) -> None:
    tokens = await house.granted()
    bobs = await house.sign_in(BOB)
    status, _, page = await logout(house, id_token_hint=tokens["id_token"])
    assert status == 200 and "/oauth2/logout/confirm" in FormReader(page).forms
    kept = await house.store.read(lambda tx: tx.get(SignIn, bobs.id))
    assert kept is not None and not kept.ended_at


async def test_signed_out_already_is_signed_out(house: House) -> None:
    status, _, page = await logout(house)
    assert status == 200 and "You are signed out" in page


async def test_the_client_is_told_by_a_logout_token(house: House, receiver: Receiver) -> None:
    await house.change_client(backchannel_logout_uri=receiver.uri)
    tokens = await house.granted()
    sid = claims_of(tokens["id_token"])["sid"]
    await house.signins.end(sid, "admin:root", "ended-by-admin")
    assert await courier(house).deliver() == 1
    ((path, kind, body),) = receiver.got
    assert path == "/logout" and kind == "application/x-www-form-urlencoded"
    token = parse_qs(body)["logout_token"][0]
    assert header_of(token)["typ"] == "logout+jwt" and header_of(token)["alg"] == "RS256"
    told = claims_of(token)
    assert told["iss"] == ISSUER and told["aud"] == house.client.client_id and told["sub"] == ALICE.id
    assert told["sid"] == sid and told["events"] == {EVENT: {}} and told["exp"] - told["iat"] == 120
    assert told["jti"] and "nonce" not in told
    assert house.keys.verify(token, typ="logout+jwt") == told
    assert await house.store.read(lambda tx: tx.count(LogoutNotice)) == 0


async def test_a_client_that_does_not_answer_well_is_told_again_later(house: House, receiver: Receiver) -> None:
    await house.change_client(backchannel_logout_uri=receiver.uri)
    tokens = await house.granted()
    await house.signins.end(claims_of(tokens["id_token"])["sid"], "user:alice", "signed-out")
    carrier = courier(house)
    for status, wait in ((500, 5.0), (302, 10.0), (404, 20.0)):
        receiver.status = status
        assert await carrier.deliver() == 0
        (notice,) = await house.store.read(lambda tx: tx.find(LogoutNotice))
        assert notice.due_at == house.clock.now() + wait
        assert await carrier.deliver() == 0
        house.clock.forward(wait)
    assert len(receiver.got) == 3
    receiver.status = 204
    assert await carrier.deliver() == 1 and len(receiver.got) == 4
    assert (await house.acts()).count("fault") == 1


async def test_a_client_that_never_answers_is_given_up_after_a_day(house: House) -> None:
    await house.change_client(backchannel_logout_uri="http://127.0.0.1:1/logout")
    tokens = await house.granted()
    await house.signins.end(claims_of(tokens["id_token"])["sid"], "user:alice", "signed-out")
    carrier = courier(house)
    for _ in range(32):
        assert await carrier.deliver() == 0
        house.clock.forward(3600.0)
    assert await house.store.read(lambda tx: tx.count(LogoutNotice)) == 0
    assert (await house.acts()).count("fault") == 2


async def test_a_removed_clients_notice_is_dropped(house: House) -> None:
    await house.keep(LogoutNotice("n1", "client_gone", "https://gone.test/", ALICE.id, "s_1", house.clock.now()))
    assert await courier(house).deliver() == 0
    assert await house.store.read(lambda tx: tx.count(LogoutNotice)) == 0


async def test_the_courier_wakes_by_itself_when_a_sign_in_ends(house: House, receiver: Receiver) -> None:
    await house.change_client(backchannel_logout_uri=receiver.uri)
    tokens = await house.granted()
    running = asyncio.create_task(courier(house).run())
    await house.signins.end(claims_of(tokens["id_token"])["sid"], "user:alice", "signed-out")
    assert await asyncio.to_thread(receiver.arrived.wait, 10.0)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:80/x",
        "http://localhost:80/x",
        "https://[::1]/x",
        "http://10.0.0.1/x",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:127.0.0.1]/x",
        "http://0.0.0.0/x",
        "http://0x7f000001/x",
        "http://224.0.0.1/x",
        "http://[fe80::1]/x",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "https://",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "http://xn--\udce3/",
        "http://a..b/",
    ],
)
def test_places_inside_are_not_spoken_to_unless_configured(uri: str) -> None:
    with pytest.raises(NotSent):
        Poster().post(uri, {"logout_token": "x"})


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[Receiver, Path]]:
    public, private = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    with serving(context) as server:
        yield server, public


def test_delivery_over_tls_believes_the_right_authority_and_the_right_name_alone(
    secured: tuple[Receiver, Path],
) -> None:
    server, ca = secured
    place = f"127.0.0.1:{server.server_port}/logout?a=b"
    inside = ("127.0.0.0/8", "::1/128")
    believing = ssl.create_default_context(cafile=str(ca))
    assert Poster(inside, believing).post(f"https://{place}", {"logout_token": "x y"}) == 200
    assert server.got == [("/logout?a=b", "application/x-www-form-urlencoded", "logout_token=x+y")]
    with pytest.raises(NotSent, match="certificate verify failed"):
        Poster(inside).post(f"https://{place}", {"logout_token": "x"})
    with pytest.raises(NotSent, match="certificate verify failed"):
        Poster(inside, believing).post(f"https://localhost:{server.server_port}/", {"logout_token": "x"})
    assert len(server.got) == 1


def test_a_receiver_that_drips_is_cut() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stop = threading.Event()

        def drip() -> None:
            peer, _ = listening.accept()
            with peer, contextlib.suppress(OSError):
                peer.sendall(b"HTTP/1.1 ")
                while not stop.wait(0.02):
                    peer.sendall(b"x")

        dripping = threading.Thread(target=drip)
        dripping.start()
        with pytest.raises(NotSent):
            Poster(("127.0.0.0/8",), seconds=0.1).post(f"http://127.0.0.1:{listening.getsockname()[1]}/", {})
        stop.set()
        dripping.join()
