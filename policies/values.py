"""Words to values: durations, sizes, ranges, times of day, versions. Each returns None after noting what is wrong."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Network, IPv6Network, NetmaskValueError, ip_network

from policies.document import Broken, Entries, Items, Node, Problems, Scalar
from policies.mistakes import shape
from policies.vocabulary import MISTAKEN_KEYS

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
SIZES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
MAX_SECONDS = 10 * 366 * 86400
MAX_TEXT = 500
MAX_NAME = 120
LONGEST_WORD = 1000
NO_HINTS: Mapping[str, str] = {}

_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhdw])")
_SIZE = re.compile(r"([1-9][0-9]{0,8})(B|KB|MB|GB|KiB|MiB|GiB)")
_BETWEEN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
_VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,4}")
_UNSPEAKABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_MAPPED = IPv6Network("::ffff:0:0/96")


def scalar(node: Node, what: str, problems: Problems) -> Scalar | None:
    """Return a single word that is not empty; ``what`` says in a message what was expected."""
    if isinstance(node, Broken):
        return None
    if not isinstance(node, Scalar):
        problems.add(node.place, f"{what} must be a single value, not a {kind(node)}", hint="write one value alone")
        return None
    if node.text == "":
        problems.add(node.place, f"{what} is empty", hint="give a value, or leave the key out")
        return None
    if len(node.text) > LONGEST_WORD:
        told = f"{what} is longer than {LONGEST_WORD} characters"
        problems.add(node.place, told, node.text, "shorten it")
        return None
    return node


def scalars(node: Node, what: str, problems: Problems) -> list[Scalar]:
    """Return one word or a list of words, none of them twice."""
    if isinstance(node, Broken):
        return []
    if not isinstance(node, Items):
        one = scalar(node, what, problems)
        return [one] if one else []
    if not node.items:
        problems.add(node.place, f"{what} is an empty list, so this could never hold", "[]", "leave the key out")
    found: dict[str, Scalar] = {}
    for item in node.items:
        word = scalar(item, f"each of {what}", problems)
        if word and word.text in found:
            problems.add(word.place, f"`{word.text}` is listed twice", word.text, "remove one")
        elif word:
            found[word.text] = word
    return list(found.values())


def chosen(node: Node, allowed: Iterable[str], what: str, problems: Problems) -> list[Scalar]:
    """Return words that must all be among ``allowed``."""
    known = list(allowed)
    good = []
    for word in scalars(node, what, problems):
        if word.text in known:
            good.append(word)
        else:
            problems.unknown(word, f"{what}: no such word", known)
    return good


def fields(
    node: Node, allowed: Iterable[str], what: str, problems: Problems, hints: Mapping[str, str] = NO_HINTS
) -> dict[str, tuple[Scalar, Node]]:
    """Return the entries of a mapping by key; unknown and duplicate keys are noted, the former with what ``hints`` say
    to them. ``allowed`` empty: any key."""
    if isinstance(node, Broken):
        return {}
    if not isinstance(node, Entries):
        told = f"{what} must be a mapping (`key: value`), not a {kind(node)}"
        problems.add(node.place, told, text_of(node), shape(what))
        return {}
    known = allowed if isinstance(allowed, tuple) else tuple(allowed)
    found: dict[str, tuple[Scalar, Node]] = {}
    for key, value in node.entries:
        if known and key.text not in known:
            likely, hint = MISTAKEN_KEYS.get(key.text, ""), hints.get(key.text, "")
            problems.unknown(key, f"{what} has no key", known, likely, hint)
        elif key.text in found:
            first = found[key.text][0].place
            problems.add(key.place, f"`{key.text}` is given twice", key.text, f"the first is on line {first.line}")
        else:
            found[key.text] = (key, value)
    return found


def boolean(node: Node, what: str, problems: Problems) -> bool | None:
    """Return true or false, spelt just so."""
    word = scalar(node, what, problems)
    if word is None:
        return None
    if word.text in ("true", "false") and word.plain:
        return word.text == "true"
    problems.add(word.place, f"{what} must be true or false", word.text, "write true or false, without quotes")
    return None


def duration(node: Node, what: str, problems: Problems) -> float | None:
    """Return seconds from a number and a unit, such as ``90s``, ``15m``, ``8h``, ``7d``, ``2w``."""
    word = scalar(node, what, problems)
    if word is None:
        return None
    seconds = seconds_of(word.text)
    if seconds is None or seconds > MAX_SECONDS:
        hint = "write a number and a unit, such as 90s, 15m, 8h, 7d or 2w (ten years at most)"
        problems.add(word.place, f"{what}: `{word.text}` is not a duration", word.text, hint)
        return None
    return seconds


def seconds_of(text: str) -> float | None:
    """Return the seconds that a duration means, or None."""
    match = _DURATION.fullmatch(text)
    return float(int(match[1]) * UNITS[match[2]]) if match else None


def rate(node: Node, what: str, problems: Problems) -> tuple[int, float] | None:
    """Return (bytes, seconds) from ``SIZE/TIME``, such as ``200MB/1h``."""
    word = scalar(node, what, problems)
    if word is None:
        return None
    size, _, per = word.text.partition("/")
    match, seconds = _SIZE.fullmatch(size), seconds_of(per)
    if match is None or seconds is None:
        problems.add(word.place, f"{what}: `{word.text}` is not SIZE/TIME", word.text, "write it like 200MB/1h")
        return None
    return int(match[1]) * SIZES[match[2]], seconds


def between(node: Node, what: str, problems: Problems) -> tuple[int, int] | None:
    """Return (from, until) in minutes of the day; the window may pass midnight, ``24:00`` ends a day."""
    word = scalar(node, what, problems)
    if word is None:
        return None
    match = _BETWEEN.fullmatch(word.text)
    start, end = (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, 0)
    if start == end or end > 24 * 60:
        hint = 'write it like "07:00-22:00", from 00:00 to 24:00, start and end not the same'
        problems.add(word.place, f"{what}: `{word.text}` is not a span of the day", word.text, hint)
        return None
    return start, end


def version(word: Scalar, what: str, problems: Problems) -> tuple[int, ...] | None:
    """Return the numbers of a minimum version, written ``>=14.4``."""
    found = version_of(word.text.removeprefix(">=").strip())
    if not word.text.startswith(">=") or found is None:
        hint = 'write the lowest version allowed, like ">=14.4"'
        problems.add(word.place, f"{what}: `{word.text}` is not a minimum version", word.text, hint)
        return None
    return found


@lru_cache(maxsize=4096)
def version_of(text: str) -> tuple[int, ...] | None:
    """Return a dotted version as numbers without trailing zeros (14.0 equals 14), or None."""
    if not _VERSION.fullmatch(text):
        return None
    numbers = [int(part) for part in text.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def address_range(word: Scalar, problems: Problems) -> IPv4Network | IPv6Network | None:
    """Return a CIDR range or a single address."""
    try:
        found = ip_network(word.text, strict=False)
    except (AddressValueError, NetmaskValueError, ValueError):
        hint = "write it like 192.0.2.0/24, 2001:db8::/32 or 192.0.2.7"
        problems.add(word.place, f"`{word.text}` is not an address range", word.text, hint)
        return None
    if "/" in word.text and str(found.network_address) != str(ip_network(word.text.partition("/")[0]).network_address):
        hint = f"did you mean `{found}`?"
        problems.add(word.place, f"`{word.text}` has bits set beyond its prefix", word.text, hint)
        return None
    if isinstance(found, IPv6Network) and found.overlaps(_MAPPED) and found.prefixlen >= _MAPPED.prefixlen:
        problems.add(word.place, f"`{word.text}` is IPv4 in disguise", word.text, "write it as an IPv4 range")
        return None
    return found


def line_of_text(node: Node, what: str, problems: Problems, longest: int = MAX_TEXT) -> str | None:
    """Return one line of text for people; line breaks are refused, since protocols carry it in a single line."""
    word = scalar(node, what, problems)
    if word is None:
        return None
    if len(word.text) > longest or _UNSPEAKABLE.search(word.text):
        hint = "write it as one plain line"
        problems.add(word.place, f"{what} must be one line of at most {longest} characters", word.text, hint)
        return None
    return word.text


def kind(node: Node) -> str:
    """Return what to call a node in a message."""
    return {Items: "list", Entries: "mapping", Scalar: "single value", Broken: "broken value"}[type(node)]


def text_of(node: Node) -> str:
    """Return the typed text of a scalar, else nothing."""
    return node.text if isinstance(node, Scalar) else ""
