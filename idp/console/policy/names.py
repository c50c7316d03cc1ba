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

_TOKEN: Final = re.compile(r"""[{}\[\]]|(?P<key>"[^"\n]*"|'[^'\n]*'|[^\s,:{}\[\]"']+)\s*:(?=\s)""")

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
    body = _body(text, section)
    if body.lstrip().startswith("{"):
        return _in_braces(body)
    lines = [found for found in map(_NAME.match, body.splitlines()) if found]
    depth = len(lines[0][1]) if lines else 0
    return list(dict.fromkeys(found[2].strip("\"'") for found in lines if len(found[1]) == depth))


def _body(text: str, section: str) -> str:
    """Return what stands under a key of the document, up to the next line that is not indented."""
    found = re.search(rf"^{section}:(.*)$", text, re.MULTILINE)
    if found is None:
        return ""
    kept = [found[1]]
    for line in text[found.end() :].splitlines()[1:]:
        if line[:1].strip() and line[0] not in "#}]":
            break
        kept.append(line)
    return "\n".join(kept)


def _in_braces(body: str) -> list[str]:
    depth, names = 0, []
    for token in _TOKEN.finditer(body):
        depth += (token[0] in "{[") - (token[0] in "}]")
        if token["key"] and depth == 1:
            names.append(token["key"].strip("\"'"))
    return list(dict.fromkeys(names))
