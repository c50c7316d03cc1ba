"""The IMAP gate as a transcript, whole and one octet at a time; attacks E1-E16 of the list."""

import base64
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.authority import UpstreamLogin
from kernel.reasons import Reason
from proxy.gateways.imap.gate import ImapGate
from proxy.relays.gate import Ask, Hold, Open, Splice, StartTls, StartTlsUp
from tests.proxy.gateways.transcript import ISSUER, Play, admitted, refused, settings

GREETING = (
    b"* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID AUTH=PLAIN AUTH=LOGIN AUTH=OAUTHBEARER AUTH=XOAUTH2] "
    b"gate.example.org ready.\r\n"
)
IDENTITY = b'g2 ID ("x-originating-ip" "192.0.2.7" "x-originating-port" "51000" "x-session-id" "s_abc")\r\n'
XOAUTH2 = b"user=alice@example.org\1auth=Bearer minted.token\1\1"


def b64(text: bytes) -> bytes:
    return base64.b64encode(text)


@pytest.fixture(params=[0, 1, 3], ids=["whole", "octets", "threes"])
def play(request: pytest.FixtureRequest) -> Play:
    return Play(ImapGate(settings()), step=request.param).s(GREETING)


def clear(step: int = 0) -> Play:
    play = Play(ImapGate(settings()), secure=False, step=step)
    return play.s(b"* OK [CAPABILITY IMAP4rev1 LITERAL+ ID STARTTLS LOGINDISABLED] gate.example.org ready.\r\n")


# -- the way in -----------------------------------------------------------------------------------------------------


def test_a_session_from_greeting_to_splice(play: Play) -> None:
    play.c(b"a1 CAPABILITY\r\n").s(
        b"* CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID AUTH=PLAIN AUTH=LOGIN AUTH=OAUTHBEARER AUTH=XOAUTH2\r\n"
        b"a1 OK Done.\r\n"
    )
    play.c(b'a2 ID ("name" "Thunderbird" "x-originating-ip" "10.0.0.1")\r\n')
    play.s(b'* ID ("name" "gate.example.org")\r\na2 OK Done.\r\n')
    play.c(b"a3 LOGIN alice abcd-efgh\r\n")
    assert play.asked() == Ask(name="alice", password="abcd-efgh", client="Thunderbird")
    play.judged(admitted()).opened().reached()
    play.u(b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] ready\r\n")
    play.up(IDENTITY + b"g3 AUTHENTICATE XOAUTH2 " + b64(XOAUTH2) + b"\r\n")
    play.u(b"* ID NIL\r\ng2 OK\r\ng3 OK [CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN STARTTLS MOVE] Logged in\r\n")
    play.s(b"a3 OK [CAPABILITY IMAP4rev1 IDLE MOVE] Logged in.\r\n")
    hold, splice = play.orders
    assert hold == Hold("Thunderbird")
    assert isinstance(splice, Splice)
    assert splice.up == b""


def test_what_was_pipelined_behind_the_login_follows_it_once(play: Play) -> None:
    """Attack E7."""
    play.c(b"a LOGIN alice secret\r\nb SELECT INBOX\r\nc FETCH 1 BODY[]\r\n")
    play.asked()
    play.judged(admitted()).opened().reached().quiet()
    play.u(b"* OK ready\r\n").up(IDENTITY + b"g3 AUTHENTICATE XOAUTH2\r\n")
    play.u(b"+ \r\n").up(b64(XOAUTH2) + b"\r\n")
    play.u(b"* CAPABILITY IMAP4rev1\r\ng3 OK in\r\n").s(b"a OK [CAPABILITY IMAP4rev1] Logged in.\r\n")
    splice = play.orders[-1]
    assert isinstance(splice, Splice)
    assert splice.up == b"b SELECT INBOX\r\nc FETCH 1 BODY[]\r\n"


def test_nothing_pipelined_behind_a_failed_login_counts(play: Play) -> None:
    """Attack E7."""
    play.c(b"a LOGIN alice wrong\r\nb SELECT INBOX\r\nc NOOP\r\n")
    play.asked()
    play.judged(refused(Reason.CREDENTIALS))
    play.s(
        b"a NO [AUTHENTICATIONFAILED] User name or password is wrong.\r\nb BAD Log in first.\r\nc OK Done.\r\n"
    ).quiet()


@pytest.mark.parametrize(
    ("command", "name", "password"),
    [
        (b'a LOGIN "alice" "se\\"cr\\\\et"\r\n', "alice", 'se"cr\\et'),
        (b"a login {5+}\r\nalice {6+}\r\ns cret\r\n", "alice", "s cret"),
        ('a LOGIN alice "パス"\r\n'.encode(), "alice", "パス"),
        (b'a LOGIN alice@example.org "p(a{3}"\r\n', "alice@example.org", "p(a{3}"),
    ],
)
def test_spellings_of_login(play: Play, command: bytes, name: str, password: str) -> None:
    play.c(command)
    assert play.asked() == Ask(name=name, password=password)


def test_synchronising_literals_are_asked_for(play: Play) -> None:
    play.c(b"a LOGIN {5}\r\n").s(b"+ Go on.\r\n")
    play.c(b"alice {6}\r\n").s(b"+ Go on.\r\n")
    play.c(b"secret\r\n")
    assert play.asked() == Ask(name="alice", password="secret")


@pytest.mark.parametrize(
    ("mechanism", "response", "ask"),
    [
        (b"PLAIN", b"\0alice\0secret", Ask(name="alice", password="secret")),
        (b"plain", b"alice\0alice\0secret", Ask(name="alice", password="secret")),
        (b"XOAUTH2", b"user=alice\1auth=Bearer a.b.c\1\1", Ask(name="alice", token="a.b.c")),
        (b"OAUTHBEARER", b"n,,\1auth=Bearer a.b.c\1\1", Ask(token="a.b.c")),
        (
            b"OAUTHBEARER",
            b"n,a=al=2Cice,\1host=x\1port=993\1auth=Bearer a.b.c\1\1",
            Ask(name="al,ice", token="a.b.c"),
        ),
    ],
)
def test_mechanisms_with_and_without_initial_response(play: Play, mechanism: bytes, response: bytes, ask: Ask) -> None:
    play.c(b"a AUTHENTICATE %b %b\r\n" % (mechanism, b64(response)))
    assert play.asked() == ask
    play.judged(refused(Reason.STALE)).heard()
    play.c(b"b AUTHENTICATE %b\r\n" % mechanism).s(b"+ \r\n").c(b64(response) + b"\r\n")
    assert play.asked() == ask


def test_mechanism_login(play: Play) -> None:
    play.c(b"a AUTHENTICATE LOGIN\r\n").s(b"+ " + b64(b"User Name\0") + b"\r\n")
    play.c(b64(b"alice") + b"\r\n").s(b"+ " + b64(b"Password\0") + b"\r\n")
    play.c(b64(b"secret") + b"\r\n")
    assert play.asked() == Ask(name="alice", password="secret")


def test_external_is_offered_with_a_certificate_alone() -> None:
    play = Play(ImapGate(settings()), certificate=True)
    assert b" AUTH=EXTERNAL]" in play.heard()
    play.c(b"a AUTHENTICATE EXTERNAL =\r\n")
    assert play.asked() == Ask(external=True)
    without = Play(ImapGate(settings()))
    without.heard()
    without.c(b"a AUTHENTICATE EXTERNAL =\r\n").s(b"a NO [CANNOT] No such mechanism here.\r\n").quiet()


# -- the way out ----------------------------------------------------------------------------------------------------


def test_a_refused_token_is_explained_before_it_is_refused(play: Play) -> None:
    """RFC 7628, section 3.2.2."""
    play.c(b"a AUTHENTICATE OAUTHBEARER %b\r\n" % b64(b"n,,\1auth=Bearer bad\1\1"))
    play.asked()
    said = play.judged(refused(Reason.CREDENTIALS)).heard()
    assert said.startswith(b"+ ")
    assert said.endswith(b"\r\n")
    assert json.loads(base64.b64decode(said[2:])) == {
        "status": "invalid_token",
        "scope": "mail",
        "openid-configuration": f"{ISSUER}/.well-known/openid-configuration",
    }
    play.c(b64(b"\1") + b"\r\n").s(b"a NO [AUTHENTICATIONFAILED] User name or password is wrong.\r\n")
    play.c(b"b NOOP\r\n").s(b"b OK Done.\r\n")


@pytest.mark.parametrize(
    ("reason", "said", "heard"),
    [
        (Reason.POLICY, "Managed devices only.", b"[AUTHORIZATIONFAILED] Managed devices only. https://id/r/ABCD2345"),
        (
            Reason.POLICY,
            "管理端末のみ",
            b"[AUTHORIZATIONFAILED] The access policy does not allow this. https://id/r/ABCD2345",
        ),
        (
            Reason.WRONG_SERVICE,
            "",
            b"[AUTHORIZATIONFAILED] This app password was made for another service. https://id/r/ABCD2345",
        ),
        (Reason.STEP_UP, "evil\r\na OK in", b"[AUTHORIZATIONFAILED] evil  a OK in https://id/r/ABCD2345"),
    ],
)
def test_policy_speaks_in_its_own_words(play: Play, reason: Reason, said: str, heard: bytes) -> None:
    play.c(b"a LOGIN alice secret\r\n")
    play.asked()
    play.judged(refused(reason, said, "https://id/r/ABCD2345")).s(b"a NO %b\r\n" % heard)


@pytest.mark.parametrize("reason", [Reason.STALE, Reason.AUDIT, Reason.AUTHORITY, Reason.FAULT])
def test_our_own_trouble_asks_for_no_new_password(play: Play, reason: Reason) -> None:
    """Attack E17."""
    play.c(b"a LOGIN alice secret\r\n")
    play.asked()
    assert play.judged(refused(reason)).heard().startswith(b"a NO [UNAVAILABLE] ")


def test_upstream_down_is_said_at_once(play: Play) -> None:
    play.c(b"a LOGIN alice secret\r\nb SELECT INBOX\r\n")
    play.asked()
    play.judged(admitted()).opened().lost()
    words = b"The mail server is out of reach; please try again shortly."
    play.s(b"a NO [UNAVAILABLE] %b\r\n* BYE %b\r\n" % (words, words))
    assert play.ended is not None
    assert play.ended.reason is Reason.UPSTREAM


def test_logout_and_timeout(play: Play) -> None:
    play.c(b"a LOGOUT\r\n").s(b"* BYE Goodbye.\r\na OK Done.\r\n")
    assert play.ended is not None
    Play(ImapGate(settings())).overdue().s(GREETING + b"* BYE Too slow.\r\n")


@pytest.mark.parametrize(
    ("reason", "words", "said"),
    [
        (Reason.ENDED_BY_ADMIN, "This session was ended.", b"* BYE This session was ended.\r\n"),
        (
            Reason.STALE,
            "現在確認ができません。",
            b"* BYE [UNAVAILABLE] The gate cannot confirm its facts; please try again shortly.\r\n",
        ),
    ],
)
def test_a_falling_session_hears_why(play: Play, reason: Reason, words: str, said: bytes) -> None:
    """Attack E15: the words; that they come in time is shown over real sockets."""
    play.dismissed(reason, words).s(said)


# -- attacks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [0, 1])
def test_e1_what_came_in_clear_before_tls_never_was(step: int) -> None:
    play = clear(step)
    play.c(b"a STARTTLS\r\nb LOGIN mallory secret\r\n").s(b"a OK Begin TLS now.\r\n")
    assert play.orders == [StartTls()]
    play.orders.clear()
    play.tls().quiet()
    play.c(b"c NOOP\r\n").s(b"c OK Done.\r\n").quiet()


def test_e3_no_credential_before_tls_and_no_second_tls() -> None:
    play = clear()
    play.c(b"a LOGIN alice secret\r\n").s(b"a NO [PRIVACYREQUIRED] Not without TLS.\r\n").quiet()
    play.c(b"b AUTHENTICATE PLAIN\r\n").s(b"b NO [PRIVACYREQUIRED] Not without TLS.\r\n").quiet()
    play.c(b"c STARTTLS\r\n").heard()
    play.tls().c(b"d STARTTLS\r\n").s(b"d BAD TLS is on already.\r\n")


@pytest.mark.parametrize("size", [b"4294967296", b"18446744073709551617", b"99999999999999999999"])
def test_e4_huge_literals(size: bytes) -> None:
    tracemalloc.start()
    play = Play(ImapGate(settings())).s(GREETING)
    play.c(b"a LOGIN {%b}\r\n" % size).s(b"a BAD Protocol error: literal too big.\r\n")
    play.c(b"b NOOP\r\n").s(b"b OK Done.\r\n")
    play.c(b"c LOGIN {%b+}\r\n" % size).s(b"* BYE Protocol error: literal too big.\r\n")
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "line",
    [b"a LOGIN {-1}\r\n", b"a LOGIN {}\r\n", b"a LOGIN {1x}\r\n", b"a ID " + b"(" * 5000 + b")" * 5000 + b"\r\n"],
)
def test_e5_nonsense_is_refused(play: Play, line: bytes) -> None:
    play.c(line)
    assert play.heard().startswith((b"a BAD", b"* BYE"))
    play.quiet()


def test_e5_endless_line_is_cut() -> None:
    play = Play(ImapGate(settings(line=1000)), step=100).s(GREETING)
    play.c(b"a LOGIN " + b"x" * 10_000_000)
    play.s(b"* BYE Protocol error: line too long.\r\n")
    assert play.ended is not None


def test_e5_endless_sasl_line_is_cut() -> None:
    play = Play(ImapGate(settings(line=1000)), step=100).s(GREETING)
    play.c(b"a AUTHENTICATE PLAIN\r\n").s(b"+ \r\n").c(b"x" * 10_000_000).s(b"* BYE Protocol error.\r\n")


def test_e6_a_literal_behind_a_refused_command_is_no_command(play: Play) -> None:
    play.c(b"a SELECT {26+}\r\nb LOGIN alice stolen\r\nc NO\r\nd NOOP\r\n")
    play.s(b"a BAD Log in first.\r\nd OK Done.\r\n").quiet()


@pytest.mark.parametrize(
    "line", [b"a NOOP\nb NOOP\r\n", b"a NO\rOP\r\n", b"a NOOP\0\r\n", b"a LOGIN alice se\rcret\r\n"]
)
def test_e8_bare_cr_lf_and_nul(play: Play, line: bytes) -> None:
    play.c(line)
    assert play.heard().startswith(b"* BAD Protocol error: lines end in CR LF.\r\n")
    assert play.orders == []


def test_e8_a_bare_lf_does_not_hide_a_literal(play: Play) -> None:
    play.c(b"a LOGIN {10+}\nb NOOP\r\n\r\n").s(b"* BYE Protocol error: lines end in CR LF.\r\n")


@pytest.mark.parametrize(
    "response",
    [
        b"bob\0alice\0secret",
        b"\0alice\0sec\0ret",
        b"\0\0secret",
        b"alice",
        b"",
        b"\0alice\0",
        b"\0" + b"a" * 400 + b"\0x",
        b"\0al\xffice\0x",
    ],
)
def test_e10_plain_that_is_refused(play: Play, response: bytes) -> None:
    play.c(b"a AUTHENTICATE PLAIN\r\n").s(b"+ \r\n").c(b64(response) + b"\r\n")
    play.s(b"a NO [AUTHENTICATIONFAILED] The credential is malformed.\r\n").quiet()


@pytest.mark.parametrize(
    "response",
    [
        b"n,,\1auth=Basic x\1\1",
        b"y,,\1auth=Bearer x\1\1",
        b"n,,\1auth=Bearer x\1",
        b"n,,\1auth=Bearer x\1auth=Bearer y\1\1",
        b"n,b=x,\1auth=Bearer x\1\1",
        b"n,,\1auth=Bearer x y\1\1",
        b"p=tls-unique,,\1auth=Bearer x\1\1",
    ],
)
def test_e10_bearer_that_is_refused(play: Play, response: bytes) -> None:
    play.c(b"a AUTHENTICATE OAUTHBEARER %b\r\n" % b64(response))
    play.s(b"a NO [AUTHENTICATIONFAILED] The credential is malformed.\r\n").quiet()


def test_e10_cancelled_not_base64_and_too_long(play: Play) -> None:
    play.c(b"a AUTHENTICATE PLAIN\r\n").s(b"+ \r\n").c(b"*\r\n").s(b"a BAD Cancelled.\r\n")
    play.c(b"b AUTHENTICATE PLAIN\r\n").s(b"+ \r\n").c(b"%%%\r\n")
    play.s(b"b NO [AUTHENTICATIONFAILED] The credential is malformed.\r\n").quiet()


@pytest.mark.parametrize("mechanism", [b"SCRAM-SHA-256-PLUS", b"CRAM-MD5", b"NTLM", b"EXTERNAL", b"\xff\xfe"])
def test_e11_unknown_mechanisms(play: Play, mechanism: bytes) -> None:
    play.c(b"a AUTHENTICATE %b\r\n" % mechanism).s(b"a NO [CANNOT] No such mechanism here.\r\n").quiet()


def test_e14_commands_errors_and_held_back_octets_are_bounded() -> None:
    play = Play(ImapGate(settings(commands=5))).s(GREETING)
    play.c(b"a NOOP\r\n" * 6).s(b"a OK Done.\r\n" * 5 + b"* BYE Too many commands before the login.\r\n")
    play = Play(ImapGate(settings(errors=3))).s(GREETING)
    play.c(b"a X\r\n" * 3).s(b"a BAD Log in first.\r\n" * 3 + b"* BYE Too many errors.\r\n")
    play = Play(ImapGate(settings())).s(GREETING)
    play.c(b"a LOGIN a b\r\n")
    play.asked()
    play.c(b"x" * 70_000).s(b"* BYE Too much before the login.\r\n")


@pytest.mark.parametrize(
    "line", [b"GET / HTTP/1.1\r\n", b"POST /x HTTP/1.1\r\n", b"EHLO there\r\n", b"Host: x.example\r\n"]
)
def test_e16_visitors_from_another_protocol_are_sent_away(play: Play, line: bytes) -> None:
    play.c(line).s(b"* BYE This is an IMAP server.\r\n")


# -- the upstream ---------------------------------------------------------------------------------------------------


def opening(secure: bool = True, login: UpstreamLogin | None = None) -> Play:
    play = Play(ImapGate(settings())).s(GREETING).c(b"a LOGIN alice secret\r\n")
    play.asked()
    play.judged(admitted()).opened()
    return play.reached(login, secure=secure) if login else play.reached(secure=secure)


def nothing_given_away(play: Play) -> None:
    assert b"minted" not in play.to_server
    assert b64(XOAUTH2) not in play.to_server
    assert b"[UNAVAILABLE]" in play.to_client
    assert play.ended is not None


@pytest.mark.parametrize(
    "greeting",
    [b"* PREAUTH ready\r\n", b"* BYE no\r\n", b"hello\r\n", b"* OK hi\r\n* CAPABILITY X\r\n", b"x" * 20_000],
)
def test_e2_no_credential_for_a_strange_greeting(greeting: bytes) -> None:
    nothing_given_away(opening().u(greeting))


@pytest.mark.parametrize(
    "reply",
    [b"g1 NO not here\r\n", b"g1 BAD what\r\n", b"g1 OK go\r\n* CAPABILITY SASL-IR\r\n", b"* BYE\r\ng1 NO\r\n"],
)
def test_e2_starttls_that_is_stripped_or_answered_early(reply: bytes) -> None:
    play = opening(secure=False).u(b"* OK [CAPABILITY STARTTLS] hi\r\n").up(b"g1 STARTTLS\r\n").u(reply)
    nothing_given_away(play)


def test_starttls_upstream_forgets_what_was_said_in_clear() -> None:
    play = opening(secure=False).u(b"* OK [CAPABILITY STARTTLS SASL-IR] hi\r\n").up(b"g1 STARTTLS\r\n")
    play.u(b"g1 OK go\r\n")
    assert play.orders == [StartTlsUp()]
    play.tls_up().up(IDENTITY + b"g3 AUTHENTICATE XOAUTH2\r\n")


@pytest.mark.parametrize(
    "reply", [b"g3 NO no\r\n", b"a OK forged\r\n", b"* BYE\r\n", b"* X\r\n" * 200, b"* " + b"x" * 20_000]
)
def test_e12_the_upstream_is_bounded_and_not_believed(reply: bytes) -> None:
    play = opening().u(b"* OK [CAPABILITY SASL-IR] hi\r\n").u(reply)
    assert play.heard().startswith(b"a NO [UNAVAILABLE] ")
    assert play.ended is not None


def test_a_refused_token_upstream_is_our_trouble() -> None:
    play = opening().u(b"* OK [CAPABILITY SASL-IR] hi\r\n").u(b"g2 OK\r\n+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")
    assert play.to_server.endswith(b"\r\n\r\n")
    assert play.u(b"g3 NO no\r\n").heard().startswith(b"a NO [UNAVAILABLE] ")


@pytest.mark.parametrize(
    ("login", "command"),
    [
        (
            UpstreamLogin("PLAIN", "gate", "pw", "alice@example.org"),
            b"AUTHENTICATE PLAIN " + b64(b"alice@example.org\0gate\0pw"),
        ),
        (UpstreamLogin("LOGIN", "alice*gate", 'p"w'), b'LOGIN "alice*gate" "p\\"w"'),
        (
            UpstreamLogin("OAUTHBEARER", "alice", "t.t"),
            b"AUTHENTICATE OAUTHBEARER " + b64(b"n,a=alice,\1host=mail.example.org\1port=143\1auth=Bearer t.t\1\1"),
        ),
    ],
)
def test_ways_to_log_in_upstream(login: UpstreamLogin, command: bytes) -> None:
    play = opening(login=login).u(b"* OK [CAPABILITY SASL-IR] hi\r\n").up(IDENTITY + b"g3 %b\r\n" % command)
    assert play.u(b"g3 OK in\r\n").heard() == b"a OK Logged in.\r\n"


@pytest.mark.parametrize(
    "login",
    [
        UpstreamLogin("LOGIN", "alice\r\nx LOGOUT", "pw"),
        UpstreamLogin("PLAIN", "gate", "p\0w"),
        UpstreamLogin("XOAUTH2", "alice\1auth=Bearer other", "t"),
        UpstreamLogin("KERBEROS", "alice", "t"),
    ],
)
def test_a_login_that_would_change_the_protocol_is_not_sent(login: UpstreamLogin) -> None:
    play = opening(login=login).u(b"* OK [CAPABILITY SASL-IR] hi\r\n").up(b"")
    assert b"[UNAVAILABLE]" in play.to_client


# -- fuzz -----------------------------------------------------------------------------------------------------------

FRAGMENTS = st.sampled_from(
    [
        b"a ",
        b"LOGIN ",
        b"AUTHENTICATE PLAIN",
        b" ",
        b"\r\n",
        b"\n",
        b"\r",
        b"{3}",
        b"{3+}",
        b"{0}",
        b'"',
        b"\\",
        b"(",
        b")",
        b"\0",
        b"alice",
        b"ID ",
        b"NOOP",
    ]
)


@given(st.lists(FRAGMENTS | st.binary(max_size=6), max_size=40).map(b"".join))
def test_whatever_comes_the_answer_does_not_depend_on_its_pieces(data: bytes) -> None:
    plays = [Play(ImapGate(settings()), step=step).c(data) for step in (0, 1, 7)]
    whole = plays[0]
    for play in plays[1:]:
        assert play.to_client == whole.to_client
        assert play.orders == whole.orders
        assert (play.ended is None) == (whole.ended is None)
    assert not any(isinstance(order, (Open, Splice)) for order in whole.orders)
