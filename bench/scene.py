"""Everything that a run needs, started when first asked for: backends, Gatepost, and the peers in front of the same
backends. Also how a cost is taken: in turns, one contender after the other, round after round."""

import sys
import time
from collections.abc import Callable, Sequence
from functools import cached_property

from bench import contenders
from bench.accounting import cpu_seconds
from bench.contenders import Absent, Contender
from bench.ground import Ground, free_port
from bench.ours import Ours, gatepost
from bench.verdicts import ABSENT, Line

FILES = {"2k": 2048, "1m": 1024 * 1024}
DOOMED = 3
SETTLE_SECONDS = 0.15
"""How long a proxy may go on closing connections before its cost is read."""

Work = Callable[[Contender], float]


class Scene:
    """One run's servers. ``rounds``: how often everything is measured."""

    def __init__(self, ground: Ground, rounds: int) -> None:
        self.ground = ground
        self.rounds = rounds

    @cached_property
    def mailbox(self) -> int:
        """The port of the IMAP server behind everybody."""
        port = free_port()
        self.ground.start("mailbox", [sys.executable, "-m", "bench.mailbox", str(port)], (port,))
        return port

    @cached_property
    def files(self) -> int:
        """The port of the web server behind everybody; nobody listens there without nginx."""
        return contenders.file_server(self.ground, FILES) if contenders.NGINX else free_port()

    @cached_property
    def ours(self) -> Ours:
        return gatepost(self.ground, self.mailbox, self.files, DOOMED)

    @cached_property
    def mail(self) -> list[Contender | Absent]:
        """Gatepost and its peers for IMAP."""
        ground, mailbox = self.ground, self.mailbox
        peers = (contenders.haproxy, contenders.nginx_mail, contenders.dovecot)
        return [self.ours.imap, *(peer(ground, mailbox) for peer in peers)]

    @cached_property
    def web(self) -> list[Contender | Absent]:
        """Gatepost and its peers for HTTP."""
        return [self.ours.web, *(contenders.nginx_web(self.ground, self.files, ask=ask) for ask in (True, False))]

    def costs(self, crowd: Sequence[Contender | Absent], work: Work) -> dict[str, list[float]]:
        """Let every contender do ``work`` (which returns how many operations that was), in turns; return the CPU
        seconds per operation, by name. A first turn that is not counted warms everybody up."""
        present = [each for each in crowd if isinstance(each, Contender)]
        for each in present:
            work(each)
        found: dict[str, list[float]] = {each.name: [] for each in present}
        for _ in range(self.rounds):
            for each in present:
                found[each.name].append(cost(each, work))
        return found


def cost(contender: Contender, work: Work) -> float:
    """Return the CPU seconds per operation of one piece of work."""
    before = cpu_seconds(contender.pids)
    done = work(contender)
    time.sleep(SETTLE_SECONDS)
    return (cpu_seconds(contender.pids) - before) / done


def missing(measure: str, unit: str, crowd: Sequence[Contender | Absent]) -> list[Line]:
    """Return a line for everybody who cannot run here."""
    absent = [each for each in crowd if isinstance(each, Absent)]
    return [Line(measure, unit, each.name, verdict=ABSENT, note=each.why) for each in absent]


def scaled(costs: dict[str, list[float]], factor: float) -> dict[str, list[float]]:
    """Return the same costs in another unit."""
    return {name: [value * factor for value in values] for name, values in costs.items()}
