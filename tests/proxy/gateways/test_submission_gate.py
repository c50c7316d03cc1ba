"""The submission gate as a transcript, whole and one octet at a time; attacks F1-F6 of the list."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.authority import UpstreamLogin
from kernel.reasons import Reason
from proxy.gateways.submission.gate import SubmissionGate
from proxy.relays.gate import Ask, DropUp, Hold, Passed, Pause, Resume, StartTls, StartTlsUp
from tests.proxy.gateways.transcript import LOGIN, Play, admitted, refused, settings

XOAUTH2 = base64.b64encode(b"user=alice@example.org\1auth=Bearer minted.token\1\1")
HELLO = b"250-mail\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250 AUTH XOAUTH2\r\n"
HEAD = b"From: Alice <alice@example.org>\r\nSubject: hi\r\n"


def b64(text: bytes) -> bytes:
    return base64.b64encode(text)


def fresh(step: int = 0, **bounds: int) -> Play:
    return Play(SubmissionGate(settings(**bounds)), step=step).s(b"220 gate.example.org ESMTP ready\r\n")


def logged_in(step: int = 0, hello: bytes = HELLO, **bounds: int) -> Play:
    play = fresh(step, **bounds).c(b"EHLO laptop\r\n")
    play.heard()
    play.c(b"AUTH PLAIN %b\r\n" % b64(b"\0alice\0secret"))
    assert play.asked() == Ask(name="alice", password="secret")
    play.judged(admitted(service="submission")).opened().reached()
    play.u(b"220 mail ESMTP\r\n").up(b"EHLO gate.example.org\r\n")
    play.u(hello).up(b"AUTH XOAUTH2 " + XOAUTH2 + b"\r\n")
    play.u(b"235 2.7.0 ok\r\n").s(b"235 2.7.0 Logged in\r\n")
    assert play.orders == [Hold()]
    play.orders.clear()
    return play


def writing(play: Play) -> Play:
    """Get as far as DATA."""
    play.c(b"MAIL FROM:<alice@example.org>\r\n").up(b"MAIL FROM:<alice@example.org>\r\n").u(b"250 ok\r\n")
    play.c(b"RCPT TO:<bob@example.net>\r\n").up(b"RCPT TO:<bob@example.net>\r\n").u(b"250 ok\r\n")
    play.s(b"250 ok\r\n" * 2).c(b"DATA\r\n").s(b"354 End with CR LF . CR LF\r\n")
    return play


def passed(play: Play) -> Passed:
    (record,) = [order for order in play.orders if isinstance(order, Passed)]
    return record


@pytest.fixture(params=[0, 1, 3], ids=["whole", "octets", "threes"])
def play(request: pytest.FixtureRequest) -> Play:
    return logged_in(request.param)


# -- the way in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [0, 1])
def test_what_is_offered_and_to_whom(step: int) -> None:
    play = (
        fresh(step)
        .c(b"EHLO laptop\r\n")
        .s(
            b"250-gate.example.org\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
            b"250-DSN\r\n250-SIZE 104857600\r\n250 AUTH PLAIN LOGIN OAUTHBEARER XOAUTH2\r\n"
        )
    )
    play.c(b"HELO laptop\r\n").s(b"250 gate.example.org\r\n")
    play.c(b"MAIL FROM:<alice@example.org>\r\n").s(b"530 5.7.0 Authentication required\r\n")
    play.c(b"BDAT 5 LAST\r\n").s(b"503 5.5.1 BDAT is not offered\r\n")
    assert play.ended is not None


def test_nothing_but_tls_before_tls() -> None:
    play = Play(SubmissionGate(settings()), secure=False)
    play.heard()
    assert play.c(b"EHLO x\r\n").heard().endswith(b"250 STARTTLS\r\n")
    play.c(b"AUTH PLAIN AGEAYg==\r\n").s(b"530 5.7.0 Must issue a STARTTLS command first\r\n")
    play.c(b"MAIL FROM:<a@b>\r\n").s(b"530 5.7.0 Must issue a STARTTLS command first\r\n").quiet()
    play.c(b"STARTTLS\r\nMAIL FROM:<mallory@example.org>\r\n").s(b"220 2.0.0 Begin TLS now\r\n")
    assert play.orders == [StartTls()]
    play.orders.clear()
    play.tls().quiet()
    play.c(b"AUTH PLAIN AGEAYg==\r\n").s(b"503 5.5.1 Say EHLO first\r\n")
    play.c(b"STARTTLS\r\n").s(b"503 5.5.1 TLS is on already\r\n")


def test_mechanisms_by_challenge() -> None:
    play = fresh().c(b"EHLO x\r\n")
    play.heard()
    play.c(b"AUTH LOGIN\r\n").s(b"334 %b\r\n" % b64(b"User Name\0")).c(b64(b"alice") + b"\r\n")
    play.s(b"334 %b\r\n" % b64(b"Password\0")).c(b64(b"secret") + b"\r\n")
    assert play.asked() == Ask(name="alice", password="secret")
    play.judged(refused(Reason.CREDENTIALS)).s(b"535 5.7.8 User name or password is wrong.\r\n")
    play.c(b"AUTH XOAUTH2\r\n").s(b"334 \r\n").c(b64(b"user=alice\1auth=Bearer bad\1\1") + b"\r\n")
    assert play.asked() == Ask(name="alice", token="bad")
    said = play.judged(refused(Reason.CREDENTIALS)).heard()
    assert b'"status":"401"' in base64.b64decode(said[4:])
    play.c(b"\r\n").s(b"535 5.7.8 User name or password is wrong.\r\n")
    play.c(b"AUTH PLAIN\r\n").s(b"334 \r\n").c(b"*\r\n").s(b"501 5.7.0 Cancelled\r\n")
    play.c(b"AUTH SCRAM-SHA-256-PLUS\r\n").s(b"504 5.5.4 No such mechanism here\r\n")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason.POLICY, b"535 5.7.1 The access policy does not allow this. https://id/r/ABCD2345\r\n"),
        (
            Reason.STALE,
            b"454 4.7.0 The gate cannot confirm its facts; please try again shortly. https://id/r/ABCD2345\r\n",
        ),
    ],
)
def test_refusals(reason: Reason, said: bytes) -> None:
    play = fresh().c(b"EHLO x\r\nAUTH PLAIN %b\r\n" % b64(b"\0alice\0secret"))
    play.heard()
    play.asked()
    play.judged(refused(reason, link="https://id/r/ABCD2345")).s(said)


def test_upstream_down_is_said_at_once() -> None:
    play = fresh().c(b"EHLO x\r\nAUTH PLAIN %b\r\nMAIL FROM:<alice@example.org>\r\n" % b64(b"\0alice\0secret"))
    play.heard()
    play.asked()
    play.judged(admitted()).opened().lost()
    play.s(b"454 4.7.0 The mail server is out of reach; please try again shortly.\r\n")
    assert play.ended is not None


# -- the next hop ---------------------------------------------------------------------------------------------------


def opening(login: UpstreamLogin = LOGIN, *, secure: bool = True) -> Play:
    play = fresh().c(b"EHLO x\r\nAUTH PLAIN %b\r\n" % b64(b"\0alice\0secret"))
    play.heard()
    play.asked()
    return play.judged(admitted()).opened().reached(login, secure=secure)


def test_xclient_says_who_the_client_is_and_login_who_the_user() -> None:
    play = opening(UpstreamLogin("NONE", "", "")).u(b"220 mail\r\n").up(b"EHLO gate.example.org\r\n")
    play.u(b"250-mail\r\n250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR\r\n250 DSN\r\n")
    play.up(b"XCLIENT ADDR=192.0.2.7 PORT=51000 PROTO=ESMTP LOGIN=alice@example.org\r\n")
    play.u(b"220 mail\r\n").up(b"EHLO gate.example.org\r\n")
    play.u(b"250-mail\r\n250-XCLIENT ADDR\r\n250 DSN\r\n").up(b"").s(b"235 2.7.0 Logged in\r\n")
    assert play.c(b"EHLO x\r\n").heard() == (
        b"250-gate.example.org\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-DSN\r\n250 SIZE 104857600\r\n"
    )


def test_starttls_upstream() -> None:
    play = opening(secure=False).u(b"220 mail\r\n").u(b"250-mail\r\n250-STARTTLS\r\n250 XCLIENT LOGIN\r\n")
    play.up(b"EHLO gate.example.org\r\nSTARTTLS\r\n").u(b"220 go\r\n")
    assert play.orders == [StartTlsUp()]
    play.tls_up().up(b"EHLO gate.example.org\r\n")


@pytest.mark.parametrize(
    "said",
    [
        [b"554 no\r\n"],
        [b"220 mail\r\n250 early\r\n"],
        [b"220 mail\r\n", b"250 mail\r\n"],
        [b"220 mail\r\n", b"250-mail\r\n250 STARTTLS\r\n", b"454 no\r\n"],
        [b"220 mail\r\n", b"250-mail\r\n250 STARTTLS\r\n", b"220 go\r\n235 in\r\n"],
        [b"220-" + b"x" * 5000],
        [b"220-x\r\n" * 200],
        [b"220-x\r\n250 y\r\n"],
        [b"* OK imap\r\n"],
    ],
)
def test_e2_no_credential_for_a_strange_next_hop(said: list[bytes]) -> None:
    play = opening(secure=False)
    for piece in said:
        play.u(piece)
    assert b"AUTH" not in play.to_server
    assert play.ended is not None
    assert play.heard().startswith(b"454 4.7.0 ")


@pytest.mark.parametrize(
    ("login", "lines"),
    [
        (UpstreamLogin("PLAIN", "gate", "pw", "alice"), [b"AUTH PLAIN " + b64(b"alice\0gate\0pw")]),
        (UpstreamLogin("LOGIN", "alice*gate", "pw"), [b"AUTH LOGIN", b64(b"alice*gate"), b64(b"pw")]),
    ],
)
def test_ways_to_log_in(login: UpstreamLogin, lines: list[bytes]) -> None:
    play = opening(login).u(b"220 mail\r\n").u(b"250 mail\r\n").up(b"EHLO gate.example.org\r\n%b\r\n" % lines[0])
    for line in lines[1:]:
        play.u(b"334 go\r\n").up(line + b"\r\n")
    assert play.u(b"235 in\r\n").heard() == b"235 2.7.0 Logged in\r\n"


# -- letters --------------------------------------------------------------------------------------------------------


def test_a_letter_passes_in_line(play: Play) -> None:
    play.c(b"MAIL FROM:<alice@example.org> SIZE=100 BODY=8BITMIME RET=HDRS AUTH=<x@y>\r\n")
    play.up(b"MAIL FROM:<alice@example.org> SIZE=100 BODY=8BITMIME RET=HDRS\r\n")
    play.u(b"250-2.1.0 fine\r\n250 2.1.0 Sender ok\r\n").s(b"250-2.1.0 fine\r\n250 2.1.0 Sender ok\r\n")
    play.c(b"RCPT TO:<bob@example.net> NOTIFY=NEVER\r\n").up(b"RCPT TO:<bob@example.net> NOTIFY=NEVER\r\n")
    play.u(b"250 2.1.5 ok\r\n").s(b"250 2.1.5 ok\r\n")
    play.c(b"DATA\r\n").s(b"354 End with CR LF . CR LF\r\n").up(b"")
    play.c(HEAD + b"\r\n..").up(b"DATA\r\n").u(b"354 go\r\n")
    play.c(b"stuffed\r\n.\r\nNOOP\r\n").up(HEAD + b"\r\n..stuffed\r\n.\r\n")
    play.u(b"250 2.0.0 queued as 7\r\n").s(b"250 2.0.0 queued as 7\r\n250 2.0.0 Done\r\n")
    assert passed(play) == Passed("alice@example.org", 1, len(HEAD) + 13, "250 2.0.0 queued as 7")
    play.c(b"QUIT\r\n").s(b"221 2.0.0 Goodbye\r\n")


def test_the_next_hops_no_is_the_clients_no(play: Play) -> None:
    writing(play).c(HEAD + b"\r\nhello\r\n.\r\n").up(b"DATA\r\n").u(b"354 go\r\n")
    play.up(HEAD + b"\r\nhello\r\n.\r\n").u(b"550 5.7.1 spam\r\n").s(b"550 5.7.1 spam\r\n")
    play.c(b"MAIL FROM:<POST.MASTER@example.org>\r\n").up(b"MAIL FROM:<POST.MASTER@example.org>\r\n")


def test_pipelined_commands_are_answered_in_order(play: Play) -> None:
    play.c(b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
    play.up(b"MAIL FROM:<alice@example.org>\r\n").u(b"250 1\r\n").up(b"RCPT TO:<a@b.example>\r\n")
    play.u(b"550 2\r\n").up(b"RCPT TO:<c@d.example>\r\n").u(b"250 3\r\n")
    play.s(b"250 1\r\n550 2\r\n250 3\r\n354 End with CR LF . CR LF\r\n")


def test_data_refused_by_the_next_hop(play: Play) -> None:
    writing(play).c(HEAD + b"\r\nhello\r\n").up(b"DATA\r\n").u(b"451 4.3.0 later\r\n").c(b"more\r\n.\r\n")
    play.up(b"RSET\r\n").u(b"250 ok\r\n").s(b"451 4.3.0 later\r\n")
    play.c(b"NOOP\r\n").s(b"250 2.0.0 Done\r\n")


def test_a_next_hop_that_accepts_too_early_is_not_believed() -> None:
    """Attack F9: never 250 for a letter that is not whole."""
    play = writing(logged_in()).c(HEAD + b"\r\nhello\r\n").up(b"DATA\r\n").u(b"250 queued\r\n").c(b".\r\n")
    play.up(b"RSET\r\n").u(b"250 ok\r\n").s(b"451 4.3.0 The mail server is out of step; please try again\r\n")
    play = writing(logged_in()).c(HEAD + b"\r\nhello\r\n").u(b"354 go\r\n").u(b"250 queued\r\n")
    assert play.orders[-1] == DropUp()
    play.c(b".\r\n").s(b"451 4.3.0 The mail server is out of step; please try again\r\n")
    assert play.ended is not None


def test_a_next_hop_that_hangs_up() -> None:
    play = writing(logged_in()).c(HEAD + b"\r\nhello\r\n").u(b"354 go\r\n").lost()
    assert play.heard().startswith(b"421 4.3.2 ")
    play = logged_in().u(b"421 4.4.2 idle\r\n")
    assert play.heard().startswith(b"421 4.3.2 ")


def test_ehlo_and_rset_forget_the_letter(play: Play) -> None:
    play.c(b"MAIL FROM:<alice@example.org>\r\n").u(b"250 ok\r\n").c(b"EHLO again\r\n")
    play.up(b"MAIL FROM:<alice@example.org>\r\nRSET\r\n").u(b"250 ok\r\n").heard()
    play.c(b"RCPT TO:<a@b.example>\r\n").s(b"503 5.5.1 MAIL first\r\n")
    play.c(b"DATA\r\n").s(b"503 5.5.1 No valid recipients\r\n")
    play.c(b"RSET\r\n").up(b"RSET\r\n").u(b"250 2.0.0 reset\r\n").s(b"250 2.0.0 reset\r\n")


def test_octets_wait_while_the_next_hop_thinks() -> None:
    play = writing(logged_in())
    play.c(HEAD + b"\r\nhello\r\n")
    assert play.orders == [Pause()]
    play.u(b"354 go\r\n")
    assert play.orders == [Pause(), Resume()]
    play.orders.clear()
    play = logged_in().c(b"MAIL FROM:<alice@example.org>\r\n")
    play.c(b"NOOP\r\n" * 20_000)
    assert play.orders == [Pause()]
    play.u(b"250 ok\r\n")
    assert play.orders == [Pause(), Resume()]


# -- endings --------------------------------------------------------------------------------------------------------


def test_a_falling_session_hears_421_between_commands() -> None:
    logged_in().dismissed(Reason.ENDED_BY_ADMIN).s(b"421 4.7.0 This session was ended.\r\n")


def test_a_letter_half_written_falls_with_its_session() -> None:
    play = writing(logged_in()).c(HEAD + b"\r\nhello\r\n").u(b"354 go\r\n").dismissed(Reason.ENDED_BY_ADMIN)
    assert play.ended is not None
    assert play.ended.data == b""


def test_a_whole_letter_is_answered_before_its_session_falls() -> None:
    play = writing(logged_in()).c(HEAD + b"\r\nhello\r\n.\r\n").u(b"354 go\r\n").dismissed(Reason.ENDED_BY_ADMIN)
    assert play.ended is None
    play.u(b"250 queued\r\n").s(b"250 queued\r\n421 4.7.0 This session was ended.\r\n")


# -- attacks --------------------------------------------------------------------------------------------------------

SPOILT = b"550 5.5.2 Lines must end in CR LF, and hold no NUL\r\n"

ENDS = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\n",
    b"\r\n.\r",
    b"\n.\r",
    b"\r.\n",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\r\n.\r\r\n",
    b"\r\r\n.\r\n",
    b"\n\n.\r\n",
    b"\r\n.\n\r\n",
    b"\0\r\n.\n",
    b"\r\n.\r.\r\n",
]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("step", [0, 1, 2])
def test_f1_no_other_end_of_data(end: bytes, step: int) -> None:
    play = writing(logged_in(step)).c(HEAD + b"\r\nhello").up(b"DATA\r\n").u(b"354 go\r\n")
    play.c(end + b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<x@y.example>\r\nDATA\r\nsmuggled\r\n.\r\n")
    assert DropUp() in play.orders
    assert b"\r\n.\r\n" not in play.to_server
    play.s(SPOILT)
    assert play.ended is not None


@pytest.mark.parametrize("octets", [b"X: a\rb\r\n", b"X: a\nb\r\n", b"X: a\0b\r\n"])
def test_f2_spoilt_headers_never_reach_the_next_hop(play: Play, octets: bytes) -> None:
    writing(play).c(HEAD + octets + b"\r\nhello\r\n.\r\n").up(b"RSET\r\n").u(b"250 ok\r\n").s(SPOILT)


FOREIGN = [
    b"From: mallory@example.com\r\n",
    b'From: "alice@example.org" <mallory@example.com>\r\n',
    b"From: alice@example.org <mallory@example.com>\r\n",
    b"From: <mallory@example.com> alice@example.org\r\n",
    b"From: <alice@example.org> <mallory@example.com>\r\n",
    b"From: alice@example.org, mallory@example.com\r\n",
    b"From: alice@example.org\r\nFrom: mallory@example.com\r\n",
    b"From: alice@example.org\r\nfROM : mallory@example.com\r\n",
    b"From: alice@example.org\r\n.From: mallory@example.com\r\n",
    b"From: all:alice@example.org;\r\n",
    b"From: undisclosed:;\r\n",
    b"From: alice@example.org\r\nSender: mallory@example.com\r\n",
    b"From: alice@example.org\r\nSender: alice@example.org\r\nSender: alice@example.org\r\n",
    b"From: alice@example.org\r\nResent-From: mallory@example.com\r\n",
    b"From: alice@example.org\r\nResent-Sender: mallory@example.com\r\n",
    b"From: <@relay.example:alice@example.org>\r\n",
    b"From: alice(comment)@example.org.evil.example\r\n",
    b"From: alice@example.org (unclosed\r\n",
    b"From: \r\n",
    b"From: alice@example.org,\r\n",
    b"Subject: no From at all\r\n",
    b"From mbox line\r\nFrom: alice@example.org\r\n",
    b" folded first\r\nFrom: alice@example.org\r\n",
    b"no header\r\nFrom: alice@example.org\r\n",
    b"From: alice@example.org\r\n \r\nX: y\r\n",
    b"From: \xff@example.org\r\n",
    b"From: =?utf-8?q?alice=40example=2Eorg?=\r\n",
]


@pytest.mark.parametrize("head", FOREIGN)
def test_f4_a_foreign_from_never_reaches_the_next_hop(play: Play, head: bytes) -> None:
    writing(play).c(head + b"\r\nhello\r\n.\r\n").up(b"RSET\r\n").u(b"250 ok\r\n")
    said = play.heard()
    assert said.startswith(b"550 5.7.1 ")
    record = passed(play)
    assert (record.sender, record.answer.encode()) == ("alice@example.org", said.strip())


OWN = [
    b"From: alice@example.org\r\n",
    b"From: ALICE@Example.ORG\r\n",
    b"From: <post.master@example.org>\r\n",
    b'From: "Alice, of \\"A\\"" (home (x)) <alice@example.org>\r\n',
    b"From: =?utf-8?b?44Ki44Oq44K5?=\r\n <alice@example.org>\r\n",
    "From: アリス <alice@example.org>\r\n".encode(),
    b"From: alice@example.org, post.master@example.org\r\nSender: alice@example.org\r\n",
    b"Resent-From: alice@example.org\r\nReply-To: elsewhere@example.com\r\nFrom:alice@example.org\r\n",
]


@pytest.mark.parametrize("head", OWN)
def test_own_addresses_pass(play: Play, head: bytes) -> None:
    writing(play).c(head + b"\r\nhello\r\n.\r\n").up(b"DATA\r\n").u(b"354 go\r\n").up(head + b"\r\nhello\r\n.\r\n")


def test_a_letter_of_header_alone_and_one_of_nothing(play: Play) -> None:
    writing(play).c(HEAD + b".\r\n").up(b"DATA\r\n").u(b"354 go\r\n").up(HEAD + b".\r\n").u(b"250 ok\r\n")
    play.s(b"250 ok\r\n")
    writing(play).c(b".\r\n").up(b"RSET\r\n").u(b"250 ok\r\n")
    assert play.heard().startswith(b"550 5.7.1 ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"MAIL FROM:<mallory@example.com>", b"550 5.7.1 You may not send from this address.\r\n"),
        (b"MAIL FROM:<alice@example.org.evil.example>", b"550 5.7.1 You may not send from this address.\r\n"),
        (b"MAIL FROM:<alice@example.org> HOLDFOR=60", b"555 5.5.4 Unknown parameter HOLDFOR\r\n"),
        (b"MAIL FROM:<alice@example.org> SIZE=999999999999", b"552 5.3.4 Too big\r\n"),
        (b"MAIL FROM:<alice@example.org> SIZE=1 SIZE=1", b"501 5.5.4 Bad parameters\r\n"),
        (b"MAIL FROM:<alice@example.org> BODY=BINARYMIME", b"501 5.5.4 Bad value of BODY\r\n"),
        (b"MAIL FROM:<alice@example.org>X", b"501 5.5.4 Syntax: MAIL FROM:<address>\r\n"),
        (b"MAIL FROM:<a>b@example.org>", b"501 5.5.4 Syntax: MAIL FROM:<address>\r\n"),
        (b"MAIL FROM:<@relay.example:alice@example.org>", b"501 5.1.3 Bad address syntax\r\n"),
        (b"MAIL FROM:<alice@@example.org>", b"501 5.1.3 Bad address syntax\r\n"),
        (b"MAIL FROM:<alice@example.org@evil.example>", b"501 5.1.3 Bad address syntax\r\n"),
        (b"MAIL FROM:<al ice@example.org>", b"501 5.1.3 Bad address syntax\r\n"),
        (b"MAIL FROM:<" + b"a" * 65 + b"@example.org>", b"501 5.1.3 Bad address syntax\r\n"),
        (b"MAIL FROM:<" + b"a" * 8000 + b">", b"501 5.5.4 Syntax: MAIL FROM:<address>\r\n"),
        ("MAIL FROM:<アリス@example.org>".encode(), b"553 5.6.7 That address needs SMTPUTF8\r\n"),
        (b"MAIL TO:<alice@example.org>", b"501 5.5.4 Syntax: MAIL FROM:<address>\r\n"),
        (b"XCLIENT ADDR=10.0.0.1", b"502 5.5.1 No such command\r\n"),
        (b"XFORWARD ADDR=10.0.0.1", b"502 5.5.1 No such command\r\n"),
        (b"AUTH PLAIN AGEAYg==", b"503 5.5.1 Already done\r\n"),
        (b"RCPT TO:<a@b.example>", b"503 5.5.1 MAIL first\r\n"),
        (b"DATA now", b"501 5.5.4 DATA stands alone\r\n"),
        (b"MAIL FROM:<alice@example.org>\nRCPT TO:<a@b.example>", b"500 5.5.2 Protocol error: lines end in CR LF\r\n"),
    ],
)
def test_f4_f5_f6_commands_that_are_refused(play: Play, line: bytes, said: bytes) -> None:
    play.c(line + b"\r\n")
    assert play.heard().startswith(said)
    play.up(b"")


@pytest.mark.parametrize(
    "line",
    [
        b"RCPT TO:<>",
        b"RCPT TO:<a@b.example> ORCPT=rfc822;a+0D+0ARCPT",
        b"RCPT TO:<a@b.example> ORCPT=x400;a",
        b"RCPT TO:<a@b.example> NOTIFY=NEVER,SUCCESS",
        b'RCPT TO:<"a\r"@b.example>',
    ],
)
def test_f5_f6_recipients_that_are_refused(play: Play, line: bytes) -> None:
    play.c(b"MAIL FROM:<>\r\n").up(b"MAIL FROM:<>\r\n").u(b"250 ok\r\n").s(b"250 ok\r\n")
    play.c(line + b"\r\n")
    heard = play.heard()
    if b"ORCPT=rfc822" in line:
        play.up(line + b"\r\n")
    else:
        assert heard.startswith((b"500", b"501"))
        play.up(b"")


def test_parameters_that_the_next_hop_does_not_take(play: Play) -> None:
    plain = logged_in(play.step, hello=b"250 mail\r\n")
    plain.c(b"MAIL FROM:<alice@example.org> SIZE=5\r\n").up(b"MAIL FROM:<alice@example.org>\r\n").u(b"550 no\r\n")
    plain.heard()
    plain.c(b"MAIL FROM:<alice@example.org> BODY=8BITMIME\r\n")
    plain.s(b"555 5.5.4 The mail server does not take BODY\r\n").up(b"")


def test_f16_size_recipients_and_header_are_bounded() -> None:
    play = writing(logged_in(letter=1000)).c(HEAD + b"\r\nx").u(b"354 go\r\n").c(b"x" * 2000 + b"\r\n.\r\n")
    assert DropUp() in play.orders
    play.s(b"552 5.3.4 Too big\r\n")
    play = logged_in(recipients=1).c(b"MAIL FROM:<alice@example.org>\r\n").u(b"250 ok\r\n")
    play.c(b"RCPT TO:<a@b.example>\r\n").u(b"250 ok\r\n").heard()
    play.c(b"RCPT TO:<c@b.example>\r\n").s(b"452 4.5.3 Too many recipients\r\n")
    play = writing(logged_in()).c(b"X: y\r\n" * 60_000 + b"\r\nhello\r\n.\r\n")
    assert play.u(b"250 ok\r\n").heard() == b"550 5.6.0 The header is too big\r\n"


def test_e14_e16_strangers_are_bounded() -> None:
    play = fresh(errors=3).c(b"X\r\n" * 3)
    play.s(b"502 5.5.1 No such command\r\n" * 3 + b"421 4.7.0 Too many errors\r\n")
    fresh(commands=2).c(b"NOOP\r\n" * 3).s(
        b"250 2.0.0 Done\r\n" * 2 + b"421 4.7.0 Too many commands before the login\r\n"
    )
    fresh(100).c(b"x" * 100_000).s(b"500 5.5.2 Protocol error: line too long\r\n")
    fresh().c(b"POST / HTTP/1.1\r\n").s(b"421 5.7.0 This is a mail server\r\n")
    fresh().overdue().s(b"421 4.4.2 Too slow\r\n")


# -- fuzz -----------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from([b"\r\n", b"\r", b"\n", b".", b"\0", b"x", b"From: alice@example.org", b"\r\n.\r\n", b":"])


@given(st.lists(PIECES, max_size=30).map(b"".join))
def test_a_letter_is_the_same_in_any_pieces(data: bytes) -> None:
    plays = []
    for step in (0, 1, 3):
        play = writing(logged_in(step)).c(HEAD + b"\r\nx").u(b"354 go\r\n").c(data)
        plays.append(play)
    whole = plays[0]
    for play in plays[1:]:
        assert (play.ended is None) == (whole.ended is None)
        assert play.to_client == whole.to_client
    sent = whole.to_server.partition(b"DATA\r\n")[2]
    assert sent.count(b"\r\n.\r\n") <= 1
    if b"\r\n.\r\n" in sent:
        body = sent[: sent.index(b"\r\n.\r\n")]
        assert body.count(b"\n") == body.count(b"\r") == body.count(b"\r\n")
        assert b"\0" not in body
