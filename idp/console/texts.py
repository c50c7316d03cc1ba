"""Every word of the console."""

from idp.console.words.clients import CLIENTS
from idp.console.words.health import HEALTH
from idp.console.words.live import LIVE
from idp.console.words.machines import MACHINES
from idp.console.words.people import PEOPLE
from idp.console.words.policy import POLICY
from idp.console.words.policy_bench import POLICY_BENCH
from idp.console.words.policy_form import POLICY_FORM
from idp.console.words.policy_outcomes import POLICY_OUTCOMES
from idp.console.words.policy_review import POLICY_REVIEW
from idp.console.words.policy_revisions import POLICY_REVISIONS
from idp.console.words.records import RECORDS
from idp.web.areas import Texts

_POLICY: Texts = {**POLICY, **POLICY_BENCH, **POLICY_FORM, **POLICY_REVIEW, **POLICY_OUTCOMES, **POLICY_REVISIONS}
TEXTS: Texts = {**LIVE, **PEOPLE, **MACHINES, **_POLICY, **CLIENTS, **RECORDS, **HEALTH}
