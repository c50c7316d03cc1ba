"""The HTTP measures: small and large answers over kept-alive TLS connections, loaded by wrk."""

import re
import shutil
import subprocess

from bench.contenders import Contender
from bench.ground import HOST
from bench.imap_load import Broken
from bench.ours import WEBMAIL
from bench.scene import Scene, missing, scaled
from bench.verdicts import ABSENT, Claim, Line, lines
from proxy.web.cookies import session_cookie

WRK = shutil.which("wrk")
CONNECTIONS = 32
SECONDS = 2
PATIENCE = 30.0
SMALL_CLAIMS = {"nginx + auth_request": Claim(1.0, 1.7), "nginx": Claim(0.6, 0.95)}
DONE = re.compile(r"^\s*(\d+) requests in", re.MULTILINE)
FAULTS = re.compile(r"^\s*(Non-2xx or 3xx responses: \d+|Socket errors: .*)$", re.MULTILINE)


def answered(report: str) -> int:
    """Return how many requests wrk says were answered.

    Raises:
        Broken: some were not, or not well.
    """
    faults = FAULTS.search(report)
    found = DONE.search(report)
    if found is None or int(found[1]) == 0 or (faults is not None and "Non-2xx" in faults[1]):
        raise Broken(f"wrk: {report[-500:]}")
    return int(found[1])


def small(scene: Scene) -> list[Line]:
    """Answers of 2 KiB."""
    return _row(scene, "HTTP 2 KiB", "CPU us", "2k", 1e6)


def large(scene: Scene) -> list[Line]:
    """Answers of 1 MiB."""
    return _row(scene, "HTTP 1 MiB", "CPU ms", "1m", 1e3)


def _row(scene: Scene, measure: str, unit: str, file: str, factor: float) -> list[Line]:
    if WRK is None:
        return [Line(measure, unit, verdict=ABSENT, note="wrk is not installed")]

    def work(contender: Contender) -> float:
        return _load(contender.port, file, scene.ours.cookie)

    costs = scaled(scene.costs(scene.web, work), factor)
    claims = SMALL_CLAIMS if file == "2k" else {}
    return [*lines(measure, unit, costs, claims, scene.ours.web.name), *missing(measure, unit, scene.web)]


def _load(port: int, file: str, cookie: str) -> int:
    url = f"https://{HOST}:{port}/files/{file}"
    heads = ("-H", f"Host: localhost:{port}", "-H", f"Cookie: {session_cookie(WEBMAIL)}={cookie}")
    argv = [str(WRK), "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *heads, url]
    report = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE, check=True)
    return answered(report.stdout)
