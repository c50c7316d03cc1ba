"""The IMAP measures: a whole session, a NOOP, bulk, and the memory of a session that does nothing."""

import time
from collections.abc import Iterator

from bench.accounting import cpu_seconds, resident_kib
from bench.contenders import Contender
from bench.imap_load import IDLE, LOG_OUT, NOOP, ImapLoad, Script, fetch, log_in
from bench.scene import SETTLE_SECONDS, Scene, missing, scaled
from bench.verdicts import NOTHING, Claim, Line, bounded, lines

SESSIONS = 800
TOGETHER = 16
NOOPS = 1200
BULK_SESSIONS = 4
BULK = 96 * 1024 * 1024
SLOW_BULK = 8 * 1024 * 1024
"""Dovecot's proxy needs ten times the CPU per octet: a smaller letter will do."""
IDLERS = 1000
GIGABYTE = 1e9

SESSION_CLAIMS = {"HAProxy TCP": Claim(0.8, 1.0), "nginx mail": Claim(1.0, 1.3), "Dovecot proxy": Claim(1.3, 1.8)}
BULK_CLAIMS = {"HAProxy TCP": Claim(0.9, 1.3)}
IDLE_CLAIM = Claim(25, 15, less=True)


def logins(scene: Scene, count: int, behind: Script) -> Iterator[Script]:
    """Yield logins of many people in turn, each followed by ``behind``."""
    people = scene.ours.people
    return ((*log_in(people[number % len(people)]), *behind) for number in range(count))


def session(scene: Scene) -> list[Line]:
    """Connect under TLS, LOGIN, SELECT, LOGOUT."""
    measure, unit = "IMAP session", "CPU ms"
    identity: list[float] = []

    def work(contender: Contender) -> float:
        before = cpu_seconds([scene.ours.idp])
        ImapLoad(contender.port).sessions(logins(scene, SESSIONS, LOG_OUT), TOGETHER)
        if contender == scene.ours.imap:
            time.sleep(SETTLE_SECONDS)
            identity.append((cpu_seconds([scene.ours.idp]) - before) / SESSIONS * 1000)
        return SESSIONS

    costs = scaled(scene.costs(scene.mail, work), 1000)
    return [
        *lines(measure, unit, costs, SESSION_CLAIMS, scene.ours.imap.name),
        *missing(measure, unit, scene.mail),
        bounded("  of it beside, in the identity role", unit, identity[1:], NOTHING),
    ]


def noop(scene: Scene) -> list[Line]:
    """One command and its answer, in sessions that are open."""
    measure, unit = "IMAP NOOP", "CPU us"

    def work(contender: Contender) -> float:
        load = ImapLoad(contender.port)
        load.repeat(talks[contender.name], NOOP, NOOPS)
        return TOGETHER * NOOPS

    crowd = [each for each in scene.mail if isinstance(each, Contender)]
    talks = {each.name: ImapLoad(each.port).enter(logins(scene, TOGETHER, ()), TOGETHER) for each in crowd}
    costs = scaled(scene.costs(crowd, work), 1e6)
    for some in talks.values():
        for talk in some:
            talk.sock.close()
    return [*lines(measure, unit, costs, {}, scene.ours.imap.name), *missing(measure, unit, scene.mail)]


def bulk(scene: Scene) -> list[Line]:
    """Letters of many megabytes, fetched over a few sessions at once."""
    measure, unit = "IMAP bulk", "CPU s/GB"

    def work(contender: Contender) -> float:
        load = ImapLoad(contender.port)
        talks = load.enter(logins(scene, BULK_SESSIONS, ()), BULK_SESSIONS)
        load.repeat(talks, fetch(SLOW_BULK if contender.name == "Dovecot proxy" else BULK), 1)
        for talk in talks:
            talk.sock.close()
        return sum(talk.octets for talk in talks) / GIGABYTE

    costs = scene.costs(scene.mail, work)
    return [*lines(measure, unit, costs, BULK_CLAIMS, scene.ours.imap.name), *missing(measure, unit, scene.mail)]


def idle(scene: Scene) -> list[Line]:
    """The growth of resident memory over many sessions in IDLE. Once for everybody: memory is not noisy, and a process
    that has held sessions before has their room at hand."""
    measure, unit = "idle session", "KiB"
    grown: dict[str, list[float]] = {}
    for contender in scene.mail:
        if isinstance(contender, Contender):
            load = ImapLoad(contender.port)
            load.sessions(logins(scene, TOGETHER * 4, LOG_OUT), TOGETHER)
            before = resident_kib(contender.pids)
            talks = load.enter(logins(scene, IDLERS, IDLE), TOGETHER)
            time.sleep(SETTLE_SECONDS)
            grown[contender.name] = [(resident_kib(contender.pids) - before) / IDLERS]
            for talk in talks:
                talk.sock.close()
    ours = grown[scene.ours.imap.name]
    shown = lines(measure, unit, grown, {}, scene.ours.imap.name)
    return [bounded(measure, unit, ours, IDLE_CLAIM), *shown, *missing(measure, unit, scene.mail)]
