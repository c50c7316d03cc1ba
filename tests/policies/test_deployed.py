"""The policies that we ship: they load without a warning, and say to each person of the demo what the demo promises."""

from pathlib import Path

import pytest

from kernel.records.devices import Proof
from policies.decide import decide
from policies.language import check, load
from policies.model import Decision, Outcome, Policy
from tests.policies.facts_of import device, facts, shown, user

FOLDER = Path(__file__).parents[2] / "deploy" / "policies"
POLICIES = sorted(path for path in FOLDER.glob("*.yaml") if not path.name.endswith(".tests.yaml"))
ALLOW, DENY, STEP_UP = Outcome.ALLOW, Outcome.DENY, Outcome.STEP_UP
BROWSER, APP = Proof.BROWSER_KEY, Proof.APP_PASSWORD


@pytest.fixture(params=["demo.yaml", "starter.yaml"])
def shipped(request: pytest.FixtureRequest) -> Policy:
    return load((FOLDER / request.param).read_bytes())


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.name)
def test_what_we_ship_has_neither_problems_nor_warnings(path: Path) -> None:
    report = check(path.read_bytes())

    assert (report.problems, report.warnings) == ((), ())
    for rule in load(path.read_bytes()).rules:
        assert set(rule.say) in (set(), {"en", "ja"})


def asked(policy: Policy, service: str, trust: str, proof: Proof, *factors: str, group: str = "staff") -> Decision:
    """Return what the policy says to somebody of ``group`` on a device of this trust (``unknown``: none)."""
    found = None if trust == "unknown" else device(trust)
    decision = decide(
        policy, facts(service=service, user=user(group), device=found, proof=proof, factors=shown(*factors))
    )
    assert decision.fault == ""
    return decision


@pytest.mark.parametrize(
    ("service", "trust", "proof", "factors", "outcome"),
    [
        ("portal", "unknown", Proof.NONE, ["password"], STEP_UP),
        ("portal", "unknown", Proof.NONE, ["password", "totp"], ALLOW),
        ("portal", "unknown", Proof.NONE, ["password", "recovery"], ALLOW),
        ("portal", "lost", BROWSER, ["password", "totp"], DENY),
        ("webmail", "unknown", Proof.NONE, ["password", "totp"], DENY),
        ("webmail", "pending", BROWSER, ["password", "totp"], DENY),
        ("webmail", "enrolled", BROWSER, ["password"], STEP_UP),
        ("webmail", "enrolled", BROWSER, ["password", "totp"], ALLOW),
        ("webmail", "managed", Proof.CERTIFICATE, ["passkey"], ALLOW),
        ("webmail", "revoked", BROWSER, ["password", "totp"], DENY),
        ("client:roundcube", "enrolled", BROWSER, ["password", "totp"], ALLOW),
        ("client:roundcube", "unknown", Proof.NONE, ["password", "totp"], DENY),
        ("imap", "enrolled", APP, [], ALLOW),
        ("imap", "enrolled", Proof.TOKEN, ["password", "totp"], ALLOW),
        ("submission", "managed", Proof.CERTIFICATE, [], ALLOW),
        ("imap", "unknown", Proof.TOKEN, ["password", "totp"], DENY),
        ("imap", "lost", APP, [], DENY),
        ("console", "managed", BROWSER, ["password", "totp"], DENY),
        ("ssh", "managed", BROWSER, ["password", "totp"], DENY),
    ],
)
def test_what_staff_may_do(
    shipped: Policy, service: str, trust: str, proof: Proof, factors: list[str], outcome: Outcome
) -> None:
    assert asked(shipped, service, trust, proof, *factors).outcome is outcome


def test_admins_reach_the_console_from_a_registered_device_with_a_second_factor(shipped: Policy) -> None:
    def console(trust: str, proof: Proof, *factors: str) -> Decision:
        return asked(shipped, "console", trust, proof, *factors, group="mail-admins")

    assert console("enrolled", BROWSER, "password", "totp").outcome is ALLOW
    assert console("enrolled", BROWSER, "password").outcome is STEP_UP
    assert "register this browser" in console("unknown", Proof.NONE, "password", "totp").words("en")


def test_a_refusal_explains_the_way_out_in_both_languages(shipped: Policy) -> None:
    webmail = asked(shipped, "webmail", "unknown", Proof.NONE, "password", "totp")
    imap = asked(shipped, "imap", "unknown", Proof.TOKEN)
    lost = asked(shipped, "webmail", "lost", BROWSER, "password", "totp")

    assert "Open the portal" in webmail.words("en")
    assert "このブラウザーを登録" in webmail.words("ja")
    assert "app password" in imap.words("en")
    assert "アプリパスワード" in imap.words("ja")
    assert "lost" in lost.words("en")
    assert "紛失" in lost.words("ja")


def test_contractors_read_webmail_on_managed_devices_only() -> None:
    demo = load((FOLDER / "demo.yaml").read_bytes())

    def contractor(service: str, trust: str, proof: Proof) -> Decision:
        return asked(demo, service, trust, proof, "password", "totp", group="contractors")

    assert contractor("portal", "unknown", Proof.NONE).outcome is ALLOW
    assert contractor("webmail", "managed", BROWSER).outcome is ALLOW
    assert "managed by us" in contractor("webmail", "enrolled", BROWSER).words("en")
    assert contractor("imap", "managed", APP).outcome is DENY


def test_a_stranger_to_every_group_gets_nothing(shipped: Policy) -> None:
    for service in ("portal", "webmail", "imap", "submission", "console", "client:roundcube"):
        assert asked(shipped, service, "managed", BROWSER, "password", "totp", group="nobody").outcome is DENY
