"""Answers in words, English and Japanese: rows of a diff, broken invariants, effects."""

from collections.abc import Mapping
from dataclasses import fields

from kernel.reasons import LANGUAGES
from policies.meaning.answers import Dead, DeadRule, Kind, Proof, Row, Scope, Verdict
from policies.meaning.cases import NO, YES, Clause, Cube
from policies.meaning.effects import Authorship
from policies.meaning.phrases import duration, listed, phrase
from policies.model import Decision, Limits

Words = dict[str, str]

KINDS: Mapping[Kind, Mapping[str, str]] = {
    Kind.OPENED: {"en": "newly allowed", "ja": "新たに許可"},
    Kind.CLOSED: {"en": "newly denied", "ja": "新たに拒否"},
    Kind.ASKED: {"en": "now asked for {after}", "ja": "新たに{after}を要求"},
    Kind.SPARED: {"en": "no longer asked for {before}", "ja": "{before}の要求がなくなる"},
    Kind.ASKED_OTHERWISE: {
        "en": "asked for {after} instead of {before}",
        "ja": "要求する認証要素が{before}から{after}に変わる",
    },
    Kind.LIMITED: {"en": "limits: {before} -> {after}", "ja": "制限: {before} → {after}"},
    Kind.DECIDED_BY: {
        "en": "decided by `{after}` instead of `{before}`",
        "ja": "判定するルールが「{before}」から「{after}」に変わる",
    },
    Kind.REPORTED: {
        "en": "report rules: {before} -> {after}",
        "ja": "記録のみのルール: {before} → {after}",
    },
}

SCOPES: Mapping[Scope, Mapping[str, str]] = {
    Scope.ALL: {"en": "", "ja": ""},
    Scope.AFTER: {"en": " (for some of it, this is so already)", "ja": "（一部は変更前から該当）"},
    Scope.BEFORE: {"en": " (some of it stays as it is)", "ja": "（一部は変更前のまま）"},
}

VERDICTS: Mapping[Verdict, Mapping[str, str]] = {
    Verdict.HOLDS: {"en": "holds", "ja": "成立"},
    Verdict.BROKEN: {"en": "broken", "ja": "違反あり"},
    Verdict.UNDECIDED: {"en": "not decided", "ja": "判定できず"},
}

DEAD: Mapping[Dead, Mapping[str, str]] = {
    Dead.NEVER_MATCHES: {"en": "this rule can never match", "ja": "このルールは決して一致しません"},
    Dead.NEVER_REACHED: {
        "en": "this rule is never reached: the rules before it match all that it matches",
        "ja": "このルールには決して到達しません（一致する条件はすべて、これより前のルールに一致します）",
    },
}

UNLIKELY = {
    "en": " - none of Gatepost's own doors brings such facts",
    "ja": "（Gatepost自身の入口からは生じない条件）",
}
ANY: Mapping[str, Mapping[str, str]] = {
    "who": {"en": "anybody", "ja": "利用者を問わず"},
    "device": {"en": "any device", "ja": "端末を問わず"},
    "service": {"en": "any service", "ja": "サービスを問わず"},
    "network": {"en": "any network", "ja": "ネットワークを問わず"},
}
SECTIONS = ("who", "device", "service", "network", "when", "signin")
NONE = {"en": "none", "ja": "なし"}
NO_RULE = {"en": "no rule", "ja": "該当ルールなし"}
WITHIN = {"en": "{} within {}", "ja": "{}（{}以内）"}
BETWEEN = {"en": ", ", "ja": "、"}


def row(one: Row) -> Words:
    """Return a row as one line: what becomes of whom."""
    return {language: f"{_kind(one, language)}: {_told(one, language)}" for language in LANGUAGES}


def proof(one: Proof) -> Words:
    """Return what became of an invariant as one line."""
    return {language: _proof(one, language) for language in LANGUAGES}


def dead(one: DeadRule) -> Words:
    """Return why a rule decides nothing."""
    return dict(DEAD[one.why])


def cube(one: Cube) -> Words:
    """Return facts in words; what does not matter is said of who, device, service and network."""
    return {language: _cube(one, language) for language in LANGUAGES}


def clause(one: Clause) -> Words:
    """Return one clause in words."""
    return {language: phrase(one, language) for language in LANGUAGES}


def limits(one: Limits) -> str:
    """Return limits as a policy writes them, ``""`` when there are none."""
    return ", ".join(_limit(each.name, getattr(one, each.name)) for each in fields(one) if getattr(one, each.name))


def _kind(one: Row, language: str) -> str:
    before, after = (_side(one.kind, decision, language) for decision in (one.before, one.after))
    return KINDS[one.kind][language].format(before=before, after=after)


def _side(kind: Kind, decision: Decision, language: str) -> str:
    if kind is Kind.LIMITED:
        return limits(decision.limits) or NONE[language]
    if kind is Kind.DECIDED_BY:
        return decision.rule or NO_RULE[language]
    if kind is Kind.REPORTED:
        return listed(Authorship.of(decision).reports, language) or NONE[language]
    return _required(decision, language)


def _required(decision: Decision, language: str) -> str:
    if decision.require is None:
        return NONE[language]
    factors = listed((str(factor) for factor in decision.require.factors), language)
    within = decision.require.within
    return factors if within is None else WITHIN[language].format(factors, duration(within, language))


def _told(one: Row, language: str) -> str:
    return f"{_cube(one.cube, language)}{SCOPES[one.scope][language]}{'' if one.likely else UNLIKELY[language]}"


def _proof(one: Proof, language: str) -> str:
    verdict = VERDICTS[one.verdict][language]
    if one.verdict is not Verdict.BROKEN:
        return verdict
    return f"{verdict}: {_cube(one.cube, language)}{'' if one.likely else UNLIKELY[language]}"


def _cube(one: Cube, language: str) -> str:
    parts = []
    for section in SECTIONS:
        mine = [each for each in one if each.key.partition(".")[0] == section and not _goes_without_saying(each, one)]
        parts += [phrase(each, language) for each in sorted(mine, key=lambda each: each.cases == (NO,))]
        if not mine and section in ANY:
            parts.append(ANY[section][language])
    return BETWEEN[language].join(parts)


def _goes_without_saying(one: Clause, cube: Cube) -> bool:
    """Return whether something else that is said of the user, device or network says that there is one."""
    others = (each for each in cube if each.key.startswith(f"{one.key}."))
    return (
        one.key in ANY and one.cases == (YES,) and any(each.cases != (NO,) or one.key == "network" for each in others)
    )


def _limit(name: str, value: object) -> str:
    spelt = {"attachments_block": "attachments block", "recipients_internal": "recipients internal"}.get(name, name)
    if isinstance(value, bool):
        return spelt
    if isinstance(value, float):
        return f"{spelt} {duration(value)}"
    if name == "download" and isinstance(value, tuple):
        return f"{spelt} {value[0]}B/{duration(value[1])}"
    return f"{spelt} {', '.join(str(each) for each in value)}" if isinstance(value, tuple) else f"{spelt} {value}"
