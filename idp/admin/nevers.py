"""The guard of invariants: a document that breaks one of its ``never`` is not published, by no force. One that could
not be decided in time passes if an admin takes it as it is."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from idp.admin.comparing import Unproven
from idp.admin.drafts import Draft
from idp.admin.refusals import AdminRefused
from policies.meaning.answers import Verdict

NEVER = "never"
"""This guard's name, as it is kept where it was passed."""

Unproving = Callable[[str], Awaitable[Sequence[Unproven]]]
"""Finds what is not proven of a document; see ``Comparing.unproven``."""

WORDS: Mapping[Verdict, Mapping[str, str]] = {
    Verdict.BROKEN: {
        "en": "`{name}` (line {line}) must never be so, but under this policy it can: {how}",
        "ja": "禁止条件「{name}」（{line}行目）に反します。{how}",
    },
    Verdict.UNDECIDED: {
        "en": "Whether `{name}` (line {line}) can be broken was not decided in time. Publish again, make the policy "
        "simpler, or take it as it is: --acknowledge",
        "ja": "禁止条件「{name}」（{line}行目）に反するかどうかを、時間内に判定できませんでした。"
        "もう一度公開するか、ポリシーを簡潔にするか、未判定のまま公開してください（--acknowledge）。",
    },
}
MORE = {"en": " (and {more} more)", "ja": "（ほか{more}件）"}


class NotProven(AdminRefused):
    """Carries every ``never`` that is broken, or was not decided in time; the words tell the first."""

    def __init__(self, found: Sequence[Unproven]) -> None:
        self.found = found
        super().__init__({language: _told(found, language) for language in MORE})


async def proven(unproven: Unproving, draft: Draft, force: bool) -> tuple[str, ...]:
    """Return this guard's name if the draft passes only as it was acknowledged, or by force.

    Raises:
        NotProven: an invariant is broken; or was not decided, and nobody takes that as it is.
    """
    found = await unproven(draft.text)
    broken = [each for each in found if each.verdict is Verdict.BROKEN]
    if broken or (found and not draft.acknowledged and not force):
        raise NotProven(broken or found)
    return (NEVER,) if found else ()


def _told(found: Sequence[Unproven], language: str) -> str:
    first, *others = found
    told = WORDS[first.verdict][language].format(name=first.name, line=first.line, how=first.words[language])
    return told + (MORE[language].format(more=len(others)) if others else "")
