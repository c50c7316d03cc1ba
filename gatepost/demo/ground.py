"""The lab's ground: where its mail servers keep everything, whom they run as, and how their files are filled in.

As root the servers change to users of their own, so these must be able to walk to the folder; otherwise all is ours.
"""

import getpass
import grp
import hashlib
import os
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from gatepost.demo.plan import Plan
from gatepost.household.supervise import Role, tethered
from kernel.problems import Refused

TEMPLATES = Path(__file__).parent.parent.parent / "deploy" / "lab"
ELSEWHERE = Path("/var/lib/gatepost-lab")
"""Where the servers' things go when other users cannot walk to the lab's directory (a checkout below /root)."""

ONE = 'log=$1; shift; exec "$@" >>"$log" 2>&1'
"""For a server that ends all of its processes with its first."""
GROUP = 'log=$1; shift; trap "trap : TERM; kill 0; wait" TERM; "$@" >>"$log" 2>&1 & wait $!'
"""For one that does not: told to end, it ends all that it started."""


@dataclass(frozen=True, slots=True)
class Ground:
    """``base`` is the servers' folder. The users are those of Debian's packages as root, else everywhere oneself."""

    base: Path
    root: bool
    internal_user: str
    internal_group: str
    login_user: str
    mail_user: str
    mail_group: str
    web_user: str

    def folder(self, *parts: str, owner: str = "") -> Path:
        """Return a folder of the ground, made if it is not there; ``owner`` counts as root only."""
        path = self.base.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True)
        if self.root and owner:
            shutil.chown(path, owner)
            path.chmod(0o700)
        return path

    @property
    def authority(self) -> Path:
        """A copy of the lab's certificate authority that every user can read."""
        return self.base / "ca.pem"

    def give(self, path: Path, owner: str, mode: int) -> None:
        """Close a file to all but ``owner``; without root the owner is oneself."""
        if self.root:
            shutil.chown(path, owner)
        path.chmod(mode)

    def role(
        self,
        name: str,
        port: int,
        said: Path,
        *argv: str,
        script: str = ONE,
        environment: Mapping[str, str] | None = None,
    ) -> Role:
        """Return the role of a server, which is ready when ``port`` answers; what it says at a terminal goes to
        ``said``. It ends with its tether, even with one that was killed."""
        tied = ("setpriv", "--pdeathsig", "TERM", "/bin/sh", "-c", script, "sh", str(said), *argv)
        return Role(name, tethered(port, *tied), dict(environment or {}))

    def fill(self, template: str, target: Path, values: Mapping[str, object]) -> Path:
        """Write a template of ``deploy/lab`` (``string.Template``) with its values to ``target``."""
        text = (TEMPLATES / template).read_text(encoding="utf-8")
        target.write_text(Template(text).substitute(values), encoding="utf-8")
        return target


def program(name: str, package: str) -> str:
    """Return the path of a server's program.

    Raises:
        Refused: its Debian package is not installed.
    """
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/dovecot")
    if found is None:
        raise Refused(f"the lab needs Debian's {package}; install it as root with `deploy/packages lab`")
    return found


def ground(plan: Plan) -> Ground:
    """Make the servers' folder for ``plan`` and return the ground."""
    wished = plan.path("servers")
    if os.geteuid() != 0:
        wished.mkdir(mode=0o700, exist_ok=True)
        user, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
        return Ground(wished, False, user, group, user, user, group, user)
    plan.directory.chmod(0o711)  # what is secret in there is closed by its own mode
    base = wished if walkable(plan.directory) else _elsewhere(wished)
    base.mkdir(exist_ok=True)
    base.chmod(0o755)
    return Ground(base, True, "dovecot", "dovecot", "dovenull", "nobody", "nogroup", "www-data")


def walkable(path: Path) -> bool:
    """Tell whether every user may walk to ``path``."""
    return all(each.stat().st_mode & stat.S_IXOTH for each in (path, *path.parents))


def forget(plan_directory: Path) -> None:
    """Remove what the servers keep outside of the lab's directory, if anything."""
    link = plan_directory / "servers"
    if link.is_symlink() and ELSEWHERE in link.resolve().parents:
        shutil.rmtree(link.resolve(), ignore_errors=True)


def _elsewhere(link: Path) -> Path:
    """Return a folder that everybody may walk to, below a directory that root alone writes to."""
    base = ELSEWHERE / hashlib.sha256(str(link).encode()).hexdigest()[:12]
    base.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(base)
    return base
