"""Every secret that people, programs and letters ever said is looked for afterwards, in clear, wherever Gatepost
writes: its state, its audit, its log, command lines and environments of its processes. There is none (attack H7)."""

import re
import secrets
from pathlib import Path

import httpx
import pytest

from tests.e2e.demo import Demo
from tests.e2e.mail import imap, letter, oauthbearer, open_imap, open_submission, refusal
from tests.e2e.tokens import Tokens
from tests.hostile.person import Visitor

pytestmark = pytest.mark.e2e


def at_the_pages(demo: Demo) -> dict[str, str]:
    """Sign in, fail to, register, make an app password and recovery codes, open the webmail; return the secrets."""
    haruka = Visitor(demo, demo.person("haruka"))
    said = {"a wrong password": f"canary {secrets.token_hex(8)}", "password": haruka.person.password}
    haruka.show_password(said["a wrong password"])
    haruka.sign_in()
    said["totp"] = str(haruka.person.facts["totp_secret"])
    haruka.register()
    haruka.open("/portal/app-passwords")
    device = re.search(r'<option value="(d_[a-z0-9]+)"', haruka.page.text)
    assert device, haruka.page.text
    haruka.send("/portal/app-passwords", device=device[1], service="imap", name="Canary")
    made = re.search(r"\b(?:[a-z0-9]{4}-){6}[a-z0-9]{4}\b", haruka.page.text)
    assert made, haruka.page.text
    haruka.open("/portal/security")
    haruka.send("/portal/security/recovery")
    recovery = re.search(r"\b(?:[a-z0-9]{4}-){2}[a-z0-9]{4}\b", haruka.page.text)
    assert recovery, haruka.page.text
    haruka.open(demo.webmail)
    assert haruka.page.status_code == 200 and haruka.said["ticket"]
    said |= {"app password": made[0], "recovery code": recovery[0], **haruka.said}
    said |= {"sign-in cookie": haruka.cookie("__Host-gatepost"), "csrf cookie": haruka.cookie("__Host-gatepost-csrf")}
    said["route cookie"] = next(each.value or "" for each in haruka.client.cookies.jar if "webmail" in each.name)
    return said | tokens_of(demo, haruka)


def tokens_of(demo: Demo, visitor: Visitor) -> dict[str, str]:
    client = Tokens(demo)
    code = visitor.code_for(client.client_id, client.redirect_uri, "openid mail offline_access", client.verifier)
    status, told = client.redeem(code)
    assert status == 200, told
    status, renewed = client.refresh(told["refresh_token"])
    assert status == 200, renewed
    client.ask("token", grant_type="refresh_token", refresh_token="canary-" + "r" * 36)
    session = open_imap(demo)
    bearer = oauthbearer(visitor.person, told["access_token"], demo.port("imaps"))
    session.authenticate("OAUTHBEARER", lambda challenge: bearer)
    session.shutdown()
    return {
        "code": code,
        "verifier": client.verifier,
        "client secret": str(client.facts["client_secret"]),
        "access token": told["access_token"],
        "refresh token": told["refresh_token"],
        "renewed refresh token": renewed["refresh_token"],
        "a refresh token of nobody": "canary-" + "r" * 36,
        "id token": told["id_token"],
    }


def in_the_mail(demo: Demo) -> dict[str, str]:
    """Log in, fail to, send and read a letter; return all that was secret."""
    alice, bob = demo.person("alice"), demo.person("bob")
    said = {
        name: f"canary{secrets.token_hex(10)}" for name in ("a wrong secret", "body", "subject", "another password")
    }
    refusal(demo, alice.email, said["a wrong secret"])
    for implicit in (True, False):
        session = open_submission(demo, implicit)
        session.login(alice.email, alice.app_password("submission"))
        session.send_message(letter(alice, bob, said["subject"], said["body"] + "\n"))
        session.quit()
    with imap(demo, bob) as session:
        session.select("INBOX")
        assert said["body"].encode() in session.search(None, "ALL")[1][0] or session.fetch("1:*", "(BODY.PEEK[])")
    with httpx.Client(verify=demo.trust()) as client:  # a program that mistakes the token endpoint for another
        form = {"grant_type": "password", "username": "alice", "password": said["another password"]}
        assert client.post(f"{demo.issuer}/oauth2/token", data=form).status_code in (400, 401)
    return said | {"mail password": alice.app_password("imap"), "letter password": alice.app_password("submission")}


def written(demo: Demo, greeted: int) -> dict[str, bytes]:
    """Return everything that Gatepost has written or shows to whoever lists processes. ``greeted``: how many lines the
    demo's greeting has, which tells the demo's passwords on purpose."""
    state = demo.directory / "state"
    found = {str(path): path.read_bytes() for path in state.rglob("*") if path.is_file()}
    found["what the demo said"] = "\n".join(demo.said[greeted:]).encode()
    found["audit"] = demo.gatepost("audit", "search", "--json").stdout.encode()
    for pid, line in demo.processes().items():
        if "gatepost" in line and "deploy" not in line:
            found[f"process {pid}"] = line.encode() + Path(f"/proc/{pid}/environ").read_bytes()
    return found


def spellings(secret: str) -> set[bytes]:
    return {secret.encode(), secret.replace("-", "").encode(), secret.replace(" ", "+").encode()}


def test_no_secret_stands_anywhere_in_clear(demo: Demo) -> None:
    greeted = len(demo.said)
    canaries = at_the_pages(demo) | in_the_mail(demo)
    assert len(canaries) > 20
    assert all(len(secret) >= 12 for secret in canaries.values()), canaries
    demo.orders("audit", "verify")

    places = written(demo, greeted)

    assert len(places) > 6
    told = [
        (name, place)
        for place, octets in places.items()
        for name, secret in canaries.items()
        for spelling in spellings(secret)
        if spelling in octets
    ]
    assert told == []


def test_what_gatepost_writes_is_its_own_users_alone(demo: Demo) -> None:
    """Nobody else on the machine may read keys, database and sockets, or enter the folder that they are in."""
    state = demo.directory / "state"
    assert state.stat().st_mode & 0o077 == 0
    for path in (*state.rglob("*"), demo.directory / "demo.json", demo.directory / "mail.secret"):
        public = path.name in ("ca", "devices.pem")  # certificates of the authority, for whoever wants to verify
        assert public or path.stat().st_mode & 0o077 == 0, path
    for path in (*demo.directory.glob("*.key"), *demo.directory.glob("devices/*.key")):
        assert path.stat().st_mode & 0o077 == 0, path
