"""IMAP at the demo by curl, imaplib and openssl: every way to log in, and the words of every refusal."""

import imaplib
import json
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import visit
from tests.e2e.demo import Demo, Person
from tests.e2e.mail import oauthbearer, open_imap, refusal
from tests.e2e.tokens import Tokens

pytestmark = pytest.mark.e2e

DENIED = 67
"""curl's exit code for a login that was refused."""


def curl(demo: Demo, person: Person, *options: str, path: str = "") -> subprocess.CompletedProcess[str]:
    """Ask the IMAPS port for ``path`` as curl does; its talk with the server is on standard error."""
    url = f"imaps://localhost:{demo.port('imaps')}/{path}"
    argv = ["curl", "--silent", "--show-error", "--verbose", "--max-time", "15", "--cacert", str(demo.ca), *options]
    return subprocess.run([*argv, url], capture_output=True, text=True, timeout=20, check=False)


def by_password(demo: Demo, person: Person, secret: str) -> subprocess.CompletedProcess[str]:
    return curl(demo, person, "--user", f"{person.email}:{secret}")


@pytest.fixture(scope="module")
def token(demo: Demo, chromium: Browser) -> Iterator[str]:
    """An access token for mail, from the token endpoint: code and PKCE by a browser that is registered."""
    with visit(chromium, demo, "haruka") as haruka:
        haruka.sign_in(register="Haruka's Chromium")
        tokens = Tokens(demo)
        answer = haruka.answer_to(tokens.redirect_uri, tokens.authorization_url("openid mail"))
        status, made = tokens.redeem(answer["code"])
        assert status == 200 and made["token_type"] == "Bearer", made
        yield str(made["access_token"])


def test_a_device_app_password_lists_the_inbox(demo: Demo) -> None:
    alice = demo.person("alice")
    done = by_password(demo, alice, alice.app_password("imap"))
    assert done.returncode == 0, done.stderr
    assert "INBOX" in done.stdout


def test_passwords_that_open_nothing_are_refused_the_first_without_a_hint(demo: Demo) -> None:
    alice, bob = demo.person("alice"), demo.person("bob")
    account = by_password(demo, alice, alice.password)
    assert account.returncode == DENIED
    assert "NO [AUTHENTICATIONFAILED]" in account.stderr

    other = by_password(demo, alice, alice.app_password("submission"))
    assert other.returncode == DENIED
    assert "NO [AUTHORIZATIONFAILED] This app password was made for another service." in other.stderr

    demo.orders("device", "revoke", bob.laptop["id"], "--note", "left in a train")
    revoked = by_password(demo, bob, bob.app_password("imap"))
    demo.orders("device", "restore", bob.laptop["id"])
    assert revoked.returncode == DENIED
    assert "NO [AUTHORIZATIONFAILED] This device was reported lost or was revoked." in revoked.stderr
    assert by_password(demo, bob, bob.app_password("imap")).returncode == 0


def test_a_stranger_and_a_known_name_are_refused_in_the_same_words(demo: Demo) -> None:
    wrong = "abcd-efgh-jkmn-pqrs-tuvw-xyz2-3456"
    assert refusal(demo, "nobody@example.com", wrong) == refusal(demo, "alice@example.com", wrong)


def test_the_refusal_is_plain_english_on_the_wire_and_the_persons_language_behind_its_link(
    demo: Demo, chromium: Browser
) -> None:
    haruka = demo.person("haruka")
    demo.orders("device", "lose", haruka.laptop["id"])
    words = refusal(demo, haruka.email, haruka.app_password("imap"))
    demo.orders("device", "restore", haruka.laptop["id"])
    assert words.isascii() and "This device was reported lost or was revoked." in words
    link = words.split()[-1]
    assert link.startswith(f"{demo.issuer}/r/")
    with visit(chromium, demo, "haruka", scripts=False, language="ja-JP") as reading:
        reading.sign_in(link, register=None)
        expect(reading.page.locator("main")).to_contain_text("この端末は紛失または失効として登録されています")


def test_an_access_token_from_the_token_endpoint_works_by_oauthbearer(demo: Demo, token: str) -> None:
    haruka = demo.person("haruka")
    bearer = ("--user", f"{haruka.email}:", "--oauth2-bearer", token)
    for options in (("--login-options", "AUTH=OAUTHBEARER"), ("--login-options", "AUTH=XOAUTH2")):
        done = curl(demo, haruka, *bearer, *options)
        assert done.returncode == 0, done.stderr
        assert "INBOX" in done.stdout


def test_a_bad_token_is_answered_with_the_json_of_rfc_7628(demo: Demo, token: str) -> None:
    haruka = demo.person("haruka")
    said: list[bytes] = []

    def answer(challenge: bytes) -> bytes:
        said.append(challenge)
        return oauthbearer(haruka, token[:-6] + "AAAAAA", demo.port("imaps")) if len(said) == 1 else b"\x01"

    session = open_imap(demo)
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        session.authenticate("OAUTHBEARER", answer)
    session.shutdown()
    told = json.loads(said[1])
    assert told["status"] == "invalid_token"
    assert told["openid-configuration"] == f"{demo.issuer}/.well-known/openid-configuration"


def test_a_token_is_good_for_nobody_else(demo: Demo, token: str) -> None:
    alice = demo.person("alice")
    done = curl(demo, alice, "--user", f"{alice.email}:", "--oauth2-bearer", token)
    assert done.returncode == DENIED


def test_a_device_certificate_is_enough_by_external(demo: Demo) -> None:
    bob = demo.person("bob")
    files = str(demo.path(bob.laptop["certificate"])), str(demo.path(bob.laptop["key"]))
    trust = demo.trust()
    trust.load_cert_chain(*files)
    session = open_imap(demo, trust)
    assert "AUTH=EXTERNAL" in session.capabilities
    session.authenticate("EXTERNAL", lambda _challenge: bob.email.encode())
    assert session.select("INBOX")[0] == "OK"
    session.logout()

    orders = "a AUTHENTICATE EXTERNAL =\nb SELECT INBOX\nc LOGOUT\n"
    argv = ["openssl", "s_client", "-quiet", "-crlf", "-connect", f"localhost:{demo.port('imaps')}"]
    argv += ["-CAfile", str(demo.ca), "-cert", files[0], "-key", files[1]]
    talk = subprocess.run(argv, input=orders, capture_output=True, text=True, timeout=15, check=False).stdout
    assert "a OK" in talk and "b OK" in talk and "c OK" in talk


def test_without_a_certificate_external_is_neither_offered_nor_taken(demo: Demo) -> None:
    session = open_imap(demo)
    assert "AUTH=EXTERNAL" not in session.capabilities
    with pytest.raises(imaplib.IMAP4.error):
        session.authenticate("EXTERNAL", lambda _challenge: b"bob@example.com")
    session.shutdown()


def test_before_starttls_nothing_is_offered_and_no_password_is_taken(demo: Demo) -> None:
    alice = demo.person("alice")
    session = imaplib.IMAP4("localhost", demo.port("imap"), timeout=15)
    assert {"STARTTLS", "LOGINDISABLED"} <= set(session.capabilities)
    assert not any(word.startswith("AUTH=") for word in session.capabilities)
    with pytest.raises(imaplib.IMAP4.error, match="PRIVACYREQUIRED"):
        session.login(alice.email, alice.app_password("imap"))
    session.starttls(ssl_context=demo.trust())
    session.login(alice.email, alice.app_password("imap"))
    assert session.select("INBOX")[0] == "OK"
    session.logout()
