"""nginx's mail proxy asks a running demo about each login (auth_http), with the file that we ship, in front of a real
Dovecot and Postfix: it lets in and refuses by the device, in each protocol's own form."""

import asyncio
import imaplib
import poplib
import smtplib
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from gatepost.demo.plan import plan
from gatepost.demo.run import prepare
from tests.e2e.demo import Demo, Person, gone
from tests.servers.dovecot import BINARY as DOVECOT
from tests.servers.dovecot import Dovecot
from tests.servers.edges import MAIL_MODULE, NGINX, Nginx
from tests.servers.postfix import BINARY as POSTFIX
from tests.servers.postfix import Postfix
from tests.servers.processes import open_folder, root

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(NGINX is None or not MAIL_MODULE.exists(), reason="nginx's mail module is not installed"),
    pytest.mark.skipif(DOVECOT is None, reason="dovecot is not installed"),
]
SECONDS = 20.0
BEHIND = """
[[backend]]
name = "dovecot"
audience = "mail"

[[enforcer.mail]]
backend = "dovecot"
imap = "127.0.0.1:{imap}"
pop3 = "127.0.0.1:{pop3}"
smtp = "127.0.0.1:{smtp}"
"""


@dataclass
class House:
    """The demo, nginx in front of it, and the mail servers behind."""

    demo: Demo
    nginx: Nginx
    dovecot: Dovecot

    @property
    def alice(self) -> Person:
        return self.demo.person("alice")

    def trust(self, person: Person | None = None) -> ssl.SSLContext:
        """Return a TLS context; with a person, it shows the certificate of their laptop."""
        context = self.demo.trust()
        if person is not None:
            laptop = person.laptop
            context.load_cert_chain(self.demo.path(laptop["certificate"]), self.demo.path(laptop["key"]))
        return context

    def imap(self, person: Person | None = None) -> imaplib.IMAP4_SSL:
        """Return a connection to nginx's IMAPS port, not logged in."""
        return imaplib.IMAP4_SSL("localhost", self.nginx.imaps, ssl_context=self.trust(person), timeout=SECONDS)


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with open_folder("gp-ah-") as folder:
        server = Dovecot(folder)
        yield server
        server.stop()


@pytest.fixture(scope="module")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    with open_folder("gp-ap-") as folder:
        server = Postfix(folder, dovecot.lmtp_port, dovecot.sasl_socket, domain="example.com")
        yield server
        server.stop()


@pytest.fixture(scope="module")
def house(dovecot: Dovecot, postfix: Postfix, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = plan(tmp_path_factory.mktemp("asked") / "demo", lab=False)
    asyncio.run(prepare(made))
    ports = {"imap": dovecot.imap_port, "pop3": dovecot.pop3_port, "smtp": postfix.submission_port}
    made.config.write_text(made.config.read_text(encoding="utf-8") + BEHIND.format(**ports), encoding="utf-8")
    demo = Demo(made.directory)
    demo.start()
    family = demo.processes()
    dovecot.issuer = demo.issuer
    dovecot.start()
    demo.orders("key", "export", str(dovecot.base / "keys"))
    if POSTFIX is not None and root():
        postfix.start()
    asked = demo.facts["decisions"]
    nginx = Nginx(
        tmp_path_factory.mktemp("nginx"),
        made.ports["edge_nginx"],
        1,
        asked["port"],
        demo.path(asked["secret_file"]).read_text(encoding="utf-8"),
        demo.path("tls.pem"),
        demo.path("tls.key"),
        devices=made.state / "ca" / "devices.pem",
    )
    yield House(demo, nginx.start(), dovecot)
    nginx.stop()
    family |= demo.processes()
    demo.stop()
    assert all(gone(pid, 1.0) for pid in family)


def refusal(session: imaplib.IMAP4, name: str, secret: str) -> str:
    with pytest.raises(imaplib.IMAP4.error) as refused:
        session.login(name, secret)
    said = refused.value.args[0]
    return said.decode() if isinstance(said, bytes) else str(said)


def test_an_app_password_opens_the_mailbox_and_the_decision_is_on_record(house: House) -> None:
    alice = house.alice
    with house.imap() as session:
        assert session.login(alice.email, alice.app_password("imap"))[0] == "OK"
        assert session.select("INBOX")[0] == "OK"
    assert f"user=<{alice.email}>" in house.dovecot.log.read_text()
    [decided, *_] = house.demo.orders("audit", "search", "--user", "alice", "--kind", "decided")["items"]
    assert (decided["service"], decided["outcome"], decided["address"]) == ("imap", "allow", "127.0.0.1")
    assert decided["client"] == "(through edge)"


def test_what_stood_in_the_mailbox_stays_each_persons_own(house: House) -> None:
    alice, bob = house.alice, house.demo.person("bob")
    with house.imap() as session:
        session.login(alice.email, alice.app_password("imap"))
        session.append("INBOX", "", imaplib.Time2Internaldate(time.time()), b"Subject: hers\r\n\r\nhello\r\n")
        assert session.select("INBOX")[1] != [b"0"]
    with house.imap() as session:
        session.login(bob.email, bob.app_password("imap"))
        assert session.select("INBOX")[1] == [b"0"]


def test_wrong_ones_are_refused_alike_and_may_be_tried_again(house: House) -> None:
    alice = house.alice
    session = house.imap()
    wrong = refusal(session, alice.email, "abcd-efgh-abcd-efgh-abcd-efgh-abcd")
    unknown = refusal(session, "nobody@example.com", "abcd-efgh-abcd-efgh-abcd-efgh-abcd")
    assert wrong == unknown == "[AUTHENTICATIONFAILED] User name or password is wrong."
    assert refusal(session, alice.email, alice.password) == wrong
    assert session.login(alice.email, alice.app_password("imap"))[0] == "OK"
    session.logout()


def test_another_services_password_is_refused_with_its_words(house: House) -> None:
    alice = house.alice
    said = refusal(house.imap(), alice.email, alice.app_password("submission"))
    assert said.startswith("[AUTHORIZATIONFAILED] This app password was made for another service.")
    assert f"{house.demo.issuer}/r/" in said


def test_a_device_certificate_goes_along_and_a_foreign_one_does_not(house: House) -> None:
    alice, bob = house.alice, house.demo.person("bob")
    with house.imap(alice) as session:
        assert session.login(alice.email, alice.app_password("imap"))[0] == "OK"
    [decided, *_] = house.demo.orders("audit", "search", "--user", "alice", "--kind", "decided")["items"]
    assert decided["facts"]["proof"] == "certificate"
    said = refusal(house.imap(bob), alice.email, alice.app_password("imap"))
    assert said.startswith("[AUTHENTICATIONFAILED]")


def test_pop3_and_its_form_of_a_refusal(house: House) -> None:
    alice = house.alice
    pop = poplib.POP3_SSL("localhost", house.nginx.pop3s, context=house.trust(), timeout=SECONDS)
    pop.user(alice.email)
    assert pop.pass_(alice.app_password("pop3")).startswith(b"+OK")
    pop.quit()
    pop = poplib.POP3_SSL("localhost", house.nginx.pop3s, context=house.trust(), timeout=SECONDS)
    pop.user(alice.email)
    with pytest.raises(poplib.error_proto, match=r"-ERR \[AUTH\] This app password was made for another service"):
        pop.pass_(alice.app_password("imap"))


@pytest.mark.skipif(POSTFIX is None or not root(), reason="postfix is not installed, or we are not root")
def test_smtp_takes_a_letter_and_refuses_with_its_codes(house: House) -> None:
    alice = house.alice
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = alice.email, alice.email, "Through nginx"
    letter.set_content("hello\n")
    with smtplib.SMTP_SSL("localhost", house.nginx.smtps, context=house.trust(), timeout=SECONDS) as smtp:
        with pytest.raises(smtplib.SMTPAuthenticationError) as wrong:
            smtp.login(alice.email, "abcd-efgh-abcd-efgh-abcd-efgh-abcd")
        assert (wrong.value.smtp_code, wrong.value.smtp_error[:5]) == (535, b"5.7.8")
        smtp.login(alice.email, alice.app_password("submission"))
        assert smtp.send_message(letter) == {}
    with smtplib.SMTP_SSL("localhost", house.nginx.smtps, context=house.trust(), timeout=SECONDS) as smtp:
        smtp.user, smtp.password = alice.email, alice.app_password("imap")
        smtp.ehlo()
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            smtp.auth("PLAIN", smtp.auth_plain)
        assert (refused.value.smtp_code, refused.value.smtp_error[:5]) == (535, b"5.7.1")


def test_a_lost_device_is_refused_with_the_rules_words(house: House, tmp_path: Path) -> None:
    bob = house.demo.person("bob")
    with house.imap() as session:
        assert session.login(bob.email, bob.app_password("imap"))[0] == "OK"
    house.demo.orders("device", "lose", bob.laptop["id"], "--note", "left in a train")
    said = refusal(house.imap(), bob.email, bob.app_password("imap"))
    assert "This device was reported lost or was revoked." in said and "/r/" in said
