"""One browser profile that takes every page in each size, language and colour scheme, and tells what is wrong with it:
what is wider than the window, which script failed, which field has no label, which headings are out of order."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage

SIZES = ((1280, 860), (390, 844))
LANGUAGES = ("en", "ja")
SCHEMES = ("light", "dark")
EXPECTED = "Failed to load resource: the server responded with a status of "
"""What Chromium says of our own refusals; they are pages, not faults."""

LOOK = """() => {
  const faults = [], seen = (element) => element.getClientRects().length > 0;
  const beyond = document.documentElement.scrollWidth - window.innerWidth;
  if (beyond > 0) faults.push(`${beyond} px wider than ${window.innerWidth}`);
  let level = 0;
  for (const head of document.querySelectorAll("h1,h2,h3,h4")) {
    if (!seen(head)) continue;
    const next = Number(head.tagName[1]);
    if (next > level + 1) faults.push(`${head.tagName} "${head.textContent.trim()}" follows level ${level}`);
    level = next;
  }
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  if ([...document.querySelectorAll("h1")].filter(seen).length !== 1) faults.push("not one h1");
  for (const field of document.querySelectorAll("input:not([type=hidden]),select,textarea"))
    if (seen(field) && !field.labels.length && !field.ariaLabel) faults.push(`${field.name} has no label`);
  for (const act of document.querySelectorAll("button,a[href],summary"))
    if (seen(act) && !(act.ariaLabel || act.textContent.trim())) faults.push(`${act.outerHTML} has no name`);
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
  if (twice.length) faults.push(`ids stand twice: ${twice}`);
  for (const told of document.querySelectorAll("[aria-describedby],[aria-labelledby]"))
    for (const name of ["aria-describedby", "aria-labelledby"])
      for (const id of (told.getAttribute(name) ?? "").split(" "))
        if (id && !ids.includes(id)) faults.push(`nothing has the id ${id}`);
  const left = document.querySelector("main")?.innerText.match(/\\b(None|undefined)\\b|\\{[a-z_]+\\}/);
  if (left) faults.push(`reads "${left[0]}"`);
  return faults;
}"""
"""What can be measured on a page; the rest must be looked at."""


class Camera:
    """Takes pictures into a folder; ``faults`` is the list that everything found wrong goes to."""

    def __init__(self, context: BrowserContext, issuer: str, folder: Path, faults: list[str]) -> None:
        self.context, self.page = context, context.new_page()
        self.faults, self.issuer = faults, issuer.rstrip("/")
        self._folder = folder
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda fault: self._add(str(fault)))
        self.page.on("dialog", lambda dialog: dialog.accept())

    def take(self, name: str, address: str) -> None:
        """Photograph a page in every way."""
        self.each(name, lambda: self.open(address))

    def each(self, name: str, act: Callable[[], object]) -> None:
        """Photograph, in each language, the page that ``act`` leads to."""
        for language in LANGUAGES:
            self.speak(language)
            act()
            self.here(name, language)

    def here(self, name: str, language: str = "en") -> None:
        """Photograph the page that is open now, in every size and scheme."""
        for width, height in SIZES:
            self.page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
                picture = self._folder / f"{name}-{width}-{language}-{scheme}.png"
                self.page.screenshot(path=picture, full_page=True)
            self.faults += [f"{name} in {language}: {fault}" for fault in self.page.evaluate(LOOK)]

    def open(self, address: str) -> None:
        self.page.goto(self.full(address), wait_until="load")

    def speak(self, language: str) -> None:
        """Choose the language of the pages to come: by our cookie, and for other hosts by what a browser prefers."""
        cookie = {"name": "__Host-gatepost-lang", "value": language, "url": self.issuer, "secure": True}
        self.context.add_cookies([cookie])  # type: ignore[list-item]
        self.context.set_extra_http_headers({"Accept-Language": language})

    def link(self, beginning: str) -> str:
        """Return the first address on the page that begins so."""
        links = self.page.eval_on_selector_all("main a[href]", "all => all.map(a => a.getAttribute('href'))")
        return next(link for link in links if link.startswith(beginning))

    def full(self, address: str) -> str:
        return address if address.startswith("https://") else self.issuer + address

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            self._add(message.text)

    def _add(self, fault: str) -> None:
        self.faults.append(f"{self.page.url}: {fault}")
