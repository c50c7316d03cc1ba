"""How long live sessions outlive their permission: from the moment an admin's order begins to the last closed socket.

The order goes to the local admin socket, as ``gatepost device revoke`` and ``gatepost policy publish`` do; the time of
starting a command line is not in it.
"""

import select
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from bench.imap_load import IDLE, LOG_OUT, Broken, Credential, ImapLoad, Talk, log_in
from bench.scene import Scene
from bench.verdicts import NOTHING, Claim, Line, bounded
from gatepost.admin_client import AdminClient, address

SESSIONS = 1000
TOGETHER = 16
PATIENCE = 20.0
PUBLISHED = 3
CLAIM = Claim(200, less=True)
ALLOWED, STRICTER = "proof: [app-password, certificate, token]", "proof: [certificate, token]"

Order = Callable[[], None]


def percentile(values: Sequence[float], part: float) -> float:
    """Return the smallest value that at least ``part`` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(part * 1000) * len(ordered) // 1000) - 1)]


def revocation(scene: Scene) -> list[Line]:
    """Revoke a device with a thousand sessions, and forbid a thousand sessions of many people by a new policy."""
    return [*_lines("device revoke", _revoked(scene)), *_lines("policy publish", _forbidden(scene))]


def _lines(order: str, runs: Sequence[Sequence[float]]) -> list[Line]:
    against = f"{len(runs)} runs of {SESSIONS} sessions"
    last = [max(run) for run in runs]
    return [
        bounded(f"{order}, p99", "ms", [percentile(run, 0.99) for run in runs], CLAIM, against),
        bounded(f"{order}, last of all runs", "ms", [max(last)], NOTHING, against),
    ]


def _revoked(scene: Scene) -> list[list[float]]:
    admin = scene.ours.admin
    runs = []
    for device, who in scene.ours.doomed:
        order = _order(admin, address("devices", device, "revoke"), {"note": "bench"})
        runs.append(_run(scene.ours.imap.port, [who], order))
    return runs


def _forbidden(scene: Scene) -> list[list[float]]:
    admin, policy = scene.ours.admin, scene.ours.policy
    stricter = policy.replace(ALLOWED, STRICTER)
    runs = []
    for _ in range(PUBLISHED):
        runs.append(_run(scene.ours.imap.port, scene.ours.people, _publishing(admin, stricter)))
        _publishing(admin, policy)()
        _wait_for(scene.ours.imap.port, scene.ours.people[0])
    return runs


def _wait_for(port: int, who: Credential) -> None:
    """Wait until the proxy lets somebody in again: it hears of a policy a moment after its publisher."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            ImapLoad(port).sessions([(*log_in(who), *LOG_OUT)], 1)
        except Broken:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
            continue
        return


def _publishing(admin: AdminClient, text: str) -> Order:
    return _order(admin, "/policy/publish", {"text": text, "comment": "bench", "force": True})


def _order(admin: AdminClient, path: str, body: Mapping[str, object]) -> Order:
    def give() -> None:
        status, answer = admin.call("POST", path, body)
        if status >= 300:
            raise Broken(f"{path}: {status} {answer}")

    return give


def _run(port: int, people: Sequence[Credential], order: Order) -> list[float]:
    """Open the sessions, give the order, and return after how many milliseconds each was closed."""
    load = ImapLoad(port)
    talks = load.enter(((*log_in(people[number % len(people)]), *IDLE) for number in range(SESSIONS)), TOGETHER)
    try:
        return _closings(talks, order)
    finally:
        for talk in talks:
            talk.sock.close()


def _closings(talks: Sequence[Talk], order: Order) -> list[float]:
    """Watch the sockets while the order is carried out. What is said last is not decrypted: that would be our time."""
    live = {talk.sock.fileno(): talk for talk in talks}
    took: list[float] = []
    with select.epoll() as poll:
        for descriptor in live:
            poll.register(descriptor, select.EPOLLIN)
        ordering = threading.Thread(target=order)
        begun = time.monotonic()
        ordering.start()
        while live and time.monotonic() - begun < PATIENCE:
            for descriptor, _ in poll.poll(0.2):
                if _over(live[descriptor]):
                    took.append((time.monotonic() - begun) * 1000)
                    poll.unregister(descriptor)
                    del live[descriptor]
        ordering.join()
    if live:
        raise Broken(f"{len(live)} sessions outlived the order by {PATIENCE:.0f} s")
    return took


def _over(talk: Talk) -> bool:
    """Say whether the server closed the connection."""
    try:
        return not socket.socket.recv(talk.sock, 65536)
    except BlockingIOError:
        return False
    except OSError:
        return True
