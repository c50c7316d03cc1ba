"""Policies as people write them: one document in many hands, with comments, quotes, braces or lines, and line ends.

``written`` draws the text of one of the random documents; every comment in it is of the form ``# note N``.
"""

from random import Random
from typing import Any

from hypothesis import strategies as st

from policies.editing.writing import word
from tests.policies.random_policies import documents


class Hand:
    """One way of writing; ``chance`` decides at every turn."""

    def __init__(self, chance: Random) -> None:
        self._chance, self._notes = chance, 0

    def document(self, said: dict[str, Any]) -> str:
        lines = self._above(0)
        for key, value in said.items():
            lines += self._cell(key, value, 0) + self._blank()
        text = "\n".join(lines) + ("\n" if self._once(0.8) else "")
        return text.replace("\n", "\r\n") if self._once(0.1) else text

    def _cell(self, key: str, value: Any, depth: int) -> list[str]:
        margin = " " * depth
        if isinstance(value, dict) and value and (depth == 0 or self._once(0.4)):
            deeper = depth + self._chance.choice([2, 2, 4])
            return [f"{margin}{key}:{self._note()}", *self._table(value, deeper)]
        if isinstance(value, list) and value and (depth == 0 or self._once(0.3)):
            deeper = depth + self._chance.choice([0, 2, 2])
            return [f"{margin}{key}:{self._note()}", *self._series(value, deeper)]
        if isinstance(value, list) and len(value) > 1 and self._once(0.3):
            return self._spread(f"{margin}{key}: ", value, depth)
        return [f"{margin}{key}: {self._flow(value)}{self._note()}"]

    def _table(self, value: dict[str, Any], depth: int) -> list[str]:
        lines: list[str] = []
        for key, each in value.items():
            lines += self._above(depth) + self._cell(key, each, depth)
        return lines

    def _series(self, value: list[Any], depth: int) -> list[str]:
        lines: list[str] = []
        for each in value:
            lines += self._above(depth)
            if isinstance(each, dict):
                first, *rest = self._table(each, depth + 2) or ["{}"]
                while first.lstrip().startswith("#"):
                    lines, first, rest = [*lines, first[2:]], rest[0], rest[1:]
                lines += [f"{' ' * depth}- {first.lstrip()}", *rest, *self._blank()]
            else:
                lines.append(f"{' ' * depth}- {self._flow(each)}{self._note()}")
        return lines

    def _spread(self, start: str, value: list[Any], depth: int) -> list[str]:
        """A list in brackets over several lines."""
        margin, last = " " * (depth + 2), "," if self._once(0.4) else ""
        lines = [f"{start}[{self._note()}"]
        for place, each in enumerate(value):
            comma = "," if place + 1 < len(value) else last
            lines += self._above(depth + 2) + [f"{margin}{self._flow(each)}{comma}{self._note()}"]
        return [*lines, f"{' ' * depth} ]{self._note()}"]

    def _flow(self, value: Any) -> str:
        apart = self._chance.choice([", ", ", ", ","])
        if isinstance(value, dict):
            return "{" + apart.join(f"{key}: {self._flow(each)}" for key, each in value.items()) + "}"
        if isinstance(value, list):
            inner = apart.join(self._flow(each) for each in value)
            return f"[ {inner} ]" if self._once(0.2) else f"[{inner}]"
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return word(text, "" if isinstance(value, bool) else self._chance.choice(["", "", '"', "'"]))

    def _above(self, depth: int) -> list[str]:
        return [f"{' ' * depth}{self._remark().lstrip()}"] if self._once(0.15) else []

    def _blank(self) -> list[str]:
        return [""] if self._once(0.5) else []

    def _note(self) -> str:
        return self._remark() if self._once(0.15) else ""

    def _remark(self) -> str:
        self._notes += 1
        return f"  # note {self._notes}"

    def _once(self, share: float) -> bool:
        return self._chance.random() < share


@st.composite
def written(draw: st.DrawFn) -> str:
    """Return a policy in some hand."""
    said = draw(documents())
    said["rules"] = said["rules"] or [{"name": "only", "then": "deny"}]
    chance = draw(st.randoms(use_true_random=False))
    return Hand(chance).document(said)
