"""Which language a page speaks: what was chosen at this browser, else the account's, the browser's, the site's. Pure.

The account's comes before the browser's, as in whatever else a person reads of us (mail, refusals, other routes).
"""

from kernel.reasons import LANGUAGES


def choose(chosen: str = "", account: str = "", accept: str = "", site: str = "en") -> str:
    """Return one of ``kernel.reasons.LANGUAGES``. ``accept`` is an Accept-Language field (RFC 9110, 12.5.4)."""
    for candidate in (chosen, account, *_accepted(accept), site):
        if candidate in LANGUAGES:
            return candidate
    return "en"


def _accepted(field: str) -> list[str]:
    """Return the primary tags of the field, best first; nonsense weights count as 0."""
    weighed = []
    for place, item in enumerate(field[:500].split(",")[:20]):
        tag, _, weight = item.partition(";")
        primary = tag.strip().lower().split("-")[0]
        if primary and _weight(weight) > 0:
            weighed.append((-_weight(weight), place, primary))
    return [primary for _, _, primary in sorted(weighed)]


def _weight(text: str) -> float:
    name, _, number = text.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(number) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
