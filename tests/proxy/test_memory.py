"""What the guard remembers: bounded, keyed, and never one credential for another."""

from hypothesis import given
from hypothesis import strategies as st

from kernel.authority import Attempt, Verified
from kernel.chance import SeededChance, SystemChance
from proxy.admission import Verdict
from proxy.memory import Allowed, Memory
from tests.proxy.house import allow, policy, subject

TEXTS = st.text(alphabet="a1,;\0é\ud800", max_size=4)
ATTEMPTS = st.builds(
    Attempt,
    service=TEXTS,
    address=st.just("192.0.2.1"),
    name=TEXTS,
    password=TEXTS,
    token=TEXTS,
    cookie=TEXTS,
    route=TEXTS,
    certificate=st.binary(max_size=4),
)


@given(ATTEMPTS, ATTEMPTS)
def test_two_credentials_have_one_name_only_when_they_are_the_same(one: Attempt, other: Attempt) -> None:
    memory = Memory(SeededChance(), remember=300.0)
    assert (memory.name(one) == memory.name(other)) == (one == other)


def test_another_process_gives_another_name() -> None:
    attempt = Attempt("imap", "192.0.2.1", name="alice", password="secret")
    names = {Memory(SystemChance(), remember=300.0).name(attempt) for _ in range(2)}
    assert len(names) == 2


def test_the_least_recently_used_goes_first_and_leaves_no_trace() -> None:
    memory = Memory(SeededChance(), remember=300.0, capacity=2)
    for secret in (b"a", b"b"):
        memory.put(secret, Verified(subject(secret.decode()), good_until=1000.0), 0.0)
    assert memory.get(b"a", 1.0) is not None
    memory.put(b"c", Verified(subject("c"), good_until=1000.0), 1.0)
    assert [memory.get(name, 1.0) is not None for name in (b"a", b"b", b"c")] == [True, False, True]
    memory.drop(["user:u_a", "user:u_c"])
    assert (len(memory), memory._by_handle) == (0, {})


def test_nothing_is_remembered_that_idp_says_not_to() -> None:
    memory = Memory(SeededChance(), remember=300.0)
    memory.put(b"a", Verified(subject(), good_until=0.0), 10.0)
    assert len(memory) == 0


def test_a_permission_is_remembered_for_the_same_facts_policy_and_time_alone() -> None:
    allowed, who, rules = Allowed(capacity=2), subject(), policy(imap=allow())
    verdict = allowed.put("imap", "192.0.2.1", who, rules, Verdict(None, "", allow(valid_until=100.0)))
    assert allowed.get("imap", "192.0.2.1", who, rules, 99.9) is verdict
    assert allowed.get("imap", "192.0.2.1", who, rules, 100.0) is None
    assert allowed.get("imap", "192.0.2.2", who, rules, 0.0) is None
    assert allowed.get("submission", "192.0.2.1", who, rules, 0.0) is None
    assert allowed.get("imap", "192.0.2.1", subject(), rules, 0.0) is None
    assert allowed.get("imap", "192.0.2.1", who, policy(imap=allow()), 0.0) is None


def test_permissions_are_bounded() -> None:
    allowed, rules = Allowed(capacity=2), policy(imap=allow())
    people = [subject(name) for name in "abc"]
    for who in people:
        allowed.put("imap", "192.0.2.1", who, rules, Verdict(None, "", allow()))
    assert [allowed.get("imap", "192.0.2.1", who, rules, 0.0) is not None for who in people] == [False, False, True]
