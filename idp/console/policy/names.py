"""The names that a policy may speak of, for completion and pickers: from the store, the vocabulary and the draft."""

import re
from collections.abc import Sequence
from typing import Final

from idp.admin.acts import Acts
from policies.editing.completing import Names
from policies.vocabulary import ANY_CLIENT, COUNTRIES, SERVICES
from policies.zones import zone_names

PEOPLE: Final = 40
"""How many people are offered at once."""

_NAME: Final = re.compile(r"""([ ]+)("[^"\n]+"|'[^'\n]+'|[^\s#{}\[\]"'-][^:#]*?):(?=\s|$)""")

Named = Sequence[tuple[str, str]]


async def names_for(acts: Acts, text: str, typed: str = "") -> Names:
    """Return every name by source. ``typed``: what names of people must hold; of the others there are few enough."""
    groups = await acts.groups.all()
    people = await acts.people.find(typed, limit=PEOPLE)
    return {
        "groups": [(each.group.name, f"{each.members}") for each in groups],
        "users": [(each.email, each.display_name) for each in people],
        "services": await services_of(acts),
        "networks": [(name, "") for name in defined(text, "networks")],
        "postures": [(name, "") for name in defined(text, "postures")],
        "countries": [(code, "") for code in sorted(COUNTRIES)],
        "zones": [(name, "") for name in zone_names()],
    }


async def services_of(acts: Acts) -> Named:
    """Return every service there is, with the name of the application behind it."""
    clients = [(f"client:{each.client_id}", each.name) for each in await acts.clients.all()]
    own = dict.fromkeys((*SERVICES, *acts.publishing.services()))
    return [*((name, "") for name in own), (ANY_CLIENT, ""), *clients]


def defined(text: str, section: str) -> list[str]:
    """Return the names that a draft defines under ``networks`` or ``postures``, half finished as it may be."""
    names: list[tuple[int, str]] = []
    inside = False
    for line in text.splitlines():
        if line[:1].strip() and not line.startswith("#"):
            inside = line.startswith(f"{section}:")
        elif inside and (found := _NAME.match(line)):
            names.append((len(found[1]), found[2].strip("\"'")))
    return list(dict.fromkeys(name for depth, name in names if depth == names[0][0]))
