"""Security event tokens: what counts and what it does, and every way of being refused, each with its own reason."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.signals.faults import SignalFault
from idp.signals.sets import SecurityEvent, read
from idp.signals.subjects import whom
from kernel.audit import Entry
from kernel.records.devices import Device
from kernel.records.people import User
from kernel.records.sessions import Grant, Proof, SignIn
from kernel.records.signals import DeviceAlias
from tests.idp.devices.house import segment
from tests.idp.signals.house import ANNA, BEN, NOW, ORIGIN, SECRET, Site, Transmitter, email, opaque

PUSH = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/secevent+jwt"}


async def last(site: Site) -> Entry:
    return (await site.audit())[-1]


async def test_a_revoked_session_ends_what_the_user_has_and_nothing_of_others(site: Site) -> None:
    await site.sign_in(ANNA, "si_a")
    await site.sign_in(BEN, "si_b")
    site.carries("s_a", ANNA)
    site.carries("s_b", BEN)
    assert await site.hear("session-revoked", email()) is None
    assert (await site.get(SignIn, "si_a")).ended_at and not (await site.get(SignIn, "si_b")).ended_at
    assert "session:s_a" in await site.handles() and "session:s_b" not in await site.handles()
    heard = await last(site)
    assert (heard.kind, heard.fields["event"], heard.fields["user_id"]) == ("signal-heard", "session-revoked", ANNA.id)
    assert heard.fields["detail"] == "ended 1 sign-ins, 1 sessions (t1)"


async def test_a_user_on_a_device_loses_what_is_there_alone(site: Site) -> None:
    here, there = await site.device("here"), await site.device("there")
    await site.sign_in(ANNA, "si_here", here.id)
    await site.sign_in(ANNA, "si_there", there.id)
    site.carries("s_here", ANNA, here.id)
    site.carries("s_there", ANNA, there.id)
    both = {"format": "complex", "user": email(), "device": opaque(here.id)}
    assert await site.hear("session-revoked", both) is None
    assert (await site.get(SignIn, "si_here")).ended_at and not (await site.get(SignIn, "si_there")).ended_at
    assert "session:s_here" in await site.handles() and "session:s_there" not in await site.handles()


async def test_a_session_ends_alone_and_only_if_it_is_that_users(site: Site) -> None:
    await site.sign_in(ANNA, "si_1")
    await site.sign_in(ANNA, "si_2")
    strange = {"format": "complex", "user": email(BEN), "session": opaque("si_1")}
    assert await site.hear("session-revoked", strange) is SignalFault.SUBJECT
    assert await site.hear("session-revoked", {**strange, "user": email()}) is None
    assert (await site.get(SignIn, "si_1")).ended_at and not (await site.get(SignIn, "si_2")).ended_at


async def test_a_credential_that_was_revoked_ends_grants_and_one_that_was_made_does_not(site: Site) -> None:
    grant = Grant("g_1", ANNA.id, "c", "si", "", Proof.NONE, "mail offline_access", (), NOW, NOW + 9e5)
    await site.put(grant)
    assert await site.hear("credential-change", email(), credential_type="password", change_type="create") is None
    assert not (await site.get(Grant, "g_1")).ended_at
    assert await site.hear("credential-change", email(), credential_type="password", change_type="revoke") is None
    assert (await site.get(Grant, "g_1")).ended_at
    assert (await last(site)).fields["detail"] == "password revoke, ended 1 grants (t2)"


async def test_compliance_and_risk_become_signals_and_an_attribute(site: Site) -> None:
    device = await site.device()
    await site.put(DeviceAlias("edr:their-7", device.id))
    change = {"previous_status": "compliant", "current_status": "not-compliant"}
    assert await site.hear("device-compliance-change", opaque("their-7"), **change) is None
    assert await site.hear("risk-level-change", opaque(device.id), principal="DEVICE", current_level="HIGH") is None
    signals = (await site.get(Device, device.id)).signals
    assert (signals["compliant"].value, signals["compliant"].by, signals["compromised"].value) == (False, "edr", True)
    assert (await site.handles()).count(f"device:{device.id}") == 3
    assert await site.hear("risk-level-change", email(), principal="USER", current_level="MEDIUM") is None
    assert (await site.get(User, ANNA.id)).attributes["risk"] == "medium"
    assert f"user:{ANNA.id}" in await site.handles()


async def test_an_older_word_does_not_overrule_a_later_one(site: Site) -> None:
    device = await site.device()
    bad = {"current_status": "not-compliant", "event_timestamp": NOW}
    good = {"current_status": "compliant", "event_timestamp": NOW - 60}
    assert await site.hear("device-compliance-change", opaque(device.id), **bad) is None
    assert await site.hear("device-compliance-change", opaque(device.id), **good) is SignalFault.ORDER
    assert (await site.get(Device, device.id)).signals["compliant"].value is False
    high = {"principal": "USER", "current_level": "HIGH", "event_timestamp": NOW}
    assert await site.hear("risk-level-change", email(), **high) is None
    late = await site.hear("risk-level-change", email(), **{**high, "current_level": "LOW", "event_timestamp": NOW - 1})
    assert late is SignalFault.ORDER
    assert (await site.get(User, ANNA.id)).attributes["risk"] == "high"


REFUSED: list[tuple[SignalFault, dict[str, Any], dict[str, Any]]] = [
    (SignalFault.TYPE, {}, {"typ": "JWT"}),
    (SignalFault.TYPE, {}, {"typ": None}),
    (SignalFault.MALFORMED, {}, {"jku": "https://evil.example/keys"}),
    (SignalFault.KEY, {}, {"kid": "other"}),
    (SignalFault.ISSUER, {"iss": "https://evil.example"}, {}),
    (SignalFault.AUDIENCE, {"aud": "https://elsewhere.example"}, {}),
    (SignalFault.TIME, {"iat": NOW - 86401}, {}),
    (SignalFault.TIME, {"iat": NOW + 301}, {}),
    (SignalFault.MALFORMED, {"exp": NOW + 60}, {}),
    (SignalFault.MALFORMED, {"sub": "u_anna"}, {}),
    (SignalFault.MALFORMED, {"jti": None}, {}),
    (SignalFault.MALFORMED, {"iat": True}, {}),
    (SignalFault.MALFORMED, {"sub_id": None}, {}),
    (SignalFault.MALFORMED, {"events": {}}, {}),
    (SignalFault.MALFORMED, {"events": {"a:b": {}, "c:d": {}}}, {}),
    (SignalFault.EVENT, {"events": {"https://schemas.openid.net/secevent/risc/event-type/account-purged": {}}}, {}),
    (SignalFault.SUBJECT, {"sub_id": {"format": "email", "email": "nobody@example.com"}}, {}),
    (SignalFault.SUBJECT, {"sub_id": {"format": "phone_number", "phone_number": "+81"}}, {}),
    (SignalFault.SUBJECT, {"sub_id": {"format": "complex", "user": email(), "tenant": opaque("t")}}, {}),
]


@pytest.mark.parametrize(("fault", "claims", "header"), REFUSED)
async def test_what_does_not_count_is_refused_with_its_own_reason_on_record(
    site: Site, fault: SignalFault, claims: dict[str, Any], header: dict[str, Any]
) -> None:
    await site.sign_in(ANNA, "si_a")
    token = site.theirs.sign({**site.theirs.claims("session-revoked", email()), **claims}, **header)
    assert await site.hearing.take(token) is fault
    refused = await last(site)
    assert (refused.kind, refused.fields["reason"], refused.fields["source"]) == ("signal-refused", fault.value, "edr")
    assert not (await site.get(SignIn, "si_a")).ended_at


async def test_a_forged_token_and_one_of_a_stranger_do_not_count(site: Site) -> None:
    token = site.theirs.token("session-revoked", email())
    head, body, signature = token.split(".")
    assert await site.hearing.take(f"{head}.{body}.{signature[:-4]}AAAA") is SignalFault.SIGNATURE
    assert await site.hearing.take(Transmitter().token("session-revoked", email())) is SignalFault.SIGNATURE
    assert await site.hearing.take(f"{head}.{body}.") is SignalFault.MALFORMED
    for lie in ("none", "HS256"):
        assert await site.hearing.take(_with_header(token, alg=lie)) is SignalFault.ALGORITHM
    assert await site.hearing.take(_with_header(token, crit=["b64"], b64=False)) is SignalFault.MALFORMED


async def test_a_token_counts_once_also_after_a_restart(site: Site) -> None:
    token = site.theirs.token("session-revoked", email())
    assert await site.hearing.take(token) is None
    await site.sign_in(ANNA, "si_later")
    assert await site.hearing.take(token) is SignalFault.REPLAYED
    assert not (await site.get(SignIn, "si_later")).ended_at
    assert (await last(site)).fields["token"] == "t1"


async def test_pushed_it_is_acknowledged_or_told_why_not(site: Site) -> None:
    async with site.pages() as transmitter:
        token = site.theirs.token("session-revoked", email())
        reply = await transmitter.post("/signals/push/edr", content=token, headers=PUSH)
        assert (reply.status_code, reply.content) == (202, b"")
        again = await transmitter.post("/signals/push/edr", content=token, headers=PUSH)
        assert again.status_code == 202  # as RFC 8935 wants it; the audit says that it was replayed
        assert (await last(site)).fields["reason"] == "replayed"
        wrong = site.theirs.sign({**site.theirs.claims("session-revoked", email()), "aud": "x"})
        reply = await transmitter.post("/signals/push/edr", content=wrong, headers=PUSH)
        assert reply.status_code == 400 and reply.json()["err"] == "invalid_audience"
        for path, secret in (("edr", "Bearer wrong"), ("nobody", PUSH["Authorization"]), ("edr", "")):
            reply = await transmitter.post(
                f"/signals/push/{path}", content=token, headers={**PUSH, "Authorization": secret}
            )
            assert reply.status_code == 401 and reply.json()["err"] == "authentication_failed"
        for content, kind in (("x" * 20_000, PUSH["Content-Type"]), (token, "application/json")):
            reply = await transmitter.post("/signals/push/edr", content=content, headers={**PUSH, "Content-Type": kind})
            assert (reply.status_code, reply.json()["err"]) == (400, "invalid_request")
    strangers = [each for each in await site.audit("signal-refused") if each.fields["reason"] == "secret"]
    assert len(strangers) == 1  # within a minute: a flood does not fill the log


async def test_a_source_says_only_what_it_is_configured_to(site: Site) -> None:
    site.hearing.source = replace(site.hearing.source, events=("session-revoked",))
    device = await site.device()
    assert await site.hear("device-compliance-change", opaque(device.id), current_status="compliant") is (
        SignalFault.EVENT
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda each: each.decode("latin-1")))
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    assert isinstance(read(text), SignalFault)


@given(
    st.dictionaries(
        st.sampled_from(["format", "email", "id", "iss", "sub", "user", "device", "session"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=9),
            lambda inner: st.dictionaries(st.text(max_size=9), inner, max_size=3) | st.lists(inner, max_size=3),
        ),
    )
)
def test_whomever_a_subject_names_it_is_read_or_nobody(subject: dict[str, Any]) -> None:
    meant = whom(subject)
    assert meant is None or meant.user or meant.device or meant.session


def test_what_happened_is_when_the_event_says() -> None:
    said = read(Transmitter().token("session-revoked", email(), event_timestamp=NOW - 5))
    assert isinstance(said, SecurityEvent) and (said.at, said.issued_at, said.audience) == (NOW - 5, NOW, (ORIGIN,))


def _with_header(token: str, **changes: Any) -> str:
    _, body, signature = token.split(".")
    return f"{segment({'alg': 'ES256', 'typ': 'secevent+jwt', 'kid': 'k1'} | changes)}.{body}.{signature}"
