"""The dispatcher: what is stored and what is demanded, line by line, to the next step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.signin import flow
from idp.signin.flow import Demand, Standing, Step, complete, next_step
from kernel.records.sessions import Factor

NOW = 1_800_000_000.0
PASSWORD, TOTP, RECOVERY, INVITATION = Factor.PASSWORD, Factor.TOTP, Factor.RECOVERY, Factor.INVITATION


def standing(*shown: Factor, age: float = 0.0, begun: float | None = None, **held: bool) -> Standing:
    owned = {"has_password": True, "has_code": True, "has_recovery": True, **held}
    begun_at = NOW - (age if begun is None else begun)
    return Standing(dict.fromkeys(shown, NOW - age), begun_at, **owned)


@pytest.mark.parametrize(
    ("state", "demand", "step"),
    [
        (Standing(), Demand(), Step.IDENTIFY),
        (standing(TOTP), Demand(), Step.IDENTIFY),
        (standing(PASSWORD), Demand(), Step.CODE),
        (standing(PASSWORD, age=901), Demand(), Step.IDENTIFY),
        (standing(PASSWORD, TOTP), Demand(), Step.DONE),
        (standing(PASSWORD, RECOVERY), Demand(), Step.DONE),
        (standing(PASSWORD, has_code=False), Demand(), Step.DONE),
        (standing(PASSWORD, must_change=True), Demand(), Step.CODE),
        (standing(PASSWORD, TOTP, must_change=True), Demand(), Step.NEW_PASSWORD),
        (standing(INVITATION, has_password=False, has_code=False, has_recovery=False), Demand(), Step.NEW_PASSWORD),
        (standing(INVITATION, has_password=False, has_code=False, age=901), Demand(), Step.IDENTIFY),
        (standing(INVITATION, has_code=False, has_recovery=False), Demand(), Step.NEW_CODE),
        (standing(INVITATION, TOTP, has_recovery=False), Demand(), Step.SHOW_RECOVERY),
        (standing(INVITATION, has_password=False), Demand(), Step.CODE),
        (standing(INVITATION, TOTP), Demand(), Step.DONE),
        (standing(PASSWORD, TOTP, age=600), flow.FULL_AND_RECENT, Step.DONE),
        (standing(PASSWORD, TOTP, age=601), flow.FULL_AND_RECENT, Step.IDENTIFY),
        (standing(PASSWORD, has_code=False), flow.FULL_AND_RECENT, Step.DONE),
        (standing(PASSWORD, TOTP), Demand((TOTP,), within=60), Step.DONE),
        (standing(PASSWORD, TOTP, age=61), Demand((TOTP,), within=60), Step.CODE),
        (standing(PASSWORD, TOTP, age=61), Demand((PASSWORD,), within=60), Step.IDENTIFY),
        (standing(PASSWORD, TOTP), Demand((Factor.PASSKEY,)), Step.LACKING),
        (standing(PASSWORD, TOTP), Demand((Factor.PASSKEY, TOTP)), Step.DONE),
        (standing(PASSWORD, has_code=False, has_recovery=False), Demand((TOTP,)), Step.LACKING),
        (standing(PASSWORD, TOTP, age=5), Demand(since=NOW), Step.IDENTIFY),
        (standing(PASSWORD, TOTP), Demand(since=NOW), Step.DONE),
    ],
)
def test_next_step(state: Standing, demand: Demand, step: Step) -> None:
    assert next_step(state, demand, NOW) is step


def test_a_fresh_code_does_not_freshen_an_old_password() -> None:
    state = Standing({PASSWORD: NOW - 700, TOTP: NOW}, NOW - 700, has_password=True, has_code=True)
    assert next_step(state, flow.FULL_AND_RECENT, NOW) is Step.IDENTIFY


factors = st.dictionaries(st.sampled_from(list(Factor)), st.floats(NOW - 1e5, NOW))
standings = st.builds(
    Standing, factors, st.floats(NOW - 1e5, NOW), st.booleans(), st.booleans(), st.booleans(), st.booleans()
)


@given(standings)
def test_nobody_is_complete_without_a_first_factor_and_the_second_that_they_have(state: Standing) -> None:
    if complete(state, NOW):
        assert {PASSWORD, INVITATION} & set(state.factors)
        assert not state.has_code or {TOTP, RECOVERY} & set(state.factors)
        assert state.has_password
        assert not state.must_change


@given(standings, st.booleans(), st.lists(st.sampled_from(list(Factor)), max_size=3), st.none() | st.floats(0, 1e4))
def test_more_demanded_never_asks_for_less(
    state: Standing, full: bool, wanted: list[Factor], within: float | None
) -> None:
    demand = Demand(tuple(wanted), within, full)
    if next_step(state, demand, NOW) is Step.DONE:
        assert complete(state, NOW)
