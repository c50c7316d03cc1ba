"""Reporting for as long as the program runs: every few minutes, and at once when the machine has changed.

After trouble it tries again, later and later, up to ten minutes; a refusal that trying again cannot mend ends it.
"""

from collections.abc import Callable

from agent.keys import KeyTrouble
from agent.reporting import Reporter
from agent.server import Refusal, Unreachable
from agent.signals import Posture

LOOK_EVERY = 10.0
"""Seconds between two looks at the machine."""
FIRST_WAIT, LONGEST_WAIT = 5.0, 600.0
FINAL = frozenset({"unknown-key", "key-over", "device-out"})
"""What the server says when only enrolling again, or an admin, can help."""


class Watch:
    """Looks and reports. ``wait`` sleeps that many seconds and says whether to go on."""

    def __init__(
        self,
        reporter: Reporter,
        look: Callable[[], Posture],
        wait: Callable[[float], bool],
        tell: Callable[[str], None],
    ) -> None:
        self._reporter, self._look, self._wait, self._tell = reporter, look, wait, tell
        self._said: Posture | None = None
        self._due, self._pause = 0.0, FIRST_WAIT

    def run(self) -> None:
        """Go on until told to stop.

        Raises:
            Refusal: the server wants no more reports of this device.
        """
        while True:
            posture = self._look()
            if posture != self._said or self._reporter.clock() >= self._due:
                self._report(posture)
            pause = min(LOOK_EVERY, max(0.0, self._due - self._reporter.clock()))
            if not self._wait(pause):
                return

    def _report(self, posture: Posture) -> None:
        now = self._reporter.clock()
        try:
            answer = self._reporter.report(posture)
        except (Unreachable, Refusal, KeyTrouble) as trouble:
            if isinstance(trouble, Refusal) and trouble.error in FINAL:
                raise
            self._said, self._due = posture, now + self._pause
            self._pause = min(self._pause * 2, LONGEST_WAIT)
            self._tell(f"not reported: {trouble}; trying again")
            return
        self._said, self._due, self._pause = posture, now + float(answer["every"]), FIRST_WAIT
