"""The console behind the real gate: whoever is not an admin on a known device with both factors sees nothing (D19)."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from idp.authority.subjects import Subjects
from idp.console.pages import CONSOLE, ConsolePages
from idp.judge import Judge
from idp.signin.gate import SignInGate
from idp.signin.neighbours import Neighbours
from idp.signin.pages import SIGNIN
from idp.web.app import pages_app
from idp.web.pages import Pages
from kernel.config.settings import Settings, Site
from kernel.records.devices import Proof
from kernel.records.sessions import Factor
from tests.idp.admin.house import LOCAL, OPEN, House, house
from tests.idp.console.place import ORIGIN

BOTH = (Factor.PASSWORD, Factor.TOTP)
READS = (
    *("/console", "/console/live", "/console/users", "/console/users/root", "/console/devices", "/console/policy"),
    *("/console/policy/explain?service=imap", "/console/policy/history/1", "/console/audit", "/console/health"),
)
ACTS = (
    *("/console/sessions/end", "/console/users", "/console/users/root/disable", "/console/groups"),
    *("/console/policy/publish", "/console/policy/rollback", "/console/audit/verify"),
)


class Front:
    """The console with its real gate."""

    def __init__(self, home: House, folder: Path) -> None:
        self.home = home
        settings = Settings(Site("Gatepost", ORIGIN, folder))
        self.pages = Pages(settings.site, [SIGNIN, CONSOLE], b"c" * 32, home.clock, home.chance)
        self.judge = Judge(home.store, home.clock, home.chance)
        subjects = Subjects(home.clock)
        rest = (home.accounts, home.devices, home.signins, self.judge, subjects, home.board, self.pages, home.clock)
        gate = SignInGate(Neighbours(settings, home.store, *rest))  # type: ignore[arg-type]
        app = pages_app(self.pages, ConsolePages(home.acts, self.pages, gate, home.clock).routes())
        self.browser = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN)

    async def sign_in(self, name: str, factors: tuple[Factor, ...] = BOTH, device: str = "") -> Mapping[str, str]:
        """Sign somebody in and return their cookie header."""
        person = await self.home.acts.people.get(name)
        shown = dict.fromkeys(factors, self.home.clock.now())
        signin, cookie = await self.home.signins.begin(person, shown, "192.0.2.7", "Firefox")
        if device:
            await self.home.signins.bind_device(signin.id, device, Proof.BROWSER_KEY)
        return {"Cookie": f"__Host-gatepost={cookie}"}


@pytest_asyncio.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with house(tmp_path) as home:
        made = Front(home, tmp_path)
        await home.admin()
        await home.user("mika", "staff", ready=True)
        await home.acts.publishing.publish(LOCAL, OPEN, base=0)
        await made.judge.load()
        yield made
        await made.browser.aclose()


async def test_an_admin_on_a_known_device_gets_in(front: Front) -> None:
    desk = (await front.home.acts.machines.show("desk")).device.id
    cookie = await front.sign_in("root", device=desk)
    for path in READS:
        assert (await front.browser.get(path, headers=cookie)).status_code == 200


@pytest.mark.parametrize("who", ["stranger", "plain user", "admin on an unknown device", "admin with half a sign-in"])
async def test_everybody_else_sees_and_changes_nothing(front: Front, who: str) -> None:
    laptop = await front.home.device("mika", "laptop")
    desk = (await front.home.acts.machines.show("desk")).device.id
    cookie = {
        "stranger": {},
        "plain user": await front.sign_in("mika", device=laptop),
        "admin on an unknown device": await front.sign_in("root"),
        "admin with half a sign-in": await front.sign_in("root", (Factor.PASSWORD,), desk),
    }[who]
    before = len([entry for entry in await front.home.log() if entry.kind not in ("decided", "signed-in")])
    for path in READS:
        page = await front.browser.get(path, headers=cookie)
        assert page.status_code in (303, 403)
        assert "root@example.com" not in page.text and "staff read mail" not in page.text
    for path in ACTS:
        form = {"csrf": front.pages.csrf.token("c" * 43), "session": "s_1", "name": "evil", "text": OPEN, "base": "1"}
        held = {**cookie, "Cookie": f"{cookie.get('Cookie', 'a=b')}; __Host-gatepost-csrf={'c' * 43}", "Origin": ORIGIN}
        assert (await front.browser.post(path, data=form, headers=held)).status_code in (303, 403)
    after = len([entry for entry in await front.home.log() if entry.kind not in ("decided", "signed-in")])
    assert after == before
    assert len(await front.home.acts.publishing.history()) == 1


async def test_a_revoked_device_loses_the_console_at_once(front: Front) -> None:
    desk = (await front.home.acts.machines.show("desk")).device.id
    cookie = await front.sign_in("root", device=desk)
    assert (await front.browser.get("/console", headers=cookie)).status_code == 200
    await front.home.acts.machines.move(LOCAL, desk, "revoke")
    assert (await front.browser.get("/console", headers=cookie)).status_code in (303, 403)
