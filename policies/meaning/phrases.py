"""One clause of a cube in words: "group staff or sales", "country not JP, or unknown". Pure text."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby

from policies.meaning.cases import NO, UNKNOWN, YES, Ages, Case, Clause, Reported, Sort, Versions
from policies.meaning.dictionary import EITHER, REPORTED, SAID, SHOWN, SIGNED_IN, UNITS, VALUE, VALUED

SIZES = (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60))


def phrase(clause: Clause, language: str) -> str:
    """Return a clause in words."""
    if clause.key in EITHER:
        return _either(clause, language)
    if clause.key in SPECIAL:
        return SPECIAL[clause.key](clause, language)
    what = VALUED[clause.key][language].format(listed(clause.names, language))
    return _valued(what, clause, language)


def duration(seconds: float, language: str = "en") -> str:
    """Return a length of time in the largest unit that fits: ``90s``, ``15m``, ``2w``, as the policy writes it."""
    whole = int(seconds)
    number, unit = next(((whole // size, unit) for unit, size in SIZES if whole and whole % size == 0), (whole, "s"))
    return f"{number}{UNITS[language][unit]}"


def listed(words: Iterable[str], language: str) -> str:
    """Return alternatives in a row."""
    several = list(dict.fromkeys(words))
    if language == "ja" or len(several) < 2:
        return "・".join(several)
    return f"{', '.join(several[:-1])} or {several[-1]}"


def _either(clause: Clause, language: str) -> str:
    so, not_so = EITHER[clause.key][language]
    if clause.cases == (YES,):
        return so.format(listed(clause.names, language))
    return listed((not_so.format(name) for name in clause.names), language)


def _valued(what: str, clause: Clause, language: str) -> str:
    said = SAID[language]
    left_out = [_value(case, language) for case in clause.others if case.sort is Sort.NAMED]
    named = [_value(case, language) for case in clause.cases if case.sort is Sort.NAMED]
    unknown = [said["unknown"]] if UNKNOWN in clause.cases else []
    if any(case.sort is Sort.OTHER for case in clause.cases):
        if not left_out:
            return said["known"].format(what)
        key = "not or unknown" if unknown else "known not" if UNKNOWN in clause.others else "not"
        return said[key].format(what, listed(left_out, language))
    closed = all(case.sort is Sort.NAMED for case in (*clause.cases, *clause.others))
    if closed and len(named) > len(left_out):
        return said["not"].format(what, listed(left_out, language))
    return f"{what} {listed([*named, *unknown], language)}"


def _value(case: Case, language: str) -> str:
    return SAID[language][str(case.value)] if isinstance(case.value, bool) else str(case.value)


def _service(clause: Clause, language: str) -> str:
    said = SAID[language]
    others = [str(case.value).startswith("client:") for case in clause.cases if case.sort is Sort.OTHER]
    if False in others:
        spared = [str(case.value) for case in clause.others if case.sort is Sort.NAMED]
        return said["any service but"].format(listed([*spared, *([] if True in others else ["client:*"])], language))
    named = [str(case.value) for case in clause.cases if case.sort is Sort.NAMED]
    return said["service"].format(listed([*named, *([said["other clients"]] if others else [])], language))


def _posture(clause: Clause, language: str) -> str:
    said = SAID[language]
    what = said["posture"].format(listed(clause.names, language))
    if clause.cases == (YES,):
        return what
    if clause.others == (UNKNOWN,):
        return said["known"].format(what)
    words = {YES: said["met"], NO: said["not met"], UNKNOWN: said["unknown"]}
    return f"{what} {listed((words[case] for case in clause.cases), language)}"


def _aged(said: Mapping[str, Mapping[str, str]], clause: Clause, language: str) -> str:
    """Say what was done some time ago, or never."""
    words, what = said[language], listed(clause.names, language)
    spans = list(_spans(case.value for case in clause.cases if isinstance(case.value, Ages)))
    never = [words["never"].format(what)] if UNKNOWN in clause.cases else []
    if never and spans and math.isinf(spans[-1][1]) and spans[-1][0] > 0.0:
        never = [words["not within"].format(what, duration(spans.pop()[0], language))]
    told = [*(_span(words, what, *span, language) for span in spans), *never]
    return listed(told or [words["ahead"].format(what)], language)


def _span(words: Mapping[str, str], what: str, low: float, high: float, language: str) -> str:
    ends = duration(low, language), duration(high, language) if math.isfinite(high) else ""
    if math.isinf(high):
        return words["before"].format(what, ends[0]) if low > 0.0 else words["ever"].format(what)
    return words["span"].format(what, *ends) if low > 0.0 else words["within"].format(what, ends[1])


def _spans(ages: Iterable[Ages]) -> Iterator[tuple[float, float]]:
    """Yield ages, joined where one goes on where another ends; stamps from the future are left out."""
    low = high = -math.inf
    for each in sorted((each for each in ages if each.high > 0.0), key=lambda each: each.low):
        if each.low != high:
            if high > 0.0:
                yield low, high
            low = each.low
        high = each.high
    if high > 0.0:
        yield low, high


def _signals(clause: Clause, language: str) -> str:
    if clause.names == ("",):
        return _aged(REPORTED, clause, language)
    reports = [case.value for case in clause.cases if isinstance(case.value, Reported)]
    several = len({each.value.ages for each in (*clause.cases, *clause.others) if isinstance(each.value, Reported)}) > 1
    words: list[str] = []
    for ages, group in groupby(sorted(reports, key=lambda one: one.ages.low), key=lambda one: one.ages):
        values = _values([one.value for one in group], language)
        words += (_span(VALUE[language], each, ages.low, ages.high, language) if several else each for each in values)
    unknown = [SAID[language]["unknown"]] if UNKNOWN in clause.cases else []
    return f"{listed(clause.names, language)} {listed([*words, *unknown], language)}"


def _values(values: Sequence[object], language: str) -> list[str]:
    versions = sorted((each for each in values if isinstance(each, Versions)), key=lambda each: each.low)
    joined: list[Versions] = []
    for each in versions:
        if joined and joined[-1].high == each.low:
            joined[-1] = Versions(joined[-1].low, each.high)
        else:
            joined.append(each)
    return [_versions(each, language) for each in joined] or [str(value).lower() for value in values]


def _versions(one: Versions, language: str) -> str:
    said = SAID[language]
    low, high = one.example(), ".".join(str(number) for number in one.high or ())
    if one.high is None:
        return said["from version"].format(low) if one.low else said["any version"]
    return said["versions"].format(low, high) if one.low else said["below version"].format(high)


SPECIAL: Mapping[str, Callable[[Clause, str], str]] = {
    "service": _service,
    "device.posture": _posture,
    "device.signals": _signals,
    "signin.factors": partial(_aged, SHOWN),
    "signin.age": partial(_aged, SIGNED_IN),
}
"""What is said in a way of its own."""
