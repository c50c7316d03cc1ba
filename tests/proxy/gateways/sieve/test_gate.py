"""The ManageSieve gate as a transcript, whole and in pieces; the attacks of the list that concern it."""

import base64
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.authority import UpstreamLogin
from kernel.reasons import Reason
from proxy.gateways.sieve.gate import SPENT, SieveGate
from proxy.gateways.sieve.grammar import Bad, Reader, Sentences
from proxy.relays.gate import Ask, Hold, Open, Pause, StartTls, StartTlsUp
from tests.proxy.gateways.transcript import ISSUER, LOGIN, Play, admitted, refused, settings

EXTENSIONS = b'"SIEVE" "fileinto envelope reject vacation imap4flags subaddress relational copy"\r\n'
WAYS = b"PLAIN LOGIN OAUTHBEARER XOAUTH2"
XCLIENT = b"XCLIENT ADDR=192.0.2.7 PORT=51000 SESSION=s_abc\r\n"
XOAUTH2 = base64.b64encode(b"user=alice@example.org\1auth=Bearer minted.token\1\1")
SERVER = b'"IMPLEMENTATION" "Pigeonhole"\r\n"SIEVE" "fileinto regex"\r\n"SASL" "XOAUTH2"\r\n"XCLIENT"\r\nOK "hi"\r\n'


def offers(ways: bytes = WAYS, text: bytes = b"gate.example.org ready.", tls: bytes = b"") -> bytes:
    head = b'"IMPLEMENTATION" "gate.example.org"\r\n' + EXTENSIONS
    return head + b'"SASL" "%b"\r\n"VERSION" "1.0"\r\n%bOK "%b"\r\n' % (ways, tls, text)


CLEAR = offers(b"", tls=b'"STARTTLS"\r\n')


def b64(text: bytes) -> bytes:
    return base64.b64encode(text)


def fresh(step: int = 0, **bounds: int) -> Play:
    return Play(SieveGate(settings(**bounds)), step=step).s(offers())


@pytest.fixture(params=[0, 1, 3], ids=["whole", "octets", "threes"])
def play(request: pytest.FixtureRequest) -> Play:
    return fresh(request.param)


def judging(play: Play) -> Play:
    play.c(b'AUTHENTICATE "PLAIN" "%b"\r\n' % b64(b"\0alice\0secret"))
    assert play.asked() == Ask(name="alice", password="secret")
    return play


def opening(play: Play, login: UpstreamLogin = LOGIN, *, secure: bool = True) -> Play:
    return judging(play).judged(admitted()).opened().reached(login, secure=secure)


def ready(play: Play) -> Play:
    opening(play).u(SERVER).up(XCLIENT + b'AUTHENTICATE "XOAUTH2" "%b"\r\n' % XOAUTH2)
    play.u(b'OK "Updated"\r\nOK "in"\r\n').s(b'OK "Logged in."\r\n')
    assert play.orders == [Hold()]
    play.orders.clear()
    return play


# -- the way in -----------------------------------------------------------------------------------------------------


def test_a_session_from_greeting_to_logout(play: Play) -> None:
    play.c(b"CAPABILITY\r\n").s(offers(text=b"That is all."))
    play.c(b'NOOP "a tag"\r\nnoop\r\n').s(b'OK (TAG "a tag") "Done."\r\nOK "Done."\r\n')
    ready(play)
    script = b'require "fileinto";\r\n# {5+}\r\nkeep;\r\n'
    play.c(b'PUTSCRIPT "mine" {%d+}\r\n%b\r\n' % (len(script), script))
    play.up(b'PUTSCRIPT "mine" {%d+}\r\n%b\r\n' % (len(script), script)).u(b"OK\r\n").s(b"OK\r\n")
    play.c(b'GETSCRIPT "mine"\r\n').up(b'GETSCRIPT "mine"\r\n')
    got = b"{%d}\r\n%b\r\nOK\r\n" % (len(script), script)
    play.u(got).s(got)
    play.c(b"LISTSCRIPTS\r\n").u(b'"mine" ACTIVE\r\n"other"\r\nOK "done"\r\n')
    play.s(b'"mine" ACTIVE\r\n"other"\r\nOK "done"\r\n')
    play.c(b"LOGOUT\r\n").up(b"LISTSCRIPTS\r\nLOGOUT\r\n").u(b'OK "bye"\r\n').s(b'OK "bye"\r\n')
    assert play.ended is not None
    assert play.ended.reason is None


def test_starttls_comes_before_everything_and_offers_anew() -> None:
    play = Play(SieveGate(settings()), secure=False).s(CLEAR)
    play.c(b'AUTHENTICATE "PLAIN"\r\n').s(b'NO (ENCRYPT-NEEDED) "Not without TLS; say STARTTLS first."\r\n').quiet()
    play.c(b"STARTTLS\r\n").s(b'OK "Begin TLS now."\r\n')
    assert play.orders == [StartTls()]
    play.orders.clear()
    play.tls(certificate=True).s(offers(WAYS + b" EXTERNAL", b"TLS is on."))
    play.c(b"STARTTLS\r\n").s(b'NO "TLS is on already."\r\n')


@pytest.mark.parametrize(
    ("mechanism", "response", "ask"),
    [
        (b"PLAIN", b"\0alice\0secret", Ask(name="alice", password="secret")),
        (b"plain", b"alice\0alice\0secret", Ask(name="alice", password="secret")),
        (b"XOAUTH2", b"user=alice\1auth=Bearer a.b.c\1\1", Ask(name="alice", token="a.b.c")),
        (b"OAUTHBEARER", b"n,a=alice,\1auth=Bearer a.b.c\1\1", Ask(name="alice", token="a.b.c")),
    ],
)
def test_mechanisms_by_every_kind_of_string(play: Play, mechanism: bytes, response: bytes, ask: Ask) -> None:
    play.c(b'AUTHENTICATE "%b" "%b"\r\n' % (mechanism, b64(response)))
    assert play.asked() == ask
    play.judged(refused(Reason.STALE)).heard()
    text = b64(response)
    play.c(b"authenticate {%d+}\r\n%b {%d+}\r\n%b\r\n" % (len(mechanism), mechanism, len(text), text))
    assert play.asked() == ask
    play.judged(refused(Reason.STALE)).heard()
    play.c(b'AUTHENTICATE "%b"\r\n' % mechanism).s(b'""\r\n').c(b"{%d+}\r\n%b\r\n" % (len(text), text))
    assert play.asked() == ask


def test_mechanism_login(play: Play) -> None:
    play.c(b'AUTHENTICATE "LOGIN"\r\n').s(b'"%b"\r\n' % b64(b"User Name\0"))
    play.c(b'"%b"\r\n' % b64(b"alice")).s(b'"%b"\r\n' % b64(b"Password\0")).c(b'"%b"\r\n' % b64(b"secret"))
    assert play.asked() == Ask(name="alice", password="secret")


def test_external_is_offered_with_a_certificate_alone() -> None:
    play = Play(SieveGate(settings()), certificate=True).s(offers(WAYS + b" EXTERNAL"))
    play.c(b'AUTHENTICATE "EXTERNAL" ""\r\n')
    assert play.asked() == Ask(external=True)
    fresh().c(b'AUTHENTICATE "EXTERNAL" ""\r\n').s(b'NO "No such mechanism here."\r\n').quiet()


# -- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "said", "heard"),
    [
        (Reason.CREDENTIALS, "", b'"User name or password is wrong."'),
        (Reason.POLICY, 'Only "managed" devices.', b'"Only \\"managed\\" devices. https://id/r/ABCD2345"'),
        (Reason.POLICY, "管理端末のみ", '"管理端末のみ https://id/r/ABCD2345"'.encode()),
        (Reason.STEP_UP, "evil\r\nOK", b'"evil  OK https://id/r/ABCD2345"'),
        (Reason.STALE, "", b'(TRYLATER) "The gate cannot confirm its facts; please try again shortly."'),
    ],
)
def test_refusals_are_in_the_persons_language_and_say_whose_fault_it_is(
    play: Play, reason: Reason, said: str, heard: bytes
) -> None:
    link = "https://id/r/ABCD2345" if b"https" in heard else ""
    judging(play).judged(refused(reason, said, link)).s(b"NO %b\r\n" % heard)
    play.c(b"NOOP\r\n").s(b'OK "Done."\r\n')


def test_a_refused_token_is_explained_before_it_is_refused(play: Play) -> None:
    """RFC 7628, section 3.2.2."""
    play.c(b'AUTHENTICATE "OAUTHBEARER" "%b"\r\n' % b64(b"n,,\1auth=Bearer bad\1\1"))
    play.asked()
    said = play.judged(refused(Reason.CREDENTIALS)).heard()
    assert json.loads(base64.b64decode(said[1:-3]))["openid-configuration"].startswith(ISSUER)
    play.c(b'"%b"\r\n' % b64(b"\1")).s(b'NO "User name or password is wrong."\r\n')


def test_upstream_down_is_our_trouble(play: Play) -> None:
    words = b'(TRYLATER) "The mail server is out of reach; please try again shortly."\r\n'
    judging(play).judged(admitted()).opened().lost().s(b"NO %bBYE %b" % (words, words))
    assert play.ended is not None
    assert play.ended.reason is Reason.UPSTREAM


# -- after the login ------------------------------------------------------------------------------------------------


def test_capabilities_after_login_are_the_servers_minus_what_is_spent(play: Play) -> None:
    ready(play).c(b"CAPABILITY\r\n").up(b"CAPABILITY\r\n")
    own = b'"IMPLEMENTATION" "Pigeonhole"\r\n"SIEVE" {14}\r\nfileinto regex\r\n"OWNER" "alice@example.org"\r\n'
    spent = b'"SASL" "PLAIN"\r\n"starttls"\r\n"XCLIENT"\r\n"UNAUTHENTICATE"\r\n{8}\r\nSTARTTLS\r\n'
    play.u(own + spent + b'OK "done"\r\n').s(own + b'OK "done"\r\n')
    play.c(b"NOOP\r\n").u(b"OK\r\n").s(b"OK\r\n")


@pytest.mark.parametrize(
    "order",
    [
        b'AUTHENTICATE "PLAIN" {4+}\r\nAAAA\r\n',
        b"unauthenticate\r\n",
        b"STARTTLS\r\n",
        b"XCLIENT ADDR=10.0.0.1\r\n",
    ],
)
def test_nobody_begins_another_login_behind_the_gate(play: Play, order: bytes) -> None:
    """Attack E9, and RFC 5804, section 2.14.1."""
    ready(play).c(order + b"NOOP\r\n").s(b'NO "Already logged in."\r\n').up(b"NOOP\r\n")


@pytest.mark.parametrize(
    "verb", [b'"UNAUTHENTICATE"', b"{14+}\r\nUNAUTHENTICATE", b"{16+}\r\nUNAUTHENTICATE\r\n", b"\tNOOP"]
)
def test_a_verb_that_is_no_word_is_no_command(play: Play, verb: bytes) -> None:
    ready(play).c(verb + b"\r\n").s(b'BYE "Protocol error: wrong syntax."\r\n').up(b"")


def test_pipelined_commands_are_served_one_after_the_other(play: Play) -> None:
    """Attack E7."""
    ready(play).c(b"LISTSCRIPTS\r\nSTARTTLS\r\n\r\nNOOP\r\n").up(b"LISTSCRIPTS\r\n").u(b'"x"\r\nNO {2}\r\n')
    play.up(b"").u(b"no\r\n").s(b'"x"\r\nNO {2}\r\nno\r\nNO "Already logged in."\r\n').up(b"NOOP\r\n")


def test_what_was_pipelined_behind_the_login_follows_it_once(play: Play) -> None:
    """Attack E7."""
    play.c(b'AUTHENTICATE "PLAIN" "%b"\r\nLISTSCRIPTS\r\n' % b64(b"\0alice\0secret"))
    play.asked()
    play.judged(admitted()).opened().reached().quiet().u(SERVER).u(b"OK\r\nOK\r\n").s(b'OK "Logged in."\r\n')
    assert play.to_server.endswith(b'"\r\nLISTSCRIPTS\r\n')


def test_nothing_pipelined_behind_a_failed_login_counts(play: Play) -> None:
    """Attack E7."""
    play.c(b'AUTHENTICATE "PLAIN" "%b"\r\nLISTSCRIPTS\r\nNOOP\r\n' % b64(b"\0alice\0wrong"))
    play.asked()
    play.judged(refused(Reason.CREDENTIALS))
    play.s(b'NO "User name or password is wrong."\r\nNO "Log in first."\r\nOK "Done."\r\n').quiet()


def test_an_answer_that_comes_before_the_command_is_whole_counts_once(play: Play) -> None:
    ready(play).c(b'PUTSCRIPT "big" {10+}\r\n12345').u(b'NO (QUOTA) "full"\r\n').s(b'NO (QUOTA) "full"\r\n')
    play.c(b"67890\r\nNOOP\r\n").up(b'PUTSCRIPT "big" {10+}\r\n1234567890\r\nNOOP\r\n')
    play.u(b"OK\r\n").s(b"OK\r\n")


def test_a_server_that_leaves_is_followed(play: Play) -> None:
    ready(play).u(b'BYE (TRYLATER) "shutting down"\r\n').s(b'BYE (TRYLATER) "shutting down"\r\n')
    assert play.ended is not None
    assert play.ended.reason is Reason.UPSTREAM


# -- the end --------------------------------------------------------------------------------------------------------


def test_a_falling_session_hears_bye_in_the_persons_language(play: Play) -> None:
    ready(play).dismissed(Reason.ENDED_BY_ADMIN, "終了されました。")
    play.s('BYE "終了されました。"\r\n'.encode())
    assert play.ended is not None
    assert play.ended.reason is Reason.ENDED_BY_ADMIN


def test_bye_does_not_break_a_literal() -> None:
    play = ready(fresh()).c(b'GETSCRIPT "x"\r\n').u(b"{10}\r\n12345").s(b"{10}\r\n12345")
    play.dismissed(Reason.STALE).s(b"").u(b"67890\r\nOK\r\n")
    words = b"The gate cannot confirm its facts; please try again shortly."
    play.s(b'67890\r\nBYE (TRYLATER) "%b"\r\n' % words)
    assert play.ended is not None
    lost = ready(fresh()).c(b'GETSCRIPT "x"\r\n').u(b"{10}\r\n12345").lost().s(b"{10}\r\n12345")
    assert lost.ended is not None
    idle = ready(fresh()).c(b'GETSCRIPT "x"\r\n').u(b"{10}\r\n12345").overdue().s(b"{10}\r\n12345")
    assert idle.ended is not None


def test_timeouts(play: Play) -> None:
    play.overdue().s(b'BYE "Too slow."\r\n')
    ready(fresh()).overdue().s(b'BYE "Too slow."\r\n')


# -- attacks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [0, 1])
def test_e1_what_came_in_clear_before_tls_never_was(step: int) -> None:
    play = Play(SieveGate(settings()), secure=False, step=step).s(CLEAR)
    play.c(b'STARTTLS\r\nAUTHENTICATE "PLAIN" "%b"\r\nNOOP {3+}\r\n' % b64(b"\0mallory\0x")).heard()
    assert play.orders == [StartTls()]
    play.orders.clear()
    play.tls().s(offers(text=b"TLS is on.")).c(b"NOOP\r\n").s(b'OK "Done."\r\n').quiet()


@pytest.mark.parametrize("size", [b"16385", b"4294967296", b"9999999999", b"99999999999"])
def test_e4_huge_literals(size: bytes) -> None:
    """Dovecot CVE-2026-27858: memory before the login."""
    tracemalloc.start()
    play = fresh().c(b"NOOP {%b+}\r\n" % size)
    assert play.heard().startswith(b'BYE "Protocol error: ')
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "line",
    [
        b"NOOP {3}\r\n",
        b"NOOP {-1+}\r\n",
        b'NOOP "x\\y"\r\n',
        b'NOOP "x\r\n',
        b'NOOP "{3+}\r\nabc',
        b"NOOP {0+}\r\n" * 9,
    ],
)
def test_e5_syntax_that_is_none_ends_it(play: Play, line: bytes) -> None:
    assert play.c(line + b"\r\n").heard().startswith(b'BYE "Protocol error: ')
    play.quiet()
    ended = ready(fresh()).c(line[:12] + b"\r\n") if b"{0+}" not in line else ready(fresh()).c(b'PUTSCRIPT "x\r\n')
    assert ended.heard().startswith(b'BYE "Protocol error: ')
    ended.up(b"")


def test_e5_endless_lines_are_cut() -> None:
    endless = b"NOOP " + b"x" * 5_000_000
    tracemalloc.start()
    play = Play(SieveGate(settings(line=1000)), step=100).c(endless)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20
    assert play.heard().endswith(b'BYE "Protocol error: line too long."\r\n')


def test_e6_a_literal_behind_a_refused_command_is_no_command(play: Play) -> None:
    play.c(b"LISTSCRIPTS {8+}\r\nLOGOUT\r\n\r\nNOOP\r\n").s(b'NO "Log in first."\r\nOK "Done."\r\n').quiet()


@pytest.mark.parametrize("line", [b"NOOP\nNOOP\r\n", b"NO\rOP\r\n", b"NOOP\0\r\n", b"NOOP {3+}\nabc\r\n"])
def test_e8_bare_cr_lf_and_nul(play: Play, line: bytes) -> None:
    play.c(line).s(b'BYE "Protocol error: lines end in CR LF."\r\n')
    play.quiet()
    logged_in = ready(fresh()).c(line).up(b"")
    assert logged_in.ended is not None


@pytest.mark.parametrize("response", [b"bob\0alice\0secret", b"\0alice\0sec\0ret", b"alice", b"", b"\0al\xffice\0x"])
def test_e10_credentials_that_are_none(play: Play, response: bytes) -> None:
    play.c(b'AUTHENTICATE "PLAIN"\r\n').s(b'""\r\n').c(b'"%b"\r\n' % b64(response))
    play.s(b'NO "The credential is malformed."\r\n').quiet()


def test_e10_cancelled_not_base64_and_no_string(play: Play) -> None:
    play.c(b'AUTHENTICATE "PLAIN"\r\n').s(b'""\r\n').c(b'"*"\r\n').s(b'NO "Cancelled."\r\n')
    play.c(b'AUTHENTICATE "PLAIN" "%%%"\r\n').s(b'NO "The credential is malformed."\r\n')
    play.c(b'AUTHENTICATE "PLAIN"\r\n').s(b'""\r\n').c(b"NOOP\r\n").s(b'NO "A string is expected."\r\n').quiet()


@pytest.mark.parametrize("mechanism", [b"SCRAM-SHA-256-PLUS", b"CRAM-MD5", b"EXTERNAL", b"\xff\xfe"])
def test_e11_unknown_mechanisms(play: Play, mechanism: bytes) -> None:
    play.c(b'AUTHENTICATE "%b"\r\n' % mechanism).s(b'NO "No such mechanism here."\r\n').quiet()


def test_e14_commands_errors_and_what_is_sent_ahead_are_bounded() -> None:
    play = fresh(commands=5).c(b"NOOP\r\n" * 6)
    play.s(b'OK "Done."\r\n' * 5 + b'BYE "Too many commands before the login."\r\n')
    fresh(errors=3).c(b"X\r\n\r\nY\r\n").s(b'NO "Log in first."\r\n' * 3 + b'BYE "Too many errors."\r\n')
    ahead = judging(fresh()).c(b"NOOP\r\n" * 20_000)
    assert ahead.orders == [Pause()]


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1\r\n", b"EHLO there\r\n", b"Host: x.example\r\n"])
def test_e16_visitors_from_another_protocol_are_sent_away(play: Play, line: bytes) -> None:
    play.c(line).s(b'BYE "This is a ManageSieve server."\r\n')


# -- the upstream ---------------------------------------------------------------------------------------------------


def nothing_given_away(play: Play) -> None:
    assert b"minted" not in play.to_server
    assert XOAUTH2 not in play.to_server
    assert b"(TRYLATER)" in play.to_client
    assert play.ended is not None


@pytest.mark.parametrize(
    "greeting",
    [
        b'NO "no"\r\n',
        b'BYE "no"\r\n',
        b"* OK IMAP\r\n",
        SERVER + b"OK\r\n",
        b'"x\r\n',
        b"x" * 20_000,
        b'"A" "b"\r\n' * 200,
    ],
)
def test_e2_no_credential_for_a_strange_greeting(greeting: bytes) -> None:
    nothing_given_away(opening(fresh()).u(greeting))


@pytest.mark.parametrize("reply", [b"NO\r\n", b"OK\r\n" + SERVER, b"OK\r\nx", b'"A"\r\n'])
def test_e2_starttls_that_is_stripped_or_answered_early(reply: bytes) -> None:
    play = opening(fresh(), secure=False).u(b'"STARTTLS"\r\nOK\r\n').up(b"STARTTLS\r\n").u(reply)
    nothing_given_away(play)
    nothing_given_away(opening(fresh(), secure=False).u(SERVER))


def test_starttls_upstream_forgets_what_was_said_in_clear() -> None:
    play = opening(fresh(), secure=False).u(b'"STARTTLS"\r\n"XCLIENT"\r\nOK\r\n').up(b"STARTTLS\r\n").u(b"OK\r\n")
    assert play.orders == [StartTlsUp()]
    play.tls_up().up(b"").u(b'"SIEVE" "fileinto"\r\nOK\r\n').up(b'AUTHENTICATE "XOAUTH2" "%b"\r\n' % XOAUTH2)


@pytest.mark.parametrize(
    "reply", [b"NO\r\n", b'"challenge"\r\n', b"OK\r\nOK\r\n", b"BYE\r\n", b"{99999}\r\n", b"+\r\n"]
)
def test_e12_a_login_that_the_server_does_not_play_by_the_rules(reply: bytes) -> None:
    play = opening(fresh()).u(b"OK\r\n").u(reply)
    assert play.heard().startswith(b"NO (TRYLATER) ")
    assert play.ended is not None


@pytest.mark.parametrize("said", [b"OK\r\n", b'"x"\r\n', b"{5}\r\nhello\r\n", b"* BYE\r\n", b"OK\n", b"x" * 20_000])
def test_e12_what_nobody_asked_is_not_passed_on(said: bytes) -> None:
    play = ready(fresh()).u(said)
    play.s(b'BYE (TRYLATER) "The mail server is out of reach; please try again shortly."\r\n')
    assert play.ended is not None
    assert play.ended.reason is Reason.UPSTREAM


def test_e12_capabilities_without_end_end_the_session() -> None:
    play = ready(fresh(step=1000)).c(b"CAPABILITY\r\n").u(b'"X" {1000000}\r\n' + b"x" * 100_000).s(b"")
    assert play.ended is not None


def test_e13_scripts_of_any_size_are_not_gathered() -> None:
    play = ready(fresh(step=100_000)).c(b'PUTSCRIPT "x" {20000000+}\r\n')
    tracemalloc.start()
    for _ in range(20):
        play.c(b"x" * 1_000_000)
        play.to_server = b""
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
    play.c(b"\r\n").u(b"OK\r\n").s(b"OK\r\n")


@pytest.mark.parametrize(
    ("login", "said"),
    [
        (UpstreamLogin("PLAIN", "gate", "pw", "al@x.org"), b'"PLAIN" "%b"' % b64(b"al@x.org\0gate\0pw")),
        (UpstreamLogin("LOGIN", "alice*gate", "p w"), b'"PLAIN" "%b"' % b64(b"\0alice*gate\0p w")),
        (
            UpstreamLogin("OAUTHBEARER", "alice", "t" * 900),
            b'"OAUTHBEARER" {1276+}\r\n%b'
            % b64(b"n,a=alice,\1host=mail.example.org\1port=143\1auth=Bearer %b\1\1" % (b"t" * 900)),
        ),
    ],
)
def test_ways_to_log_in_upstream(login: UpstreamLogin, said: bytes) -> None:
    play = opening(fresh(), login).u(b"OK\r\n").up(b"AUTHENTICATE %b\r\n" % said)
    play.u(b'OK (SASL "x") "in"\r\n').s(b'OK "Logged in."\r\n')


@pytest.mark.parametrize(
    "login",
    [
        UpstreamLogin("LOGIN", "alice\r\nLOGOUT", "pw"),
        UpstreamLogin("XOAUTH2", "alice\1auth=Bearer other", "t"),
        UpstreamLogin("NONE", "alice", ""),
    ],
)
def test_a_login_that_would_change_the_protocol_is_not_sent(login: UpstreamLogin) -> None:
    play = opening(fresh(), login).u(b"OK\r\n").up(b"")
    assert b"(TRYLATER)" in play.to_client
    assert play.ended is not None


def test_the_greeting_names_what_the_server_was_heard_to_offer() -> None:
    shared = settings()
    ready(Play(SieveGate(shared)).s(offers()))
    later = Play(SieveGate(shared)).heard()
    assert b'"SIEVE" "fileinto regex"\r\n' in later
    assert b"XCLIENT" not in later
    shared.learnt["NOTIFY"] = 'mail"to\r\n'
    assert b"NOTIFY" not in Play(SieveGate(shared)).heard()


# -- every cut ------------------------------------------------------------------------------------------------------

ASKED = (
    b'CAPABILITY\r\nPUTSCRIPT "x" {7+}\r\nkeep;\r\n\r\nUNAUTHENTICATE\r\n'
    b'GETSCRIPT {1+}\r\nx\r\nHAVESPACE "y" 99\r\nLOGOUT\r\n'
)
SAID = (
    b'"SASL" ""\r\n"OWNER" "al\\"ice"\r\nOK\r\n',
    b"NO {3}\r\nno!\r\n",
    b'{7}\r\nkeep;\r\n\r\nOK (WARNINGS) "done"\r\n',
    b"OK\r\n",
    b'OK "bye"\r\n',
)
HEARD = b"".join(SAID).replace(b'"SASL" ""\r\n', b"").replace(b"no!\r\n", b'no!\r\nNO "Already logged in."\r\n')


def test_a_session_cut_at_every_octet_is_the_same() -> None:
    for at in range(len(ASKED) + 1):
        play = ready(fresh()).c(ASKED[:at]).c(ASKED[at:])
        for said in SAID:
            play.u(said)
        play.s(HEARD).up(ASKED.replace(b"UNAUTHENTICATE\r\n", b""))
        assert play.ended is not None
    for said in SAID:
        for at in range(len(said)):
            play = ready(fresh()).c(ASKED)
            for each in SAID:
                pieces = (said[:at], said[at:]) if each is said else (each,)
                for piece in pieces:
                    play.u(piece)
            play.s(HEARD)


def test_a_server_that_leaves_anywhere_leaves_no_half_line_of_ours() -> None:
    whole = b"".join(SAID[:3])
    for at in range(len(whole)):
        play = ready(fresh()).c(ASKED).u(whole[:at]).lost()
        assert play.ended is not None
        said = play.to_client.removesuffix(play.ended.data)
        assert HEARD.startswith(said)
        assert play.ended.data == b"" or said.endswith(b"\r\n") or not said


# -- fuzz -----------------------------------------------------------------------------------------------------------

WORDS = [b"NOOP", b'AUTHENTICATE "PLAIN"', b' "AGEAYg=="', b"LOGOUT", b"STARTTLS", b"CAPABILITY", b'"*"']
FRAGMENTS = st.sampled_from([*WORDS, b" ", b"\r\n", b"\n", b"\r", b"\0", b'"', b"\\", b"{3+}", b"{3}", b"{0+}", b"("])


@given(st.lists(FRAGMENTS | st.binary(max_size=6), max_size=40).map(b"".join))
def test_whatever_a_stranger_says_the_answer_does_not_depend_on_its_pieces(data: bytes) -> None:
    plays = [fresh(step).c(data) for step in (0, 1, 7)]
    whole = plays[0]
    for play in plays[1:]:
        assert play.to_client == whole.to_client
        assert play.orders == whole.orders
        assert (play.ended is None) == (whole.ended is None)
    assert not any(isinstance(order, (Open, Hold)) for order in whole.orders)


COMMANDS = st.sampled_from(
    [b"NOOP\r\n", b"CAPABILITY\r\n", b'PUTSCRIPT "x" {3+}\r\nabc\r\n', b"STARTTLS\r\n", b'"x"\r\n']
)
ANSWERS = st.sampled_from(
    [b"OK\r\n", b"NO {2}\r\nno\r\n", b'"x" "y"\r\n', b"{3}\r\n", b"abc", b"BYE\r\n", b"\r\n", b'"SASL"\r\n']
)


@given(st.lists(COMMANDS | FRAGMENTS, max_size=8).map(b"".join), st.lists(ANSWERS, max_size=20).map(b"".join))
def test_whatever_a_server_says_the_answer_does_not_depend_on_its_pieces(asked: bytes, said: bytes) -> None:
    plays = [ready(fresh()) for _ in range(3)]
    for step, play in zip((0, 1, 7), plays, strict=True):
        play.step = step
        play.c(asked).u(said)
    whole = plays[0]
    for play in plays[1:]:
        assert play.to_client == whole.to_client
        assert play.to_server == whole.to_server
        assert (play.ended is None) == (whole.ended is None)


SPOKEN = st.sampled_from([b"UNAUTHENTICATE", b"{16+}\r\n", b"{0+}\r\n", b"{2+}\r\n", b"PUTSCRIPT ", b"x", b" "])


@given(st.lists(SPOKEN | FRAGMENTS, max_size=30).map(b"".join))
def test_whatever_a_client_says_the_server_hears_whole_commands_and_no_second_login(said: bytes) -> None:
    play = ready(fresh()).c(said)
    for _ in range(30):
        if play.ended is None and b"\n" in play.to_server:
            play.u(b"OK\r\n" if play.gate._state == "waiting" else b"")  # type: ignore[attr-defined]
    reader = Reader(10_000, client=True)
    reader.feed(play.to_server)
    sentences = Sentences(reader, 10_000)
    while (heard := sentences.next()) is not None:
        assert not isinstance(heard, Bad)
        assert heard.verb not in SPENT
        assert heard.verb
