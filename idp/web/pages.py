"""Renders every page: finds the language, fills the frame, guards the forms, sets the headers. Owns no route.

Every template sees: ``t(key, **values)``, ``language``, ``site``, ``csrf()`` (a hidden field for each form),
``asset(name)``, ``here`` (path and query of this request), ``service(name)`` (what people call a service),
``person`` (User or None), ``nav``, and the filters ``ago``, ``day``, ``moment``, ``iso``, ``span``,
``platform`` and ``words`` (a kernel Reason in the page's language).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from idp.web import cookies, times
from idp.web.agents import platform_name
from idp.web.areas import Area
from idp.web.assets import Assets
from idp.web.catalogue import Catalogue
from idp.web.csrf import FIELD, Csrf
from idp.web.forms import LIMIT, BadForm, Form, read_form
from idp.web.headers import page_headers
from idp.web.language import choose
from idp.web.once import Once
from idp.web.place import here
from idp.web.texts import TEXTS
from kernel.chance import Chance, secret
from kernel.clock import Clock
from kernel.config.settings import Site
from kernel.reasons import Reason, words
from kernel.records.people import User

WEB = Area.beside(__file__, "web", TEXTS)


@dataclass(frozen=True, slots=True)
class Nav:
    """One entry of a room's navigation: ``key`` is its text, ``name`` what a page gives as ``room`` when it is here."""

    name: str
    href: str
    key: str
    icon: str = ""


class Pages:
    """The one maker of pages; every part of the identity side gets the same one."""

    def __init__(self, site: Site, areas: Sequence[Area], csrf_key: bytes, clock: Clock, chance: Chance) -> None:
        everything = (WEB, *areas)
        self.site = site
        self.catalogue = Catalogue(area.texts for area in everything)
        self.assets = Assets(area.static for area in everything if area.static)
        self.csrf = Csrf(csrf_key, site.issuer)
        self.once = Once(csrf_key, chance)
        self._clock = clock
        self._chance = chance
        self._environment = _environment({area.name: area.templates for area in everything if area.templates})
        self._environment.globals.update(site=site, asset=self.assets.address)
        self._environment.filters.update(_filters(clock))

    def language(self, request: Request, person: User | None = None) -> str:
        """Return the language this request is to be answered in."""
        return choose(
            cookies.read(request, cookies.LANGUAGE),
            person.language if person else "",
            request.headers.get("accept-language", ""),
            self.site.language,
        )

    def say(self, request: Request, key: str, person: User | None = None, **values: object) -> str:
        """Return one text in the request's language."""
        return self.catalogue.say(key, self.language(request, person), **values)

    def render(
        self,
        request: Request,
        template: str,
        status: int = 200,
        *,
        person: User | None = None,
        forms_to: Iterable[str] = (),
        **context: Any,
    ) -> Response:
        """Return the page ``<area>/<file>.html`` as a response with all headers, and the CSRF cookie where it is new.

        ``person`` is the signed-in user (their name stands in the frame, their language counts). ``forms_to`` lists
        foreign origins that a form of this page may end at by a redirect.
        """
        language = self.language(request, person)
        token = cookies.read(request, cookies.CSRF)
        fresh = token or secret(self._chance)
        text = self._environment.get_template(template).render(
            {**self._frame(language), "person": person, **context},
            t=self._speaker(language),
            csrf=self._field(fresh),
            here=here(request),
        )
        response = HTMLResponse(text, status, headers=page_headers(language, forms_to))
        if not token:
            cookies.give(response, cookies.CSRF, fresh, strict=False)
        return response

    async def form(self, request: Request, limit: int = LIMIT) -> Form:
        """Return the form of a POST that our own page sent.

        Raises:
            BadForm: 403 it did not come from our page; 400, 413 or 415 it cannot be read.
        """
        if not self.csrf.same_origin(request.headers):
            raise BadForm(403)
        form = await read_form(request, limit)
        if not self.csrf.matches(cookies.read(request, cookies.CSRF), form.get(FIELD, "")):
            raise BadForm(403)
        return form

    def problem(self, request: Request, status: int, person: User | None = None) -> Response:
        """Return the page for an HTTP error status that has words of its own, or the general one."""
        key = f"web.problem.{status}"
        known = key if f"{key}.title" in self.catalogue else "web.problem.500"
        return self.render(request, "web/problem.html", status, person=person, key=known, code=status)

    def _speaker(self, language: str) -> Callable[..., str]:
        def t(key: str, **values: object) -> str:
            return self.catalogue.say(key, language, **values)

        return t

    def _frame(self, language: str) -> dict[str, Any]:
        """Return what templates find when the page's own context does not say otherwise."""
        return {"nav": (), "room": "", "language": language, "service": self._services(language)}

    def _services(self, language: str) -> Callable[[str], str]:
        def service(name: str) -> str:
            key = f"web.service.{name}"
            return self.catalogue.say(key, language) if key in self.catalogue else name

        return service

    def _field(self, cookie: str) -> Callable[[], Markup]:
        token = self.csrf.token(cookie)
        return lambda: Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token)


def _environment(folders: dict[str, Path]) -> Environment:
    loader = PrefixLoader({name: FileSystemLoader(folder) for name, folder in folders.items()})
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _filters(clock: Clock) -> dict[str, Callable[..., str]]:
    @pass_context
    def ago(context: Context, at: float) -> str:
        return times.ago(at, clock.now(), context["language"])

    @pass_context
    def day(context: Context, at: float) -> str:
        return times.day(at, context["language"])

    @pass_context
    def moment(context: Context, at: float) -> str:
        return times.moment(at, context["language"])

    @pass_context
    def span(context: Context, seconds: float) -> str:
        return times.span(seconds, context["language"])

    @pass_context
    def reason(context: Context, value: Reason | str) -> str:
        return words(Reason(value), context["language"])

    return {
        "ago": ago,
        "day": day,
        "moment": moment,
        "span": span,
        "words": reason,
        "iso": times.iso,
        "platform": platform_name,
    }
