"""App passwords at the demo: SCRAM by programs of others' and our own, and a stolen one from another client, another
network."""

import imaplib
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.demo import Demo, Person
from tests.e2e.mail import PATIENCE, found, imap, open_imap, open_submission
from tests.e2e.tuned import tuned
from tests.servers.scram_client import ScramClient

pytestmark = pytest.mark.e2e

CLIENT = '("name" "Thunderbird" "vendor" "Mozilla")'


@pytest.fixture(scope="module")
def bound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo whose app passwords bind themselves."""
    pin = 'app_passwords = { pin = ["client", "tls", "network"] }'
    with tuned(tmp_path_factory.mktemp("bound"), idp=[pin]) as demo:
        yield demo


class From(imaplib.IMAP4_SSL):
    """imaplib from an address of its own."""

    def __init__(self, demo: Demo, source: str, context: ssl.SSLContext) -> None:
        self._source = source
        super().__init__("localhost", demo.port("imaps"), ssl_context=context, timeout=PATIENCE)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout, (self._source, 0))
        return self.ssl_context.wrap_socket(plain, server_hostname=self.host)


def log_in(demo: Demo, person: Person, client: str = CLIENT, source: str = "127.0.0.1", older: bool = False) -> str:
    """Log in by the app password as this client; return ``OK``, or the refusal."""
    context = demo.trust()
    if older:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    session = From(demo, source, context)
    try:
        if client:
            session.xatom("ID", client)
        return session.login(person.email, person.app_password("imap"))[0]
    except imaplib.IMAP4.error as refused:
        said = refused.args[0]
        return said.decode() if isinstance(said, bytes) else str(said)
    finally:
        session.shutdown()


def test_a_stolen_one_is_refused_elsewhere_its_owner_told_the_true_client_goes_on(bound: Demo) -> None:
    alice = bound.person("alice")
    assert log_in(bound, alice) == "OK"
    assert log_in(bound, alice, source="127.0.0.77") == "OK"  # the same network
    for stolen in (
        log_in(bound, alice, client='("name" "curl")'),
        log_in(bound, alice, client=""),
        log_in(bound, alice, source="127.0.9.9"),
        log_in(bound, alice, older=True),
    ):
        assert stolen.startswith("[AUTHORIZATIONFAILED] This app password is bound to another mail client or network.")
        assert f"{bound.issuer}/r/" in stolen
    assert log_in(bound, alice) == "OK"
    shown = json.dumps(bound.orders("user", "show", "alice"))
    assert "127.0.9.9" in shown and '"differs": ["network"]' in shown
    told = json.dumps(bound.orders("audit", "search", "--kind", "factor-changed"))
    assert told.count("tried-elsewhere") == 4
    assert '"credentials"' not in json.dumps(bound.orders("audit", "search", "--kind", "credential-refused"))


def scram(demo: Demo, person: Person, secret: str) -> imaplib.IMAP4_SSL:
    """Log in by SCRAM-SHA-256 with imaplib; both sides prove themselves."""
    session, client = open_imap(demo), ScramClient(person.email, secret)
    turns: list[bytes] = []

    def answer(challenge: bytes) -> bytes:
        turns.append(challenge)
        if len(turns) == 1:
            return client.first
        if len(turns) == 2:
            return client.final(challenge)
        assert client.trusts(challenge)
        return b""

    try:
        session.authenticate("SCRAM-SHA-256", answer)
    except BaseException:
        session.shutdown()
        raise
    assert len(turns) == 3
    return session


def test_scram_by_imaplib_and_a_wrong_secret(demo: Demo) -> None:
    alice = demo.person("alice")
    session = scram(demo, alice, alice.app_password("imap"))
    assert session.select("INBOX")[0] == "OK"
    session.logout()
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        scram(demo, alice, "abcd-efgh-jkmn-pqrs-tuvw-xyz2-3456")
    with pytest.raises(imaplib.IMAP4.error, match="another service"):
        scram(demo, alice, alice.app_password("submission"))


def test_scram_by_msmtp(demo: Demo) -> None:
    """GNU SASL's, which is not ours."""
    assert shutil.which("msmtp"), "apt-get install msmtp"
    alice, subject = demo.person("alice"), "By msmtp and SCRAM"
    argv = ["msmtp", "--file=/dev/null", "--host=localhost", f"--port={demo.port('submission')}", "--tls=on"]
    argv += [f"--tls-trust-file={demo.ca}", "--auth=scram-sha-256", f"--user={alice.email}", f"--from={alice.email}"]
    argv += [f"--passwordeval=echo {alice.app_password('submission')}", alice.email]
    text = f"From: {alice.email}\r\nTo: {alice.email}\r\nSubject: {subject}\r\n\r\nHello\r\n"
    done = subprocess.run(argv, input=text, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    with imap(demo, alice) as reading:
        assert found(reading, subject)


def test_scram_is_offered_under_tls_alone(demo: Demo) -> None:
    session = open_submission(demo, implicit=False)
    session.ehlo()
    assert "SCRAM-SHA-256" in session.esmtp_features["auth"] and "PLUS" not in session.esmtp_features["auth"]
    session.quit()
