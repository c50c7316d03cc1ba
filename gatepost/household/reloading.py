"""What SIGHUP does: a configuration that was changed is put in force, without dropping a session.

::

    file --faulty--> told, the old one stays --good--> kept for the roles --> every role is told
    proxy: new connections are served by it            idp: begins anew in its own place; the proxies wait it out

Listeners and whatever else an open port or an old secret hangs on need a restart; that is said.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace

from gatepost.geography.keeping import keep, stamps
from gatepost.household.configuration import keep_in_force, load, load_in_force
from gatepost.household.supervise import Supervisor
from kernel.config.settings import Settings
from kernel.problems import Refused

Say = Callable[[str], None]


def reload(settings: Settings, supervisor: Supervisor, say: Say) -> None:
    """Put the file that ``settings`` came from in force, if it is a good one; say so loudly when it is not."""
    if settings.source is None:
        return
    try:
        fresh = load(settings.source)
        if whole := [name for name in ("issuer", "state") if getattr(fresh.site, name) != getattr(settings.site, name)]:
            raise Refused(f"`{whole[0]}` cannot change while we run: restart to put it in force")
        keep_in_force(fresh)
        keep(fresh, say)
    except Refused as refused:
        say(f"reload refused, the old configuration stays in force:\n{refused}")
        return
    for name in needing_restart(settings, fresh):
        say(f"`{name}` has changed: restart to put that in force")
    say("the configuration was read again")
    supervisor.forward(signal.SIGHUP)


def needing_restart(before: Settings, after: Settings) -> list[str]:
    """Return the parts that only a restart puts in force."""
    names = [] if before.listen == after.listen else ["listen"]
    trusted = after.proxy.trusted_proxies
    return names if replace(before.proxy, trusted_proxies=trusted) == after.proxy else [*names, "proxy"]


def fresh_settings(settings: Settings, say: Say) -> Settings | None:
    """Read again, inside a role, what its supervisor put in force; None when that is no good (any more)."""
    if settings.source is None:
        return None
    try:
        return load_in_force(settings.source)
    except Refused as refused:
        say(f"reload refused, the old configuration stays in force:\n{refused}")
        return None


class Renewal:
    """Lets a role that keeps nothing but its store begin anew with other settings, as the same process."""

    def __init__(self, settings: Settings, stop: asyncio.Event, say: Say) -> None:
        self._settings, self._stop, self._say = settings, stop, say
        self._stamps = stamps(settings)
        self.due = False

    def look(self) -> None:
        """Read the settings again, and stop the role when they, or files that they name, are other ones."""
        fresh = fresh_settings(self._settings, self._say)
        if fresh is not None and (fresh != self._settings or stamps(fresh) != self._stamps):
            self.due = True
            self._stop.set()

    def begin_anew(self) -> None:
        """Become the same program again, if that is due; does not return then. Another SIGHUP in between waits."""
        if self.due:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - our own command line, once more
