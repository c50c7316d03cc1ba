"""``python -m tests.screens <demo.json> <outdir> [walk ...]``: walk through a running demo as a stranger, a newcomer,
one of the staff and an admin, photograph every page, and write ``index.html`` beside the pictures. Exit code 1 when
something measurable is wrong with a page."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.demo import Demo
from tests.screens import applications, console, door, newcomer, person, policy, stranger
from tests.screens.tour import Tour

CHROMIUM = "/usr/bin/chromium"
WALKS = {
    "newcomer": newcomer.walk,
    "person": person.walk,
    "console": console.walk,
    "policy": policy.walk,
    "applications": applications.walk,
    "door": door.walk,
    "stranger": stranger.walk,  # the last: it slows this network down
}


def photograph(demo: Demo, folder: Path, walks: list[str]) -> list[str]:
    """Take all pictures; return what was wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tour = Tour(demo, browser, folder)
        for name in walks:
            WALKS[name](tour)
        browser.close()
    (folder / "index.html").write_text(_index(folder), encoding="utf-8")
    return tour.faults


def _index(folder: Path) -> str:
    pictures = "".join(
        f'<figure><img loading="lazy" src="{picture.name}" alt=""><figcaption>{picture.stem}</figcaption></figure>'
        for picture in sorted(folder.glob("*.png"))
    )
    style = "body{display:flex;flex-wrap:wrap;gap:1rem;background:#888}img{width:24rem}figure{margin:0}"
    return f"<!doctype html><title>Gatepost screens</title><style>{style}</style>{pictures}"


def main() -> int:
    """Run from the command line."""
    if len(sys.argv) < 3 or not set(sys.argv[3:]) <= set(WALKS):
        print(__doc__, file=sys.stderr)
        return 2
    faults = photograph(Demo(Path(sys.argv[1]).absolute().parent), Path(sys.argv[2]), sys.argv[3:] or list(WALKS))
    print("\n".join(dict.fromkeys(faults)) or "every page fits, no script failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
