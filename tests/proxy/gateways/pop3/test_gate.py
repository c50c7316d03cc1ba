"""The POP3 gate as a transcript, whole and in pieces; the attacks of the list that concern it."""

import base64
import json
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.authority import UpstreamLogin
from kernel.reasons import Reason
from proxy.gateways.pop3.gate import Pop3Gate
from proxy.relays.gate import Ask, Hold, Open, Pause, Resume, StartTls, StartTlsUp
from tests.proxy.gateways.transcript import FORWARD, ISSUER, LOGIN, Play, admitted, refused, settings

GREETING = b"+OK gate.example.org POP3 ready.\r\n"
SPOKEN = b"TOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\nIMPLEMENTATION gate.example.org\r\n"
XCLIENT = b"XCLIENT ADDR=192.0.2.7 PORT=51000 SESSION=s_abc\r\n"
XOAUTH2 = base64.b64encode(b"user=alice@example.org\1auth=Bearer minted.token\1\1")
KNOWN = {"CAPA": ""}
"""What a gate has learnt whose server was asked before, and has no UTF8."""


def b64(text: bytes) -> bytes:
    return base64.b64encode(text)


def gate(**bounds: int) -> Pop3Gate:
    return Pop3Gate(replace(settings(**bounds), learnt=dict(KNOWN)))


@pytest.fixture(params=[0, 1, 3], ids=["whole", "octets", "threes"])
def play(request: pytest.FixtureRequest) -> Play:
    return Play(gate(), step=request.param).s(GREETING)


def judging(play: Play) -> Play:
    play.c(b"USER alice\r\nPASS secret\r\n").s(b"+OK And the password?\r\n")
    assert play.asked() == Ask(name="alice", password="secret")
    return play


def opening(play: Play, login: UpstreamLogin = LOGIN, *, secure: bool = True) -> Play:
    return judging(play).judged(admitted()).opened().reached(login, secure=secure)


def ready(play: Play) -> Play:
    opening(play).u(b"+OK [XCLIENT] hello\r\n").up(XCLIENT + b"AUTH XOAUTH2 " + XOAUTH2 + b"\r\n")
    play.u(b"+OK Updated\r\n+OK in\r\n").s(b"+OK Logged in.\r\n")
    assert play.orders == [Hold()]
    play.orders.clear()
    return play


# -- the way in -----------------------------------------------------------------------------------------------------


def test_a_session_from_greeting_to_quit(play: Play) -> None:
    play.c(b"CAPA\r\n").s(b"+OK What is here:\r\n" + SPOKEN + b"USER\r\nSASL PLAIN LOGIN OAUTHBEARER XOAUTH2\r\n.\r\n")
    ready(play)
    play.c(b"STAT\r\n").up(b"STAT\r\n").u(b"+OK 1 120\r\n").s(b"+OK 1 120\r\n")
    play.c(b"RETR 1\r\n").up(b"RETR 1\r\n")
    letter = b"+OK 120 octets\r\nSubject: x\r\n\r\n..a dot\r\n.. \r\n.\r\n"
    play.u(letter).s(letter)
    play.c(b"DELE 1\r\n").u(b"+OK\r\n").s(b"+OK\r\n")
    play.c(b"QUIT\r\n").up(b"DELE 1\r\nQUIT\r\n").u(b"+OK bye\r\n").s(b"+OK bye\r\n")
    assert play.ended is not None
    assert play.ended.reason is None


def test_starttls_comes_before_everything() -> None:
    play = Play(gate(), secure=False).s(GREETING)
    play.c(b"CAPA\r\n").s(b"+OK What is here:\r\n" + SPOKEN + b"STLS\r\n.\r\n")
    for order in (b"USER alice", b"PASS secret", b"AUTH PLAIN", b"AUTH"):
        Play(gate(), secure=False).s(GREETING).c(order + b"\r\n").s(
            b"-ERR Not without TLS; say STLS first.\r\n"
        ).quiet()
    play.c(b"STLS\r\n").s(b"+OK Begin TLS now.\r\n")
    assert play.orders == [StartTls()]
    play.orders.clear()
    play.tls(certificate=True).c(b"CAPA\r\n").s(
        b"+OK What is here:\r\n" + SPOKEN + b"USER\r\nSASL PLAIN LOGIN OAUTHBEARER XOAUTH2 EXTERNAL\r\n.\r\n"
    )
    play.c(b"STLS\r\n").s(b"-ERR TLS is on already.\r\n")


@pytest.mark.parametrize(
    ("mechanism", "response", "ask"),
    [
        (b"PLAIN", b"\0alice\0secret", Ask(name="alice", password="secret")),
        (b"plain", b"alice\0alice\0secret", Ask(name="alice", password="secret")),
        (b"XOAUTH2", b"user=alice\1auth=Bearer a.b.c\1\1", Ask(name="alice", token="a.b.c")),
        (b"OAUTHBEARER", b"n,a=alice,\1auth=Bearer a.b.c\1\1", Ask(name="alice", token="a.b.c")),
    ],
)
def test_mechanisms_with_and_without_initial_response(play: Play, mechanism: bytes, response: bytes, ask: Ask) -> None:
    play.c(b"AUTH %b %b\r\n" % (mechanism, b64(response)))
    assert play.asked() == ask
    play.judged(refused(Reason.STALE)).heard()
    play.c(b"AUTH %b\r\n" % mechanism).s(b"+ \r\n").c(b64(response) + b"\r\n")
    assert play.asked() == ask


def test_mechanism_login_and_the_list_for_old_clients(play: Play) -> None:
    play.c(b"AUTH\r\n").s(b"+OK Mechanisms:\r\nPLAIN\r\nLOGIN\r\nOAUTHBEARER\r\nXOAUTH2\r\n.\r\n")
    play.c(b"AUTH LOGIN\r\n").s(b"+ " + b64(b"User Name\0") + b"\r\n")
    play.c(b64(b"alice") + b"\r\n").s(b"+ " + b64(b"Password\0") + b"\r\n").c(b64(b"secret") + b"\r\n")
    assert play.asked() == Ask(name="alice", password="secret")


def test_external_is_offered_with_a_certificate_alone() -> None:
    play = Play(gate(), certificate=True).s(GREETING).c(b"AUTH EXTERNAL =\r\n")
    assert play.asked() == Ask(external=True)
    Play(gate()).s(GREETING).c(b"AUTH EXTERNAL =\r\n").s(b"-ERR No such mechanism here.\r\n").quiet()


def test_a_password_may_hold_spaces_and_utf8(play: Play) -> None:
    play.c("USER alice@example.org\r\nPASS a b  c é\r\n".encode())
    assert play.asked() == Ask(name="alice@example.org", password="a b  c é")


def test_pass_needs_user_each_time(play: Play) -> None:
    play.c(b"PASS secret\r\n").s(b"-ERR USER comes first.\r\n").quiet()
    judging(play).judged(refused(Reason.CREDENTIALS)).heard()
    play.c(b"PASS secret\r\n").s(b"-ERR USER comes first.\r\n").quiet()


# -- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "said", "heard"),
    [
        (Reason.CREDENTIALS, "", b"[AUTH] User name or password is wrong."),
        (Reason.POLICY, "Managed devices only.", b"[AUTH] Managed devices only. https://id/r/ABCD2345"),
        (Reason.POLICY, "管理端末のみ", b"[AUTH] The access policy does not allow this. https://id/r/ABCD2345"),
        (Reason.STEP_UP, "evil\r\n+OK in", b"[AUTH] evil  +OK in https://id/r/ABCD2345"),
        (Reason.STALE, "", b"[SYS/TEMP] The gate cannot confirm its facts; please try again shortly."),
        (Reason.AUTHORITY, "", b"[SYS/TEMP] The identity service is out of reach; please try again shortly."),
    ],
)
def test_refusals_say_whose_fault_it_is(play: Play, reason: Reason, said: str, heard: bytes) -> None:
    link = "https://id/r/ABCD2345" if b"https" in heard else ""
    judging(play).judged(refused(reason, said, link)).s(b"-ERR %b\r\n" % heard)
    play.c(b"NOOP\r\n").s(b"+OK Done.\r\n")


def test_a_refused_token_is_explained_before_it_is_refused(play: Play) -> None:
    """RFC 7628, section 3.2.2."""
    play.c(b"AUTH OAUTHBEARER %b\r\n" % b64(b"n,,\1auth=Bearer bad\1\1"))
    play.asked()
    said = play.judged(refused(Reason.CREDENTIALS)).heard()
    assert said.startswith(b"+ ")
    assert json.loads(base64.b64decode(said[2:]))["openid-configuration"].startswith(ISSUER)
    play.c(b64(b"\1") + b"\r\n").s(b"-ERR [AUTH] User name or password is wrong.\r\n")
    play.c(b"NOOP\r\n").s(b"+OK Done.\r\n")


def test_upstream_down_is_our_trouble(play: Play) -> None:
    judging(play).judged(admitted()).opened().lost()
    play.s(b"-ERR [SYS/TEMP] The mail server is out of reach; please try again shortly.\r\n")
    assert play.ended is not None
    assert play.ended.reason is Reason.UPSTREAM


@pytest.mark.parametrize("code", [b"IN-USE", b"LOGIN-DELAY"])
def test_a_locked_mailbox_is_the_clients_to_hear(play: Play, code: bytes) -> None:
    opening(play).u(b"+OK [XCLIENT] hello\r\n").u(b"+OK\r\n-ERR [%b] another session\r\n" % code)
    assert play.heard().startswith(b"-ERR [%b] The mailbox " % code)


# -- after the login ------------------------------------------------------------------------------------------------


def test_capabilities_after_login_are_the_servers_minus_what_is_spent(play: Play) -> None:
    ready(play).c(b"CAPA\r\nSTAT\r\n").up(b"CAPA\r\nSTAT\r\n")
    play.u(b"+OK\r\nTOP\r\nsasl PLAIN\r\nSTLS\r\nUSER\r\nUIDL\r\nEXPIRE 60\r\nX-OWN\r\n.\r\n+OK 1 2\r\n")
    play.s(b"+OK\r\nTOP\r\nUIDL\r\nEXPIRE 60\r\nX-OWN\r\n.\r\n+OK 1 2\r\n")
    play.c(b"CAPA\r\n").u(b"-ERR what?\r\n").s(b"-ERR what?\r\n")


def test_pipelined_commands_are_answered_in_order_ours_among_them(play: Play) -> None:
    """Attack E7."""
    ready(play).c(b"STAT\r\nLIST\r\nSTLS\r\nCAPA\r\nAUTH PLAIN\r\nLIST 1\r\n")
    play.up(b"STAT\r\nLIST\r\nCAPA\r\nLIST 1\r\n").u(b"+OK 1 9\r\n").s(b"+OK 1 9\r\n")
    play.u(b"+OK\r\n.\r\n").s(b"+OK\r\n.\r\n-ERR Already logged in.\r\n")
    play.u(b"+OK\r\nUIDL\r\n.\r\n").s(b"+OK\r\nUIDL\r\n.\r\n-ERR Already logged in.\r\n")
    play.u(b"-ERR no such message\r\n").s(b"-ERR no such message\r\n").quiet()


def test_what_was_pipelined_behind_the_login_follows_it_once(play: Play) -> None:
    """Attack E7."""
    play.c(b"USER alice\r\nPASS secret\r\nSTAT\r\nQUIT\r\n").heard()
    play.asked()
    play.judged(admitted()).opened().reached().quiet()
    play.u(b"+OK hello\r\n").up(b"AUTH XOAUTH2 " + XOAUTH2 + b"\r\n")
    play.u(b"+OK in\r\n").up(b"STAT\r\nQUIT\r\n").s(b"+OK Logged in.\r\n")
    play.u(b"+OK 0 0\r\n+OK bye\r\n").s(b"+OK 0 0\r\n+OK bye\r\n")
    assert play.ended is not None


def test_nothing_pipelined_behind_a_failed_login_counts(play: Play) -> None:
    """Attack E7."""
    play.c(b"USER alice\r\nPASS wrong\r\nSTAT\r\nNOOP\r\n").heard()
    play.asked()
    play.judged(refused(Reason.CREDENTIALS))
    play.s(b"-ERR [AUTH] User name or password is wrong.\r\n-ERR Log in first.\r\n+OK Done.\r\n").quiet()


def test_a_command_that_nobody_knows_makes_the_gate_blind(play: Play) -> None:
    ready(play).c(b"STAT\r\nXTND XMIT\r\nCAPA\r\nUSER x\r\n").up(b"STAT\r\nXTND XMIT\r\nCAPA\r\nUSER x\r\n")
    said = b"+OK 0 0\r\n+OK listing\r\nwhatever\r\n.\r\n+OK\r\nSTLS\r\n.\r\n-ERR no\r\n"
    play.u(said).s(said)
    play.c(b"QUIT\r\n").up(b"QUIT\r\n").u(b"+OK bye\r\n").s(b"+OK bye\r\n").lost()
    assert play.ended is not None
    assert play.ended.reason is None


def test_commands_without_an_answer_are_bounded() -> None:
    play = ready(Play(gate()).s(GREETING))
    play.c(b"NOOP\r\n" * 1500)
    assert play.to_server.count(b"NOOP") == 1000
    play.c(b"NOOP\r\n" * 20_000)
    assert play.orders == [Pause()]
    for _ in range(22):
        play.u(b"+OK\r\n" * min(1000, play.to_server.count(b"NOOP") - play.to_client.count(b"+OK")))
    assert play.to_client.count(b"+OK") == 21_500
    assert play.orders == [Pause(), Resume()]


# -- the end --------------------------------------------------------------------------------------------------------


def test_a_falling_session_is_closed_between_answers(play: Play) -> None:
    ready(play).c(b"STAT\r\n").u(b"+OK 0 0\r\n").heard()
    play.dismissed(Reason.ENDED_BY_ADMIN).s(b"")
    assert play.ended is not None
    assert play.ended.reason is Reason.ENDED_BY_ADMIN


def test_a_falling_session_within_a_listing_ends_with_a_line() -> None:
    play = ready(Play(gate()).s(GREETING)).c(b"RETR 1\r\n")
    play.u(b"+OK\r\nSubject: half of").heard()
    play.dismissed(Reason.ENDED_BY_ADMIN).s(b"").u(b" a li").s(b" a li")
    assert play.ended is None
    play.u(b"ne\r\nnot this one\r\n.\r\n").s(b"ne\r\n")
    assert play.ended is not None
    at_once = ready(Play(gate()).s(GREETING)).c(b"RETR 1\r\n").u(b"+OK\r\nSubject: x\r\n")
    at_once.dismissed(Reason.POLICY)
    assert at_once.ended is not None


def test_half_an_answer_is_not_shown_to_a_falling_session() -> None:
    play = ready(Play(gate()).s(GREETING)).c(b"STAT\r\nCAPA\r\n").u(b"+OK 1")
    play.s(b"").dismissed(Reason.POLICY).s(b"")
    assert play.ended is not None
    gathering = ready(Play(gate()).s(GREETING)).c(b"CAPA\r\n").u(b"+OK\r\nSAS").dismissed(Reason.POLICY)
    gathering.s(b"")
    assert gathering.ended is not None


def test_timeouts_are_a_close_without_words(play: Play) -> None:
    """RFC 1939, section 3."""
    play.overdue().s(b"")
    assert play.ended is not None
    assert play.ended.reason is Reason.IDLE


# -- attacks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [0, 1])
def test_e1_what_came_in_clear_before_tls_never_was(step: int) -> None:
    play = Play(gate(), secure=False, step=step).s(GREETING)
    play.c(b"STLS\r\nUSER mallory\r\nPASS secret\r\n").s(b"+OK Begin TLS now.\r\n")
    assert play.orders == [StartTls()]
    play.orders.clear()
    play.tls().quiet()
    play.c(b"PASS secret\r\n").s(b"-ERR USER comes first.\r\n").quiet()


def test_e5_endless_lines_are_cut() -> None:
    for endless in (b"x" * 10_000_000, b"AUTH PLAIN\r\n" + b"x" * 10_000_000):
        tracemalloc.start()
        play = Play(gate(line=1000), step=100).s(GREETING).c(endless)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1 << 20
        assert play.heard().endswith(b"-ERR Protocol error: line too long.\r\n")
        assert play.ended is not None
    logged_in = ready(Play(gate(line=1000), step=100).s(GREETING)).c(b"RETR " + b"1" * 1_000_000)
    logged_in.up(b"").s(b"")
    assert logged_in.ended is not None


@pytest.mark.parametrize("line", [b"NOOP\nNOOP\r\n", b"NO\rOP\r\n", b"NOOP\0\r\n", b"USER al\nice\r\n"])
def test_e8_bare_cr_lf_and_nul(play: Play, line: bytes) -> None:
    assert play.c(line).heard().startswith(b"-ERR Protocol error: lines end in CR LF.\r\n")
    assert play.orders == []


@pytest.mark.parametrize("line", [b"STAT\nQUIT\r\n", b"DELE 1\r\r\n", b"LIST\0\r\n"])
def test_e8_no_hidden_command_reaches_the_server(play: Play, line: bytes) -> None:
    ready(play).c(line + b"STAT\r\n").up(b"").s(b"")
    assert play.ended is not None


def test_e9_who_the_client_is_said_by_itself_does_not_count(play: Play) -> None:
    play.c(b"XCLIENT ADDR=10.0.0.1 SESSION=mine\r\n").s(b"-ERR Log in first.\r\n")
    ready(play).c(b"XCLIENT ADDR=10.0.0.1\r\n").up(b"").s(b"-ERR Already logged in.\r\n")


@pytest.mark.parametrize(
    "response", [b"bob\0alice\0secret", b"\0alice\0sec\0ret", b"\0\0secret", b"alice", b"", b"\0al\xffice\0x"]
)
def test_e10_credentials_that_are_none(play: Play, response: bytes) -> None:
    play.c(b"AUTH PLAIN\r\n").s(b"+ \r\n").c(b64(response) + b"\r\n")
    play.s(b"-ERR [AUTH] The credential is malformed.\r\n").quiet()


def test_e10_cancelled_and_not_base64(play: Play) -> None:
    play.c(b"AUTH PLAIN\r\n").s(b"+ \r\n").c(b"*\r\n").s(b"-ERR Cancelled.\r\n")
    play.c(b"AUTH PLAIN %%%\r\n").s(b"-ERR [AUTH] The credential is malformed.\r\n").quiet()


@pytest.mark.parametrize("mechanism", [b"SCRAM-SHA-256-PLUS", b"CRAM-MD5", b"APOP", b"EXTERNAL", b"\xff\xfe"])
def test_e11_unknown_mechanisms(play: Play, mechanism: bytes) -> None:
    play.c(b"AUTH %b\r\n" % mechanism).s(b"-ERR No such mechanism here.\r\n").quiet()


def test_e14_commands_and_errors_are_bounded() -> None:
    play = Play(gate(commands=5)).s(GREETING).c(b"NOOP\r\n" * 6)
    play.s(b"+OK Done.\r\n" * 5 + b"-ERR Too many commands before the login.\r\n")
    play = Play(gate(errors=3)).s(GREETING).c(b"APOP alice x\r\n" * 3)
    play.s(b"-ERR Log in first.\r\n" * 3 + b"-ERR Too many errors.\r\n")


def test_e14_what_is_sent_ahead_is_held_back() -> None:
    play = judging(Play(gate()).s(GREETING)).c(b"NOOP\r\n" * 20_000)
    assert play.orders == [Pause()]


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1\r\n", b"EHLO there\r\n", b"Host: x.example\r\n"])
def test_e16_visitors_from_another_protocol_are_sent_away(play: Play, line: bytes) -> None:
    play.c(line).s(b"-ERR This is a POP3 server.\r\n")


# -- the upstream ---------------------------------------------------------------------------------------------------


def nothing_given_away(play: Play) -> None:
    assert b"minted" not in play.to_server
    assert XOAUTH2 not in play.to_server
    assert b"[SYS/TEMP]" in play.to_client
    assert play.ended is not None


@pytest.mark.parametrize(
    "greeting", [b"-ERR no\r\n", b"hello\r\n", b"+OK hi\r\n+OK in\r\n", b"+OK \0\r\n", b"+OK hi\n", b"x" * 20_000]
)
def test_e2_no_credential_for_a_strange_greeting(greeting: bytes) -> None:
    nothing_given_away(opening(Play(gate()).s(GREETING)).u(greeting))


@pytest.mark.parametrize("reply", [b"-ERR not here\r\n", b"+OK go\r\n+OK [XCLIENT] in\r\n", b"+OK go\r\nx"])
def test_e2_stls_that_is_stripped_or_answered_early(reply: bytes) -> None:
    play = opening(Play(gate()).s(GREETING), secure=False).u(b"+OK hi\r\n").up(b"STLS\r\n").u(reply)
    nothing_given_away(play)


def test_stls_upstream_comes_before_everything() -> None:
    play = opening(Play(gate()).s(GREETING), secure=False).u(b"+OK [XCLIENT] hi\r\n").up(b"STLS\r\n").u(b"+OK\r\n")
    assert play.orders == [StartTlsUp()]
    play.tls_up().up(XCLIENT + b"AUTH XOAUTH2 " + XOAUTH2 + b"\r\n")


@pytest.mark.parametrize(
    "reply",
    [b"-ERR [AUTH] no\r\n", b"+OK in\r\n+OK again\r\n", b"+ \r\n+ \r\n", b"* OK\r\n", b"+OK" + b"x" * 9000],
)
def test_e12_a_login_that_the_server_does_not_play_by_the_rules(reply: bytes) -> None:
    play = opening(Play(gate()).s(GREETING)).u(b"+OK hi\r\n").u(reply)
    assert play.heard().startswith(b"-ERR [SYS/TEMP] ")
    assert play.ended is not None


@pytest.mark.parametrize(
    "said",
    [
        b"+OK unasked\r\n",
        b"-ERR Disconnected for inactivity.\r\n",
        b"\r\n",
    ],
)
def test_e12_what_nobody_asked_is_not_passed_on(said: bytes) -> None:
    play = ready(Play(gate()).s(GREETING)).u(said).s(b"")
    assert play.ended is not None
    assert play.ended.reason is Reason.UPSTREAM


@pytest.mark.parametrize("said", [b"* BYE\r\n", b"+OKAY\r\n", b"+OK \0\r\n", b"+OK\n", b"+OK " + b"x" * 9000])
def test_e12_answers_that_are_none_end_the_session_unseen(said: bytes) -> None:
    play = ready(Play(gate()).s(GREETING)).c(b"STAT\r\n").u(said).s(b"")
    assert play.ended is not None


def test_e12_an_endless_list_of_capabilities_ends_the_session() -> None:
    play = ready(Play(gate(), step=1000).s(GREETING)).c(b"CAPA\r\n").u(b"+OK\r\n" + b"X\r\n" * 10_000).s(b"")
    assert play.ended is not None


def test_e13_a_letter_of_any_size_is_not_gathered() -> None:
    play = ready(Play(gate(), step=100_000).s(GREETING)).c(b"RETR 1\r\n").u(b"+OK\r\n")
    tracemalloc.start()
    for _ in range(20):
        play.u(b"x" * 1_000_000)
        play.heard()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
    play.u(b"\r\n.\r\n").s(b"\r\n.\r\n")


@pytest.mark.parametrize(
    ("login", "said"),
    [
        (
            UpstreamLogin("PLAIN", "gate", "pw", "alice@example.org"),
            b"AUTH PLAIN " + b64(b"alice@example.org\0gate\0pw"),
        ),
        (
            UpstreamLogin("OAUTHBEARER", "alice", "t.t"),
            b"AUTH OAUTHBEARER " + b64(b"n,a=alice,\1host=mail.example.org\1port=143\1auth=Bearer t.t\1\1"),
        ),
    ],
)
def test_ways_to_log_in_upstream(login: UpstreamLogin, said: bytes) -> None:
    play = opening(Play(gate()).s(GREETING), login).u(b"+OK hi\r\n").up(said + b"\r\n")
    play.u(b"+OK in\r\n").s(b"+OK Logged in.\r\n")


def test_a_master_user_comes_by_user_and_pass() -> None:
    play = opening(Play(gate()).s(GREETING), UpstreamLogin("LOGIN", "alice*gate", "p w")).u(b"+OK hi\r\n")
    play.up(b"USER alice*gate\r\n").u(b"+OK\r\n").up(b"PASS p w\r\n").u(b"+OK in\r\n").s(b"+OK Logged in.\r\n")


def test_a_response_that_is_too_long_for_its_command_comes_after_it() -> None:
    """RFC 5034, section 4."""
    token = "t" * 300
    play = opening(Play(gate()).s(GREETING), replace(LOGIN, secret=token)).u(b"+OK hi\r\n").up(b"AUTH XOAUTH2\r\n")
    whole = b64(b"user=alice@example.org\1auth=Bearer %b\1\1" % token.encode())
    play.u(b"+ \r\n").up(whole + b"\r\n").u(b"+OK in\r\n").s(b"+OK Logged in.\r\n")


@pytest.mark.parametrize(
    "login",
    [
        UpstreamLogin("LOGIN", "alice\r\nQUIT", "pw"),
        UpstreamLogin("LOGIN", "alice", ""),
        UpstreamLogin("PLAIN", "gate", "p\0w"),
        UpstreamLogin("XOAUTH2", "alice\1auth=Bearer other", "t"),
        UpstreamLogin("NONE", "alice", ""),
    ],
)
def test_a_login_that_would_change_the_protocol_is_not_sent(login: UpstreamLogin) -> None:
    play = opening(Play(gate()).s(GREETING), login).u(b"+OK hi\r\n")
    assert b"QUIT" not in play.to_server
    assert b"AUTH" not in play.to_server
    play.u(b"+OK\r\n")
    assert b"[SYS/TEMP]" in play.to_client
    assert play.ended is not None


def test_utf8_is_offered_once_a_server_was_heard_to_have_it() -> None:
    """RFC 6856: the command comes before the login, when nobody knows yet whose server it will be."""
    shared = settings()
    first = Play(Pop3Gate(shared)).s(GREETING).c(b"UTF8\r\n").s(b"-ERR UTF8 is not offered.\r\n")
    opening(first).u(b"+OK hi\r\n").up(b"CAPA\r\n").u(b"+OK\r\nUIDL\r\nUTF8 USER\r\n.\r\n")
    first.up(b"AUTH XOAUTH2 " + XOAUTH2 + b"\r\n").u(b"+OK in\r\n").s(b"+OK Logged in.\r\n")
    second = Play(Pop3Gate(shared)).s(GREETING).c(b"CAPA\r\n")
    assert b"\r\nUTF8 USER\r\n" in second.heard()
    opening(second.c(b"UTF8\r\n").s(b"+OK UTF8.\r\n")).u(b"+OK hi\r\n")
    second.up(b"UTF8\r\nAUTH XOAUTH2 " + XOAUTH2 + b"\r\n").u(b"+OK\r\n+OK in\r\n").s(b"+OK Logged in.\r\n")


def test_a_server_without_capabilities_is_asked_once() -> None:
    shared = settings()
    opening(Play(Pop3Gate(shared)).s(GREETING)).u(b"+OK hi\r\n").up(b"CAPA\r\n").u(b"-ERR what?\r\n")
    later = opening(Play(Pop3Gate(shared)).s(GREETING)).u(b"+OK hi\r\n")
    later.up(b"AUTH XOAUTH2 " + XOAUTH2 + b"\r\n")


def test_nothing_is_told_to_a_server_that_does_not_trust_us() -> None:
    assert FORWARD.address == "192.0.2.7"
    opening(Play(gate()).s(GREETING)).u(b"+OK hi\r\n").up(b"AUTH XOAUTH2 " + XOAUTH2 + b"\r\n")


# -- every cut ------------------------------------------------------------------------------------------------------

ASKED = b"CAPA\r\nSTAT\r\nLIST\r\nRETR 1\r\nSTLS\r\nUIDL 1\r\nDELE 9\r\nQUIT\r\n"
SAID = (
    b"+OK\r\nSASL PLAIN\r\nUIDL\r\n.\r\n+OK 1 9\r\n+OK\r\n.\r\n+OK 9 octets\r\nx\r\n\r\n..\r\n.\r\n"
    b"+OK 1 abc\r\n-ERR [SYS/PERM] no\r\n+OK bye\r\n"
)
HEARD = SAID.replace(b"SASL PLAIN\r\n", b"").replace(b"+OK 1 abc", b"-ERR Already logged in.\r\n+OK 1 abc")


def test_a_session_cut_at_every_octet_is_the_same() -> None:
    for at in range(len(SAID) + 1):
        play = ready(Play(gate()).s(GREETING)).c(ASKED).u(SAID[:at]).u(SAID[at:]).s(HEARD)
        assert play.ended is not None
    for at in range(len(ASKED) + 1):
        play = ready(Play(gate()).s(GREETING)).c(ASKED[:at]).c(ASKED[at:]).up(ASKED.replace(b"STLS\r\n", b""))
        play.u(SAID).s(HEARD)


def test_a_server_that_leaves_anywhere_leaves_no_half_line_of_ours() -> None:
    for at in range(len(SAID)):
        play = ready(Play(gate()).s(GREETING)).c(ASKED).u(SAID[:at]).lost()
        assert play.ended is not None
        assert play.ended.data == b""
        assert HEARD.startswith(play.to_client)


# -- fuzz -----------------------------------------------------------------------------------------------------------

WORDS = [b"USER alice", b"PASS x", b"AUTH PLAIN", b"AUTH", b"CAPA", b"STLS", b"NOOP", b"QUIT", b"*", b"AGEAYg=="]
FRAGMENTS = st.sampled_from([*WORDS, b" ", b"\r\n", b"\n", b"\r", b"\0", b"="])


@given(st.lists(FRAGMENTS | st.binary(max_size=6), max_size=40).map(b"".join))
def test_whatever_a_stranger_says_the_answer_does_not_depend_on_its_pieces(data: bytes) -> None:
    plays = [Play(gate(), step=step).c(data) for step in (0, 1, 7)]
    whole = plays[0]
    for play in plays[1:]:
        assert play.to_client == whole.to_client
        assert play.orders == whole.orders
        assert (play.ended is None) == (whole.ended is None)
    assert not any(isinstance(order, (Open, Hold)) for order in whole.orders)


COMMANDS = st.sampled_from([b"STAT", b"LIST", b"LIST 1", b"CAPA", b"RETR 1", b"USER x", b"XTND", b"UIDL"])
ANSWERS = st.sampled_from([b"+OK\r\n", b"-ERR no\r\n", b".\r\n", b"line\r\n", b"..\r\n", b"\r\n", b"half", b"STLS\r\n"])


@given(st.lists(COMMANDS, max_size=8), st.lists(ANSWERS | st.binary(max_size=4), max_size=20).map(b"".join))
def test_whatever_a_server_says_the_answer_does_not_depend_on_its_pieces(asked: list[bytes], said: bytes) -> None:
    commands = b"".join(each + b"\r\n" for each in asked)
    plays = [ready(Play(gate()).s(GREETING)).c(commands) for _ in range(3)]
    for step, play in zip((0, 1, 7), plays, strict=True):
        play.step = step
        play.u(said)
    whole = plays[0]
    for play in plays[1:]:
        assert play.to_client == whole.to_client
        assert (play.ended is None) == (whole.ended is None)
