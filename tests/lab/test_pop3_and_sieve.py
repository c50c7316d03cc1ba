"""POP3 and ManageSieve at the lab: what a person is told, what a filter does, and the end when a device is revoked."""

import base64
import json
import poplib
import shutil
import socket
import ssl
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import visit
from tests.e2e.demo import Demo, Person
from tests.e2e.mail import imap, open_submission
from tests.e2e.mail import letter as make_letter
from tests.lab.programs import Account, sieve_connect
from tests.servers.processes import root

MISSING = [
    name for name in ("dovecot", "postfix", "sieve-connect") if shutil.which(name, path="/usr/sbin:/usr/bin") is None
]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(not root(), reason="Postfix needs root"),
]

FILTERS = Path("/usr/share/roundcube/plugins/managesieve")
SECONDS = 20
HERE = "127.0.0.4"
REVOKED = "This device was reported lost or was revoked."
SCRIPT = 'require ["fileinto", "mailbox"];\nif header :contains "subject" "Invoice" { fileinto :create "Bills"; }\n'


class Pop3(poplib.POP3_SSL):
    """poplib, from an address of its own."""

    def _create_socket(self, timeout: float) -> ssl.SSLSocket:
        return self.context.wrap_socket(reach(self.port), server_hostname=self.host)  # type: ignore[attr-defined]


def reach(port: int) -> socket.socket:
    """Connect as a client that is elsewhere: neither the gate's nor the mail server's address."""
    return socket.create_connection(("127.0.0.1", port), timeout=SECONDS, source_address=(HERE, 0))


class Sieve:
    """A ManageSieve client of our own, for what sieve-connect cannot do."""

    def __init__(self, site: Demo) -> None:
        self.socket: socket.socket = reach(site.port("sieve"))
        self.file = self.socket.makefile("rb")
        self.clear = self.answer()
        self.socket.sendall(b"STARTTLS\r\n")
        assert self.answer()[-1].startswith("OK")
        self.socket = site.trust().wrap_socket(self.socket, server_hostname="localhost")
        self.file = self.socket.makefile("rb")
        self.offered = self.answer()

    def answer(self) -> list[str]:
        """Return the lines of an answer, or what comes before the end."""
        lines: list[str] = []
        while not lines or not lines[-1].startswith(("OK", "NO", "BYE")):
            line = self.file.readline().decode()
            if not line:
                break
            lines.append(line.rstrip())
        return lines

    def order(self, line: str) -> list[str]:
        self.socket.sendall(line.encode() + b"\r\n")
        return self.answer()

    def authenticate(self, mechanism: str, response: str) -> str:
        return self.order(f'AUTHENTICATE "{mechanism}" "{base64.b64encode(response.encode()).decode()}"')[-1]


def by_password(site: Demo, person: Person, home: Path, secret: str = "") -> Account:
    return Account(site, person, "sieve", home, secret or person.app_password("sieve"))


def pop3(site: Demo, person: Person, secret: str) -> Pop3:
    session = Pop3("localhost", site.port("pop3s"), context=site.trust(), timeout=SECONDS)
    session.user(person.email)
    session.pass_(secret)
    return session


def test_a_filter_is_uploaded_and_sorts_what_comes(site: Demo, tmp_path: Path) -> None:
    alice, bob = site.person("alice"), site.person("bob")
    mine = by_password(site, alice, tmp_path)
    mine.write("mine.sieve", SCRIPT)
    for words in (("--upload", "--localsieve", "mine.sieve"), ("--activate",), ("--download", "--localsieve", "back")):
        done = sieve_connect(mine, *words, "--remotesieve", "mine")
        assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "back").read_text() == SCRIPT
    assert '"mine" ACTIVE' in sieve_connect(mine, "--list").stdout

    with open_submission(site, implicit=True) as session:
        session.login(bob.email, bob.app_password("submission"))
        session.send_message(make_letter(bob, alice, f"Invoice {time.time()}"))
    with imap(site, alice) as reading:
        until = time.monotonic() + SECONDS
        while reading.select("Bills")[0] != "OK" and time.monotonic() < until:
            time.sleep(0.1)  # two servers carry it; neither tells us
        assert reading.search(None, "SUBJECT", "Invoice")[1][0].split()


@pytest.mark.skipif(not FILTERS.exists(), reason="roundcube-plugins is not installed")
def test_roundcube_shows_a_persons_filters_by_its_token(site: Demo, chromium: Browser, tmp_path: Path) -> None:
    ines = site.person("ines")
    mine = by_password(site, ines, tmp_path)
    mine.write("mine.sieve", SCRIPT)
    done = sieve_connect(mine, "--upload", "--localsieve", "mine.sieve", "--remotesieve", "by-sieve-connect")
    assert done.returncode == 0, done.stdout + done.stderr
    with visit(chromium, site, "ines") as browser:
        browser.sign_in(site.webmail, register="Ines's Chromium")
        browser.page.goto(f"{site.webmail}?_task=settings&_action=plugin.managesieve")
        expect(browser.page.locator("#filtersetslist")).to_contain_text("by-sieve-connect")
    decided = site.orders("audit", "search", "--kind", "decided", "--user", "ines")["items"]
    newest = next(each for each in decided if each["service"] == "sieve")
    assert newest["outcome"] == "allow" and '"token"' in json.dumps(newest["facts"])


def test_a_script_with_a_mistake_is_refused_in_the_servers_words(site: Demo, tmp_path: Path) -> None:
    mine = by_password(site, site.person("alice"), tmp_path)
    mine.write("wrong.sieve", "blah;\n")
    done = sieve_connect(mine, "--upload", "--localsieve", "wrong.sieve", "--remotesieve", "wrong")
    assert done.returncode != 0
    assert "unknown command 'blah'" in done.stdout + done.stderr


@pytest.mark.parametrize("beside", [False, True])
def test_a_certificate_opens_sieve(site: Demo, tmp_path: Path, beside: bool) -> None:
    alice = site.person("alice")
    secret = alice.app_password("sieve") if beside else ""
    done = sieve_connect(Account(site, alice, "sieve", tmp_path, secret, certified=True), "--list")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_token_opens_sieve_and_a_bad_one_is_explained(site: Demo, token: str) -> None:
    bob = site.person("bob")
    client = Sieve(site)
    assert client.authenticate("XOAUTH2", f"user={bob.email}\1auth=Bearer {token}\1\1").startswith("OK")
    assert '"OWNER"' in str(client.order("CAPABILITY")) or client.order("LISTSCRIPTS")[-1].startswith("OK")
    assert client.order("LOGOUT")[-1].startswith("OK")
    bad = Sieve(site)
    bad.socket.sendall(b'AUTHENTICATE "OAUTHBEARER" "biwsAWF1dGg9QmVhcmVyIGJhZAEB"\r\n')
    told = base64.b64decode(bad.file.readline().strip().strip(b'"')).decode()
    assert f"{site.issuer}/.well-known/openid-configuration" in told
    assert bad.order('"AQ=="')[-1].startswith("NO ")


def test_nothing_is_offered_or_taken_before_tls(site: Demo) -> None:
    client = Sieve(site)
    assert '"SASL" ""' in client.clear and '"STARTTLS"' in client.clear
    assert '"SASL" "PLAIN LOGIN OAUTHBEARER XOAUTH2"' in client.offered
    with socket.create_connection(("localhost", site.port("sieve")), timeout=SECONDS) as bare:
        file = bare.makefile("rb")
        while not file.readline().startswith(b"OK"):
            pass
        bare.sendall(b'AUTHENTICATE "PLAIN" "AGEAYg=="\r\n')
        assert file.readline().startswith(b"NO (ENCRYPT-NEEDED) ")
    session = poplib.POP3("localhost", site.port("pop3"), timeout=SECONDS)
    assert "SASL" not in session.capa() and "STLS" in session.capa()
    with pytest.raises(poplib.error_proto, match="Not without TLS"):
        session.user("alice@example.com")
    session.close()


def test_who_is_refused_reads_why_and_where_to_learn_more(site: Demo) -> None:
    haruka, alice = site.person("haruka"), site.person("alice")
    with pytest.raises(poplib.error_proto, match=r"-ERR \[AUTH\] User name or password is wrong\."):
        pop3(site, alice, "abcd-efgh-jkmn-pqrs-tuvw-xyz2-3456")
    with pytest.raises(poplib.error_proto, match=rf"-ERR \[AUTH\] This app password .* {site.issuer}/r/"):
        pop3(site, alice, alice.app_password("imap"))
    site.orders("device", "lose", haruka.laptop["id"])
    said = Sieve(site).authenticate("PLAIN", f"\0{haruka.email}\0{haruka.app_password('sieve')}")
    with pytest.raises(poplib.error_proto, match=rf"-ERR \[AUTH\] {REVOKED}"):
        pop3(site, haruka, haruka.app_password("pop3"))
    site.orders("device", "restore", haruka.laptop["id"])
    # ManageSieve carries her own language.
    assert said.startswith('NO "この端末は紛失または失効として登録されています。') and f"{site.issuer}/r/" in said


def test_revoking_the_device_ends_both_at_once_and_the_log_tells(site: Demo) -> None:
    haruka = site.person("haruka")
    fetching = pop3(site, haruka, haruka.app_password("pop3"))
    assert fetching.stat()[0] > 0
    filtering = Sieve(site)
    assert filtering.authenticate("PLAIN", f"\0{haruka.email}\0{haruka.app_password('sieve')}").startswith("OK")
    live = site.orders("session", "list", "--device", haruka.laptop["id"])["items"]
    sessions = {each["id"]: each["service"] for each in live}
    assert sorted(sessions.values()) == ["pop3", "sieve"]

    site.orders("device", "revoke", haruka.laptop["id"])
    assert filtering.answer()[-1].startswith('BYE "この端末は紛失')
    assert filtering.file.readline() == b""
    with pytest.raises((poplib.error_proto, ConnectionError)):
        fetching.noop()
    site.orders("device", "restore", haruka.laptop["id"])

    entries = site.orders("audit", "search", "--device", haruka.laptop["id"], "--limit", "200")["items"]
    for session, service in sessions.items():
        decided = [each for each in entries if each["kind"] == "decided" and each["session"] == session]
        assert {(each["outcome"], each["again"]) for each in decided} == {("allow", False), ("deny", True)}
        (end,) = [each for each in entries if each["kind"] == "session-ended" and each["session"] == session]
        assert (end["service"], end["reason"]) == (service, "policy")


def test_the_mail_servers_log_names_the_person_the_client_and_the_session(site: Demo) -> None:
    alice = site.person("alice")
    pop3(site, alice, alice.app_password("pop3")).quit()
    filtering = Sieve(site)
    assert filtering.authenticate("PLAIN", f"\0{alice.email}\0{alice.app_password('sieve')}").startswith("OK")
    filtering.order("LOGOUT")
    decided = site.orders("audit", "search", "--kind", "decided", "--user", "alice")["items"]
    log = site.path("servers/dovecot/dovecot.log").read_text()
    for service, server in (("pop3", "pop3-login"), ("sieve", "managesieve-login")):
        session = next(each["session"] for each in decided if each["service"] == service)
        line = next(line for line in log.splitlines() if f"session=<{session}>" in line and "Login:" in line)
        assert server in line and "user=<alice@example.com>, method=XOAUTH2" in line and f"rip={HERE}," in line
