"""Which backend serves whom: by lookup table, by the user's attributes, by mail domain, and else the default. Pure.

::

    named in the lookup table --> it         attributes hold --> the first such        domain is its own --> it
    none of these --> the first that asks for neither.

A backend without the protocol is as if it were not there.
"""

from collections.abc import Iterator, Mapping, Sequence

from kernel.config.backends import Backend, Upstream
from kernel.config.fault import Fault
from kernel.problems import Invalid, Place, Problem, did_you_mean
from kernel.records.people import User

Choice = tuple[Backend, Upstream]
Table = Mapping[str, str]
"""User name or mail address -> name of a backend."""

LARGEST = 32 * 1024 * 1024
"""Octets of a lookup table."""
MOST_PROBLEMS = 20


class Choices:
    """The backends of one protocol, put in order once, so that a choice is a look into dictionaries."""

    __slots__ = ("_by_domain", "_by_name", "_general", "_picky", "table")

    def __init__(self, backends: Sequence[Backend], service: str, table: Table | None = None) -> None:
        speaking = [(each, place) for each in backends for name, place in each.upstreams if name == service]
        self.table = table or {}
        self._by_name = {each.name: (each, place) for each, place in speaking}
        self._picky = [choice for choice in speaking if choice[0].attributes]
        self._by_domain: dict[str, Choice] = {}
        for choice in speaking:
            if not choice[0].attributes:
                for domain in choice[0].domains:
                    self._by_domain.setdefault(domain, choice)
        everybodys = (choice for choice in speaking if not (choice[0].attributes or choice[0].domains))
        self._general = next(everybodys, None)

    def of(self, user: User) -> Choice | None:
        """Return the backend that has this user's mailbox, and where it speaks the protocol; None: there is none."""
        if self.table:
            named = self._by_name.get(self.table.get(user.name) or self.table.get(user.email) or "")
            if named is not None:
                return named
        domain = user.email.rpartition("@")[2]
        for choice in self._picky:
            if _holds(choice[0], user, domain):
                return choice
        return self._by_domain.get(domain, self._general)


def _holds(backend: Backend, user: User, domain: str) -> bool:
    if backend.domains and domain not in backend.domains:
        return False
    return all(user.attributes.get(name) == value for name, value in backend.attributes.items())


def read_table(text: str, source: str, names: Sequence[str]) -> Table:
    """Return a lookup table: lines of a user and a backend, ``#`` begins a comment. ``names``: the backends there are.

    Raises:
        Invalid: a line has not two words, names no backend, or a user stands there twice; with the first 20 problems.
    """
    table: dict[str, str] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        problem = _line_fault(words, table, names)
        if problem is None:
            table[words[0].lower()] = words[1]
            continue
        what, hint = problem
        problems.append(Problem(Place(number, 1, source), what, line[:200], hint))
        if len(problems) >= MOST_PROBLEMS:
            break
    if problems:
        raise Invalid(problems)
    return table


def _line_fault(words: Sequence[str], table: Table, names: Sequence[str]) -> tuple[str, str] | None:
    """Return what is wrong with a line, and a hint."""
    if len(words) != 2:
        return "a line has a user and a backend", "for example: `anna@example.com tokyo`"
    user, backend = words
    if backend not in names:
        return f"there is no backend `{backend[:80]}`", did_you_mean(backend, names) or f"known: {', '.join(names)}"
    if user.lower() in table:
        return f"`{user[:80]}` stands here twice", "leave one of the lines out"
    return None


def choice_faults(backends: Sequence[Backend], *, looked_up: bool) -> Iterator[Fault]:
    """Yield backends that nobody could ever be led to. ``looked_up``: a table may lead to any of them."""
    owners: dict[tuple[str, str], str] = {}
    for index, backend in enumerate(backends):
        path = ("backend", index)
        for domain in backend.domains:
            if domain != domain.lower() or "@" in domain or not domain:
                hint = f'write "{domain.rpartition("@")[2].lower()}"'
                yield Fault((*path, "domains"), f"`{domain}` is no mail domain in lower case", domain, hint)
        for name, value in backend.attributes.items():
            if not name or not value:
                yield Fault((*path, "attributes"), "an attribute has a name and a value", name)
        if not backend.attributes and not looked_up:
            yield from _never_reached(index, backend, owners)


def _never_reached(index: int, backend: Backend, owners: dict[tuple[str, str], str]) -> Iterator[Fault]:
    """Earlier backends come first: what they serve of one protocol is theirs."""
    for domain in backend.domains or ("",):
        taken = {owners.setdefault((service, domain), backend.name) for service, _ in backend.upstreams}
        others = sorted(taken - {backend.name})
        if others and len(taken) == len(others):
            whom = f"the mail domain `{domain}`" if domain else "everybody"
            hint = "give it `domains` or `attributes` of its own, or name it in a lookup table: [mailboxes] lookup"
            where = ("backend", index, "domains") if domain else ("backend", index)
            what = f"`{others[0]}` serves {whom} already, so that `{backend.name}` is not asked"
            yield Fault(where, what, domain, hint)
