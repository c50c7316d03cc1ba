"""What the Authority must answer, whether it is asked in process or over its socket: a class that both inherit."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing
from pathlib import Path
from typing import Any, cast

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from kernel.audit import Decided, SessionEnded, UserChanged
from kernel.authority import Attempt, Authority, MintOrder, NotVerified, Policy, Subject, SubjectKey, Verified
from kernel.problems import Refused, Unavailable
from kernel.reasons import Reason
from kernel.records.changes import POLICY, device_handle, signin_handle, user_handle
from kernel.records.devices import Proof, Trust
from kernel.records.oidc import OidcClient
from kernel.records.policy import PolicyRevision
from kernel.records.sessions import Grant, LiveSession, RouteCookie
from kernel.records.trials import PolicyTrial
from tests.idp.authority.site import AWAY, HOME, House, house


def imap(**fields: Any) -> Attempt:
    return Attempt("imap", HOME, **fields)


def verified(answer: Verified | NotVerified) -> Verified:
    assert isinstance(answer, Verified)
    return answer


def refused(answer: Verified | NotVerified) -> Reason:
    assert isinstance(answer, NotVerified)
    return answer.reason


def claims_of(token: str) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(jws.extract_compact(token.encode()).payload))


class AuthorityConformance:
    """The suite. The heir says how the Authority is reached."""

    def reached(self, home: House) -> AbstractAsyncContextManager[Authority]:
        raise NotImplementedError

    @pytest.fixture
    async def home(self, tmp_path: Path) -> AsyncIterator[House]:
        async with house(tmp_path) as home:
            yield home

    @pytest.fixture
    async def authority(self, home: House) -> AsyncIterator[Authority]:
        async with self.reached(home) as authority:
            yield authority

    # --- app passwords -------------------------------------------------------------------------------------------

    async def test_an_app_password_names_its_person_and_device(self, home: House, authority: Authority) -> None:
        ap, secret = await home.app_password("imap")
        answer = verified(await authority.verify(imap(name="anna", password=secret)))
        assert answer.subject.key == SubjectKey(home.anna.id, home.laptop.id, Proof.APP_PASSWORD, credential_id=ap)
        assert answer.subject.user == home.anna and answer.subject.device == home.laptop
        assert set(answer.subject.handles) == {
            f"user:{home.anna.id}",
            f"device:{home.laptop.id}",
            f"credential:{ap}",
        }
        assert answer.denied is None and answer.subject.fallen is None
        assert answer.good_until > home.clock.now()

    @pytest.mark.parametrize("name", ["anna", "ANNA", " Anna@Example.COM ", "anna"])
    async def test_the_name_may_be_spelt_as_people_spell(self, home: House, authority: Authority, name: str) -> None:
        _, secret = await home.app_password()
        assert verified(await authority.verify(imap(name=name, password=secret))).subject.user.name == "anna"

    @pytest.mark.parametrize("name", ["ben", "nobody", "", "anna\x00", "*", "anna@example.org", "a" * 300])
    async def test_another_name_gets_in_with_no_secret(self, home: House, authority: Authority, name: str) -> None:
        _, secret = await home.app_password()
        assert refused(await authority.verify(imap(name=name, password=secret))) is Reason.CREDENTIALS

    @pytest.mark.parametrize("password", ["wrong", "x" * 100_000, "\x00", "パスワード"])
    async def test_a_wrong_password_is_refused(self, home: House, authority: Authority, password: str) -> None:
        assert refused(await authority.verify(imap(name="anna", password=password))) is Reason.CREDENTIALS

    async def test_the_account_password_opens_no_mail(self, home: House, authority: Authority) -> None:
        await home.accounts.set_password("admin:root", home.anna.id, "violet tractor sings")
        answer = await authority.verify(imap(name="anna", password="violet tractor sings"))
        assert refused(answer) is Reason.CREDENTIALS

    async def test_one_made_for_another_service_is_known_and_denied(self, home: House, authority: Authority) -> None:
        _, secret = await home.app_password("submission")
        answer = verified(await authority.verify(imap(name="anna", password=secret)))
        assert answer.denied is Reason.WRONG_SERVICE

    @pytest.mark.parametrize("trust", [Trust.LOST, Trust.REVOKED])
    async def test_a_lost_devices_password_still_verifies_so_that_the_rule_can_speak(
        self, home: House, authority: Authority, trust: Trust
    ) -> None:
        _, secret = await home.app_password()
        await home.devices.set_trust("admin:root", home.laptop.id, trust)
        answer = verified(await authority.verify(imap(name="anna", password=secret)))
        assert answer.subject.device is not None and answer.subject.device.trust is trust
        assert answer.subject.fallen is None and answer.denied is None

    async def test_a_revoked_one_is_not_verified_and_its_sessions_fall(self, home: House, authority: Authority) -> None:
        ap, secret = await home.app_password()
        key = verified(await authority.verify(imap(name="anna", password=secret))).subject.key
        await home.accounts.revoke_app_password("user:anna", ap)
        assert refused(await authority.verify(imap(name="anna", password=secret))) is Reason.CREDENTIAL_REVOKED
        subject = await authority.facts(key)
        assert subject is not None and subject.fallen is Reason.CREDENTIAL_REVOKED

    async def test_a_disabled_person_is_named_as_such(self, home: House, authority: Authority) -> None:
        _, secret = await home.app_password()
        await home.accounts.set_disabled("admin:root", home.anna.id, True)
        assert verified(await authority.verify(imap(name="anna", password=secret))).subject.user.disabled

    # --- failures ------------------------------------------------------------------------------------------------

    async def test_failures_are_written_down_and_slowed(self, home: House, authority: Authority) -> None:
        answers = [await authority.verify(imap(name="anna", password=f"guess {n}")) for n in range(8)]
        assert refused(answers[0]) is Reason.CREDENTIALS
        last = answers[-1]
        assert isinstance(last, NotVerified) and last.reason is Reason.THROTTLED and last.retry_after > 0
        events = await home.events("credential-refused")
        assert {event["user"] for event in events} == {"anna"} and {event["service"] for event in events} == {"imap"}
        assert "guess" not in json.dumps(events)

    async def test_a_right_password_gets_in_whatever_strangers_do(self, home: House, authority: Authority) -> None:
        _, secret = await home.app_password()
        for number in range(12):
            await authority.verify(imap(name="anna", password=f"guess {number}"))
        verified(await authority.verify(imap(name="anna", password=secret)))

    async def test_unknown_names_are_slowed_the_same(self, home: House, authority: Authority) -> None:
        async def answers(name: str) -> list[NotVerified]:
            return [cast(NotVerified, await authority.verify(imap(name=name, password=f"x{n}"))) for n in range(7)]

        assert await answers("anna") == await answers("nobody")

    async def test_a_client_that_repeats_one_wrong_secret_is_not_guessing(
        self, home: House, authority: Authority
    ) -> None:
        answers = [await authority.verify(imap(name="anna", password="stale")) for _ in range(50)]
        assert {refused(answer) for answer in answers} == {Reason.CREDENTIALS}

    async def test_tokens_out_of_date_shut_nobody_out_at_the_pages(self, home: House, authority: Authority) -> None:
        for number in range(40):
            await authority.verify(imap(token=f"old-{number}"))
        answer = await authority.verify(imap(token="old-40"))
        assert isinstance(answer, NotVerified) and answer.reason is Reason.THROTTLED
        assert len(await home.events("credential-refused")) < 40
        await home.accounts.set_password("admin:root", home.anna.id, "violet tractor sings")
        assert (await home.accounts.check_password("anna", "violet tractor sings", HOME)).user == home.anna

    async def test_guesses_here_are_counted_with_those_at_the_pages(self, home: House, authority: Authority) -> None:
        await home.accounts.set_password("admin:root", home.anna.id, "violet tractor sings")
        for number in range(8):
            await authority.verify(imap(name="anna", password=f"guess {number}"))
        assert (await home.accounts.check_password("anna", "violet tractor sings", AWAY)).retry_after > 0

    async def test_what_was_typed_can_do_no_harm_in_the_log(self, home: House, authority: Authority) -> None:
        await authority.verify(imap(name="x\r\nroot\u202e\x1b[2J" + "y" * 200, password="x"))
        (event,) = await home.events("credential-refused")
        assert event["user"].isprintable() and len(event["user"]) <= 128

    async def test_two_credentials_at_once_are_none(self, home: House, authority: Authority) -> None:
        _, secret = await home.app_password()
        assert refused(await authority.verify(imap(name="anna", password=secret, token="t"))) is Reason.CREDENTIALS
        assert refused(await authority.verify(imap(name="anna"))) is Reason.CREDENTIALS

    # --- certificates --------------------------------------------------------------------------------------------

    async def test_a_certificate_alone_names_its_owner(self, home: House, authority: Authority) -> None:
        der = await home.certificate(home.laptop)
        for name in ("", "anna", "anna@example.com"):
            subject = verified(await authority.verify(imap(name=name, certificate=der))).subject
            assert (subject.key.user_id, subject.key.device_id) == (home.anna.id, home.laptop.id)
            assert subject.key.proof is Proof.CERTIFICATE and subject.fallen is None
        assert refused(await authority.verify(imap(name="ben", certificate=der))) is Reason.CREDENTIALS

    async def test_a_shared_devices_certificate_names_nobody(self, home: House, authority: Authority) -> None:
        shared = await home.devices.register_device("admin:root", "", "Kiosk", "linux", "computer")
        der = await home.certificate(shared)
        assert refused(await authority.verify(imap(name="anna", certificate=der))) is Reason.CREDENTIALS
        _, secret = await home.app_password()
        both = verified(await authority.verify(imap(name="anna", password=secret, certificate=der))).subject
        assert both.device == shared and both.key.proof is Proof.CERTIFICATE

    async def test_a_certificate_beside_a_password_must_be_the_same_persons(
        self, home: House, authority: Authority
    ) -> None:
        ap, secret = await home.app_password()
        mine = await home.certificate(home.laptop)
        theirs = await home.certificate(
            await home.devices.register_device("admin:root", home.ben.id, "Other", "linux", "computer")
        )
        subject = verified(await authority.verify(imap(name="anna", password=secret, certificate=mine))).subject
        assert subject.key.proof is Proof.CERTIFICATE and subject.key.device_id == home.laptop.id
        assert f"credential:{ap}" in subject.handles and len(subject.handles) == 4
        answer = await authority.verify(imap(name="anna", password=secret, certificate=theirs))
        assert refused(answer) is Reason.CREDENTIALS
        answer = await authority.verify(imap(name="anna", password=secret, certificate=b"garbage"))
        assert refused(answer) is Reason.CREDENTIALS
        await home.accounts.revoke_app_password("user:anna", ap)
        facts = await authority.facts(subject.key)
        assert facts is not None and facts.fallen is Reason.CREDENTIAL_REVOKED

    async def test_with_anothers_devices_certificate_the_passwords_own_device_still_counts(
        self, home: House, authority: Authority
    ) -> None:
        _, secret = await home.app_password()
        phone = await home.devices.register_device("admin:root", home.anna.id, "Phone", "android", "phone")
        der = await home.certificate(phone)
        subject = verified(await authority.verify(imap(name="anna", password=secret, certificate=der))).subject
        assert subject.device == phone and device_handle(home.laptop.id) in subject.handles
        await home.devices.set_trust("admin:root", home.laptop.id, Trust.LOST)
        facts = await authority.facts(subject.key)
        assert facts is not None and facts.fallen is Reason.CREDENTIAL_REVOKED

    # --- access tokens -------------------------------------------------------------------------------------------

    async def test_a_token_stands_on_its_sign_in(self, home: House, authority: Authority) -> None:
        signin, _ = await home.sign_in()
        token, expires = home.tokens.issue(home.anna, signin.id, home.laptop.id, "webmail", "mail", ("mail",))
        answer = verified(await authority.verify(imap(name="anna@example.com", token=token)))
        assert answer.subject.key == SubjectKey(home.anna.id, home.laptop.id, Proof.TOKEN, signin.id)
        assert answer.good_until == expires
        assert signin_handle(signin.id) in answer.subject.handles
        assert refused(await authority.verify(imap(name="ben", token=token))) is Reason.CREDENTIALS
        await home.signins.end(signin.id, "user:anna", "signed-out")
        assert refused(await authority.verify(imap(token=token))) is Reason.CREDENTIALS
        facts = await authority.facts(answer.subject.key)
        assert facts is not None and facts.fallen is Reason.SIGNIN_ENDED

    async def test_a_tokens_end_is_not_the_sessions_end(self, home: House, authority: Authority) -> None:
        signin, _ = await home.sign_in()
        token, expires = home.tokens.issue(home.anna, signin.id, home.laptop.id, "webmail", "mail", ("mail",))
        key = verified(await authority.verify(imap(token=token))).subject.key
        home.clock.at = expires + 1
        assert refused(await authority.verify(imap(token=token))) is Reason.CREDENTIALS
        facts = await authority.facts(key)
        assert facts is not None and facts.fallen is None

    @pytest.mark.parametrize("token", ["x", "a.b.c", "\x00", "é", "e" * 20000])
    async def test_what_is_no_token_is_refused(self, home: House, authority: Authority, token: str) -> None:
        assert refused(await authority.verify(imap(token=token))) is Reason.CREDENTIALS

    async def test_a_token_for_something_else_opens_no_mail(self, home: House, authority: Authority) -> None:
        signin, _ = await home.sign_in()
        token, _ = home.tokens.issue(home.anna, signin.id, "", "portal", "admin", ("admin",))
        assert refused(await authority.verify(imap(token=token))) is Reason.CREDENTIALS

    @pytest.mark.parametrize(("scope", "falls"), [("mail", True), ("mail offline_access", False)])
    async def test_only_a_grant_for_offline_use_outlives_its_sign_in(
        self, home: House, authority: Authority, scope: str, falls: bool
    ) -> None:
        signin, _ = await home.sign_in()
        grant = Grant(
            "g_1", home.anna.id, "c", signin.id, "", Proof.NONE, scope, ("mail",), home.clock.at, home.clock.at + 9e5
        )
        await home.put(OidcClient("c", "Client", ()))
        await home.put(grant)
        token, _ = home.tokens.issue(home.anna, signin.id, "", "c", scope, ("mail",), grant_id="g_1")
        key = verified(await authority.verify(imap(token=token))).subject.key
        await home.signins.end(signin.id, "user:anna", "signed-out")
        facts = await authority.facts(key)
        assert facts is not None and facts.signin is not None
        assert (facts.fallen is not None) is falls

    # --- tickets and cookies -------------------------------------------------------------------------------------

    async def test_a_ticket_gives_its_browser_a_cookie_once(self, home: House, authority: Authority) -> None:
        signin, _ = await home.sign_in()
        ticket = await home.signins.issue_ticket(signin.id, "webmail", "state-1")
        entry = Attempt("webmail", HOME, ticket=ticket, state="state-1", route="webmail")
        answers = await asyncio.gather(*(authority.verify(entry) for _ in range(8)))
        (winner,) = [answer for answer in answers if isinstance(answer, Verified)]
        assert winner.subject.key.signin_id == signin.id and winner.cookie
        assert winner.good_until == home.clock.now() + 3600.0
        back = verified(await authority.verify(Attempt("webmail", AWAY, cookie=winner.cookie, route="webmail")))
        assert back.subject.key.signin_id == signin.id and back.cookie == ""

    @pytest.mark.parametrize(("state", "route"), [("other", "webmail"), ("", "webmail"), ("state-1", "wiki")])
    async def test_a_ticket_shown_wrongly_is_spent(
        self, home: House, authority: Authority, state: str, route: str
    ) -> None:
        signin, _ = await home.sign_in()
        ticket = await home.signins.issue_ticket(signin.id, "webmail", "state-1")
        wrong = Attempt("webmail", HOME, ticket=ticket, state=state, route=route)
        assert refused(await authority.verify(wrong)) is Reason.SIGNIN_NEEDED
        right = Attempt("webmail", HOME, ticket=ticket, state="state-1", route="webmail")
        assert refused(await authority.verify(right)) is Reason.SIGNIN_NEEDED
        assert await home.store.read(lambda tx: tx.count(RouteCookie)) == 0

    async def test_a_ticket_lives_half_a_minute(self, home: House, authority: Authority) -> None:
        signin, _ = await home.sign_in()
        ticket = await home.signins.issue_ticket(signin.id, "webmail", "s")
        home.clock.forward(30.0)
        answer = await authority.verify(Attempt("webmail", HOME, ticket=ticket, state="s", route="webmail"))
        assert refused(answer) is Reason.SIGNIN_NEEDED

    async def cookie(self, home: House, authority: Authority) -> tuple[Subject, str]:
        signin, _ = await home.sign_in()
        ticket = await home.signins.issue_ticket(signin.id, "webmail", "s")
        answer = verified(await authority.verify(Attempt("webmail", HOME, ticket=ticket, state="s", route="webmail")))
        return answer.subject, answer.cookie

    async def test_a_cookie_ends_with_its_time_its_sign_in_and_its_route(
        self, home: House, authority: Authority
    ) -> None:
        subject, cookie = await self.cookie(home, authority)
        wrong = Attempt("webmail", HOME, cookie=cookie, route="wiki")
        assert refused(await authority.verify(wrong)) is Reason.SIGNIN_NEEDED
        await home.signins.end(subject.key.signin_id, "user:anna", "signed-out")
        attempt = Attempt("webmail", HOME, cookie=cookie, route="webmail")
        assert refused(await authority.verify(attempt)) is Reason.SIGNIN_NEEDED
        _, cookie = await self.cookie(home, authority)
        home.clock.forward(3600.0)
        attempt = Attempt("webmail", HOME, cookie=cookie, route="webmail")
        assert refused(await authority.verify(attempt)) is Reason.SIGNIN_NEEDED
        for odd in ("x", "x" * 43, "\x00" * 43, "é" * 43, "x" * 5000):
            attempt = Attempt("webmail", HOME, cookie=odd, route="webmail")
            assert refused(await authority.verify(attempt)) is Reason.SIGNIN_NEEDED
        assert await home.events("credential-refused") == []

    async def test_what_a_browser_does_is_remembered_for_every_worker(self, home: House, authority: Authority) -> None:
        subject, _ = await self.cookie(home, authority)
        begun = home.clock.now()
        assert subject.signin is not None and subject.signin.seen == {"webmail": begun}
        home.clock.forward(60.0)

        def live(at: float) -> LiveSession:
            who = (subject.user.id, "", "", "webmail", HOME, "", "n", begun)
            return LiveSession("s_1", "anna", *who, signin_id=subject.key.signin_id, active_at=at)

        await authority.sessions("n", [live(begun + 40.0)], (), False)
        await authority.sessions("n", [live(begun + 20.0)], (), False)
        facts = await authority.facts(subject.key)
        assert facts is not None and facts.signin is not None
        assert facts.signin.seen == {"webmail": begun + 40.0}
        await authority.sessions("n", [live(begun + 9999.0)], (), False)
        facts = await authority.facts(subject.key)
        assert facts is not None and facts.signin is not None
        assert facts.signin.seen == {"webmail": home.clock.now()}

    async def test_a_browsers_session_has_the_device_that_its_sign_in_has_now(
        self, home: House, authority: Authority
    ) -> None:
        subject, _ = await self.cookie(home, authority)
        assert subject.device is None and subject.key.proof is Proof.NONE
        await home.signins.bind_device(subject.key.signin_id, home.laptop.id, Proof.BROWSER_KEY)
        facts = await authority.facts(subject.key)
        assert facts is not None and facts.device == home.laptop and facts.key.proof is Proof.BROWSER_KEY
        assert facts.proved_at == home.clock.now() and device_handle(home.laptop.id) in facts.handles
        assert facts.number > subject.number

    # --- facts ---------------------------------------------------------------------------------------------------

    async def test_facts_are_of_now_and_numbered(self, home: House, authority: Authority) -> None:
        key = SubjectKey(home.anna.id, home.laptop.id, Proof.APP_PASSWORD)
        before = await authority.facts(key)
        await home.devices.set_signal("admin:root", home.laptop.id, "disk_encrypted", True)
        after = await authority.facts(key)
        assert before is not None and before.device is not None and before.device.signals == {}
        assert after is not None and after.device is not None
        signal = after.device.signals["disk_encrypted"]
        assert (signal.value, signal.at) == (True, home.clock.now())
        assert after.number > before.number
        assert await authority.facts(SubjectKey("u_nobody")) is None

    async def test_a_device_that_is_gone_or_anothers_ends_its_sessions(self, home: House, authority: Authority) -> None:
        gone = await authority.facts(SubjectKey(home.anna.id, "d_gone", Proof.APP_PASSWORD))
        others = await authority.facts(SubjectKey(home.ben.id, home.laptop.id, Proof.BROWSER_KEY))
        assert gone is not None and gone.fallen is Reason.CREDENTIAL_REVOKED
        assert others is not None and others.fallen is Reason.CREDENTIAL_REVOKED

    async def test_a_sign_in_that_expired_or_is_anothers_has_fallen(self, home: House, authority: Authority) -> None:
        signin, _ = await home.sign_in()
        others = await authority.facts(SubjectKey(home.ben.id, signin_id=signin.id))
        home.clock.forward(12 * 3600.0)
        expired = await authority.facts(SubjectKey(home.anna.id, signin_id=signin.id))
        assert others is not None and others.fallen is Reason.SIGNIN_ENDED
        assert expired is not None and expired.fallen is Reason.SIGNIN_ENDED

    # --- policy, changes, record, sessions -----------------------------------------------------------------------

    async def test_the_newest_revision_is_in_force(self, home: House, authority: Authority) -> None:
        assert await authority.policy() == Policy(0, "")
        for number in range(1, 12):
            await home.put(PolicyRevision(str(number), number, f"version: 1 # {number}", "admin:root", 1.0))
        assert await authority.policy() == Policy(11, "version: 1 # 11")

    async def test_a_running_trial_is_told_beside_the_policy(self, home: House, authority: Authority) -> None:
        await home.put(PolicyTrial("1", 1, "version: 1 # tried", "admin:root", 1.0, ended_at=2.0))
        await home.put(PolicyTrial("2", 2, "version: 1 # trying", "admin:root", 3.0))
        assert await authority.policy() == Policy(0, "")
        await home.put(PolicyRevision("1", 1, "version: 1", "admin:root", 1.0))
        assert await authority.policy() == Policy(1, "version: 1", 2, "version: 1 # trying")
        await home.put(PolicyTrial("2", 2, "version: 1 # trying", "admin:root", 3.0, ended_at=4.0))
        assert await authority.policy() == Policy(1, "version: 1")

    async def test_changes_are_followed_from_where_one_stood(self, home: House, authority: Authority) -> None:
        last = await home.store.read(lambda tx: tx.last_change())
        async with aclosing(cast(Any, authority.changes(last))) as stream:
            assert list(await anext(stream)) == []
            await home.store.write(lambda tx: tx.note(POLICY))
            batch = await asyncio.wait_for(anext(stream), 5)
            assert [(change.number, change.handle) for change in batch] == [(last + 1, POLICY)]
            await home.store.write(lambda tx: [tx.note(user_handle(str(n))) for n in range(3)])
            handles: list[str] = []
            while len(handles) < 3:
                handles += [change.handle for change in await asyncio.wait_for(anext(stream), 5)]
            assert handles == ["user:0", "user:1", "user:2"]
        async with aclosing(cast(Any, authority.changes(last))) as stream:
            assert [change.number for change in await anext(stream)] == [last + 1, last + 2, last + 3, last + 4]

    async def test_who_knows_more_than_a_restored_store_misses_nothing(self, home: House, authority: Authority) -> None:
        last = await home.store.read(lambda tx: tx.last_change())
        async with aclosing(cast(Any, authority.changes(last + 50))) as stream:
            numbers = [change.number for change in await asyncio.wait_for(anext(stream), 5)]
            assert numbers == list(range(1, last + 1))
            await home.store.write(lambda tx: tx.note(POLICY))
            heard: list[str] = []
            while not heard:
                heard = [change.handle for change in await asyncio.wait_for(anext(stream), 5)]
            assert heard == [POLICY]

    async def test_what_a_proxy_saw_is_recorded_in_order(self, home: House, authority: Authority) -> None:
        decided = Decided(
            at=1.5,
            actor="user:anna",
            session="s_1",
            service="imap",
            outcome="deny",
            rule="r",
            revision=3,
            words={"ja": "拒否"},
            facts={"signals": {"disk": [True, 1.0]}, "groups": ["staff"]},
        )
        ended = SessionEnded(at=2.0, session="s_1", service="imap", reason="closed", octets_in=2**40)
        await authority.record("proxy-1", [decided, ended])
        number, _ = await home.store.read(lambda tx: tx.audit_head())
        entries = await home.store.read(lambda tx: tx.audit(number - 2))
        assert [entry.kind for entry in entries] == ["decided", "session-ended"]
        assert entries[0].fields["words"] == {"ja": "拒否"} and entries[1].fields["octets_in"] == 2**40
        assert entries[0].fields["facts"] == {"signals": {"disk": [True, 1.0]}, "groups": ["staff"]}

    async def test_a_proxy_records_nothing_that_it_cannot_have_seen(self, home: House, authority: Authority) -> None:
        before = await home.store.read(lambda tx: tx.audit_head())
        with pytest.raises(Refused):
            await authority.record("proxy-1", [UserChanged(at=1.0, actor="admin:root", act="made")])
        assert await home.store.read(lambda tx: tx.audit_head()) == before

    async def test_live_sessions_are_announced_and_ended_by_a_change(self, home: House, authority: Authority) -> None:
        def live(number: int) -> LiveSession:
            name = f"s_{number}"
            return LiveSession(name, "anna", home.anna.id, "d", "Laptop", "imap", HOME, "mutt", "p1", float(number))

        await authority.sessions("p1", [live(1), live(2)], [], True)
        await authority.sessions("p1", [live(3)], ["s_1"], False)
        assert [session.id for session in home.answers.live.by_user(home.anna.id)] == ["s_2", "s_3"]
        await home.answers.live.end("s_2", "admin:root")
        changes = await home.store.read(lambda tx: tx.changes(tx.last_change() - 1))
        assert [change.handle for change in changes] == ["session:s_2"]
        (event,) = await home.events("session-ordered")
        assert (event["actor"], event["session"], event["user"]) == ("admin:root", "s_2", "anna")
        with pytest.raises(Refused):
            await home.answers.live.end("s_1", "admin:root")
        await authority.sessions("p1", [live(9)], [], True)
        assert [session.id for session in home.answers.live.all()] == ["s_9"]

    # --- minting -------------------------------------------------------------------------------------------------

    async def order(self, home: House, authority: Authority, backend: str) -> MintOrder:
        _, secret = await home.app_password()
        key = verified(await authority.verify(imap(name="anna", password=secret))).subject.key
        return MintOrder(backend, key, "s_1", "imap", HOME)

    async def test_a_token_for_dovecot_says_jwt_and_names_the_mailbox(self, home: House, authority: Authority) -> None:
        login = await authority.mint(await self.order(home, authority, "dovecot"))
        claims = claims_of(login.secret)
        assert (login.mechanism, login.name) == ("XOAUTH2", "anna@example.com")
        assert jws.extract_compact(login.secret.encode()).headers()["typ"] == "JWT"
        assert home.keys.verify(login.secret, use="mint") == claims
        assert (claims["aud"], claims["username"], claims["scope"]) == (
            "mail.example.com",
            "anna@example.com",
            "mail imap",
        )
        assert home.clock.now() < login.good_until < claims["exp"] <= home.clock.now() + 300
        assert login.secret not in repr(login)
        # it opens the mail server, never one of our own doors
        assert refused(await authority.verify(imap(token=login.secret))) is Reason.CREDENTIALS

    @pytest.mark.parametrize(
        ("backend", "mechanism", "name", "authzid", "secret"),
        [
            ("master", "LOGIN", "anna@example.com*proxy", "", "the master's secret"),
            ("authzid", "PLAIN", "proxy", "anna@example.com", "the master's secret"),
            ("open", "NONE", "anna@example.com", "", ""),
        ],
    )
    async def test_master_logins(
        self, home: House, authority: Authority, backend: str, mechanism: str, name: str, authzid: str, secret: str
    ) -> None:
        login = await authority.mint(await self.order(home, authority, backend))
        assert (login.mechanism, login.name, login.authzid, login.secret) == (mechanism, name, authzid, secret)

    async def test_without_its_secret_a_backend_is_unavailable(self, home: House, authority: Authority) -> None:
        with pytest.raises(Unavailable, match="broken"):
            await authority.mint(await self.order(home, authority, "broken"))

    async def test_who_has_fallen_gets_nothing(self, home: House, authority: Authority) -> None:
        order = await self.order(home, authority, "dovecot")
        await home.accounts.revoke_app_password("user:anna", order.key.credential_id)
        with pytest.raises(Refused):
            await authority.mint(order)
        with pytest.raises(Refused):
            await authority.assertion(order.key, "s_1", "https://mail.example.com")
        with pytest.raises(Refused):
            await authority.mint(await self.order(home, authority, "nowhere"))
        with pytest.raises(Refused, match="browser"):
            await authority.mint(await self.order(home, authority, ""))

    async def test_webmails_token_ends_with_the_browsers_sign_in(self, home: House, authority: Authority) -> None:
        subject, _ = await self.cookie(home, authority)
        login = await authority.mint(MintOrder("", subject.key, "s_1", "webmail", HOME))
        mail = verified(await authority.verify(imap(name="anna@example.com", token=login.secret)))
        assert mail.subject.key.signin_id == subject.key.signin_id
        await home.signins.end(subject.key.signin_id, "user:anna", "signed-out")
        assert refused(await authority.verify(imap(token=login.secret))) is Reason.CREDENTIALS
        facts = await authority.facts(mail.subject.key)
        assert facts is not None and facts.fallen is Reason.SIGNIN_ENDED

    async def test_a_signed_identity_verifies_with_the_published_keys(self, home: House, authority: Authority) -> None:
        subject, _ = await self.cookie(home, authority)
        await home.signins.bind_device(subject.key.signin_id, home.laptop.id, Proof.BROWSER_KEY)
        token, expires = await authority.assertion(subject.key, "s_1", "https://mail.example.com")
        keys = KeySet.import_key_set(json.loads(await authority.keys()))
        claims = json.loads(jws.deserialize_compact(token, keys, ["ES256"]).payload)
        assert claims["sub"] == home.anna.id and claims["email"] == "anna@example.com"
        assert (claims["aud"], claims["session"]) == ("https://mail.example.com", "s_1")
        assert claims["device"] == {"id": home.laptop.id, "name": "Laptop", "trust": "enrolled"}
        assert claims["exp"] == expires <= home.clock.now() + 300
