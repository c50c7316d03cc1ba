"""What people write that is nearly the language, and what to tell them: the word that is meant, or an example."""

from collections.abc import Mapping, Sequence

from kernel.problems import nearest

SHORTEST_BEGINNING = 3

_YAML: Mapping[str, str] = {
    "cannot start any token": "indent with spaces, not with tabs; put text that begins with a sign in quotes",
    "',' or ']'": "close the list with `]`",
    "',' or '}'": "close the mapping with `}`",
    "mapping values are not allowed": "put text with a colon in quotes, and look at the indentation",
    "end of stream": "close the quotes",
    "unknown escape": "write \\\\ for a backslash within \"...\", or use '...'",
}
ELSEWHERE = "look at quotes, brackets and indentation, here and in the lines before"

SHAPES: Mapping[str, str] = {
    "`who`": "write it like `who: {groups: [staff]}`",
    "`device`": "write it like `device: {trust: managed}`",
    "`network`": "write it like `network: {in: [office]}`",
    "`when`": 'write it like `when: {days: [mon, fri], between: "07:00-22:00", zone: Asia/Tokyo}`',
    "`signin`": "write it like `signin: {age: 8h}`",
    "`attributes`": "write it like `attributes: {site: tokyo}`",
    "`not_attributes`": "write it like `not_attributes: {site: tokyo}`",
    "`require`": "write it like `require: {factors: [totp, passkey]}`",
    "`limits`": "write it like `limits: {session: 8h}`",
    "`say`": 'write it like `say: {en: "Closed today.", ja: "本日は休業です。"}`',
    "`os`": 'write it like `os: {macos: ">=14.4"}`',
    "`networks`": "write it like `networks: {office: [192.0.2.0/24]}`",
    "`postures`": "write it like `postures: {healthy: {disk_encrypted: true}}`",
    "a policy": "begin with `version: 1`",
    "a posture": "write it like `healthy: {disk_encrypted: true}`",
    "a rule": "write it like `- {name: staff, who: {groups: [staff]}, then: allow}`",
    "an invariant": "write it like `- {name: no strangers, device: {trust: unknown}, outcome: allow}`",
}
"""How what must be a mapping is written, by what it is called in messages."""

ALLOW, DENY = "write `then: allow`", "write `then: deny`"
INTO_THE_RULE = "write `who`, `service`, `device` and the others into the rule itself"
MISPLACED: Mapping[str, str] = {
    "allow": ALLOW,
    "permit": ALLOW,
    "deny": DENY,
    "block": DENY,
    "action": "did you mean `then`?",
    "effect": "did you mean `then`?",
    "conditions": INTO_THE_RULE,
    "match": INTO_THE_RULE,
    "if": INTO_THE_RULE,
}
"""Keys that people try in a rule, and what they will have meant."""


def yaml_hint(problem: str) -> str:
    """Return what will help against a complaint of the YAML reader."""
    return next((hint for part, hint in _YAML.items() if part in problem), ELSEWHERE)


def shape(what: str) -> str:
    """Return how a mapping of that name is written, ``""`` when there is nothing to say."""
    return SHAPES["a posture"] if what.startswith("posture `") else SHAPES.get(what, "")


def belonging(sections: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """Return hints for the keys of ``sections`` that stand a level too high, and for ``not_`` before a section."""
    found = dict(MISPLACED)
    owners: dict[str, list[str]] = {}
    for section, leaves in sections.items():
        found[f"not_{section}"] = f"put `not_` before a key within it, as in `{section}: {{not_{leaves[0]}: ...}}`"
        for leaf in leaves:
            owners.setdefault(leaf, []).append(section)
    for leaf, where in owners.items():
        if len(where) == 1:
            found.setdefault(leaf, f"put it within `{where[0]}`: `{where[0]}: {{{leaf}: ...}}`")
            found.setdefault(f"not_{leaf}", f"put it within `{where[0]}`: `{where[0]}: {{not_{leaf}: ...}}`")
    return found


def meant(word: str, known: Sequence[str]) -> str:
    """Return the known word that a person will have meant: the same but for its case, the only one that begins so, or
    the nearest; ``""`` when there is none."""
    folded = word.casefold()
    begun = []
    for each in known:
        if each.casefold() == folded:
            return each
        if each.casefold().startswith(folded):
            begun.append(each)
    if len(begun) == 1 and len(word) >= SHORTEST_BEGINNING:
        return begun[0]
    return nearest(word, known)
