"""What a rule asks of mail programs that they can never show: they cannot be asked for a factor, and behind an app
password or a certificate stands no sign-in.
"""

from policies.document import Problems
from policies.model import Outcome, Rule, Value
from policies.vocabulary import MAIL_PROGRAMS, PROOFS

OF_SIGNINS = frozenset({"signin.age", "signin.new_device", "signin.new_country", "signin.impossible_travel"})
SIGNLESS = frozenset({"app-password", "certificate"})
"""How mail programs prove their device without a sign-in; an access token stands on one."""


def unanswerable(rule: Rule, warnings: Problems) -> None:
    """Note what mail programs cannot answer: a factor that is required, or a question about the sign-in."""
    if rule.outcome is Outcome.ALLOW:
        _never_met(rule, warnings)
    elif any(one.key in OF_SIGNINS for one in rule.conditions) and _mail(rule) and SIGNLESS & _proofs(rule):
        what = f"rule `{rule.name}` refuses every app password: without a sign-in, what it asks is unknown"
        hint = "name the services that it is for, or add `device: {not_proof: [app-password, certificate]}`"
        warnings.add(rule.place, what, rule.name, hint)


def _never_met(rule: Rule, warnings: Problems) -> None:
    mail = ", ".join(sorted(map(str, _named(rule) & MAIL_PROGRAMS)))
    if not mail or not SIGNLESS & _proofs(rule):
        return
    if rule.require is not None:
        what = f"rule `{rule.name}` asks mail programs for a factor: on {mail} an app password never meets it"
        warnings.add(rule.place, what, rule.name, "give mail programs a rule of their own, without `require`")
    elif any(one.key in OF_SIGNINS for one in rule.conditions):
        what = f"rule `{rule.name}` asks about the sign-in: on {mail} an app password never meets it"
        warnings.add(rule.place, what, rule.name, "give mail programs a rule of their own, without `signin`")


def _named(rule: Rule) -> frozenset[Value]:
    wanted = [one.wanted for one in rule.conditions if one.key == "service" and not one.negated]
    return wanted[0] if wanted else frozenset()


def _mail(rule: Rule) -> frozenset[Value]:
    """Return the mail services that a rule may be about, named or not."""
    spared = [one.wanted for one in rule.conditions if one.key == "service" and one.negated]
    return MAIL_PROGRAMS & (_named(rule) or MAIL_PROGRAMS) - frozenset().union(*spared)


def _proofs(rule: Rule) -> frozenset[Value]:
    """Return the proofs that a rule may meet."""
    found: frozenset[Value] = frozenset(PROOFS)
    for one in rule.conditions:
        if one.key == "device.proof":
            found = found - one.wanted if one.negated else found & one.wanted
    return found
