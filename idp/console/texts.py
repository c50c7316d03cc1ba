"""Every word of the console."""

from idp.console.words.clients import CLIENTS
from idp.console.words.live import LIVE
from idp.console.words.machines import MACHINES
from idp.console.words.people import PEOPLE
from idp.console.words.policy import POLICY
from idp.console.words.policy_bench import POLICY_BENCH
from idp.console.words.policy_form import POLICY_FORM
from idp.console.words.records import RECORDS
from idp.web.areas import Texts

TEXTS: Texts = {**LIVE, **PEOPLE, **MACHINES, **POLICY, **POLICY_BENCH, **POLICY_FORM, **CLIENTS, **RECORDS}
