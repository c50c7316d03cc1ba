"""The document language: text in, a policy or every problem out. Policies are compiled here, once for each revision."""

from collections.abc import Mapping

from kernel.problems import Invalid
from policies.analyse.lint import warnings_of
from policies.analyse.names import strangers
from policies.conditions import Scope, read_name
from policies.document import Broken, Node, Problems, Scalar, read_document
from policies.model import Known, Network, Policy, Report
from policies.posture import Posture
from policies.program import Masks
from policies.rules import read_nevers, read_rules, read_version
from policies.values import address_range, boolean, duration, fields, scalar, scalars, version
from policies.vocabulary import PLATFORMS, SIGNALS
from policies.zones import Zones, zone

KEYS = ("version", "networks", "postures", "rules", "never")
MAX_NAMES = 500
MAX_RANGES = 20_000
WIDER = "join ranges into wider ones"
FLAGS = tuple(name for name, signal in SIGNALS.items() if signal.type is bool)

Found = Mapping[str, tuple[Scalar, Node]]


def load(text: str | bytes, revision: int = 0, source: str = "policy", zones: Zones = zone) -> Policy:
    """Read and compile a document.

    Raises:
        Invalid: the document is refused; carries every problem with its place, in the order of the text.
    """
    problems = Problems(source)
    policy = _read(text, revision, Scope(problems, zones))
    if problems.count:
        raise Invalid(problems.in_order())
    return policy


def check(text: str | bytes, known: Known | None = None, source: str = "policy", zones: Zones = zone) -> Report:
    """Return every problem that would refuse this document, and warnings about what it says.

    With ``known``, services that do not exist are problems, users and groups that do not exist are warnings.
    """
    problems, warnings = Problems(source), Problems(source)
    scope = Scope(problems, zones)
    policy = _read(text, 0, scope)
    if known is not None:
        strangers(policy, known, problems, warnings)
    if not problems.count:
        warnings_of(policy, scope, warnings)
    return Report(problems.in_order(), warnings.in_order())


def nothing(revision: int = 0) -> Policy:
    """Return the policy of an installation that has none yet: it denies everything."""
    return Policy(revision, (), (), {}, Masks((), {}, revision))


def _read(text: str | bytes, revision: int, scope: Scope) -> Policy:
    root = read_document(text, scope.problems)
    if root is None:
        return nothing(revision)
    entries = fields(root, KEYS, "a policy", scope.problems)
    for key, example in (("version", "version: 1"), ("rules", "rules: []")):
        if entries and key not in entries:
            scope.problems.add(root.place, f"`{key}` is missing", hint=f"add `{example}`")
    if "version" in entries:
        read_version(entries["version"][1], scope)
    if "networks" in entries:
        _networks(entries["networks"][1], scope)
    if "postures" in entries:
        _postures(entries["postures"][1], scope)
    rules = read_rules(entries["rules"][1], scope) if "rules" in entries else ()
    nevers = read_nevers(entries["never"][1], scope) if "never" in entries else ()
    if scope.problems.count:
        return Policy(revision, rules, nevers, scope.networks, Masks((), {}, revision))
    return Policy(revision, rules, nevers, scope.networks, Masks(rules, scope.networks, revision))


def _networks(node: Node, scope: Scope) -> None:
    total = 0
    for name, (key, value) in _names(node, "networks", scope).items():
        words = scalars(value, f"`{name}`", scope.problems)
        total += len(words)
        if total > MAX_RANGES:
            scope.problems.add(key.place, f"more than {MAX_RANGES} ranges in one document", hint=WIDER)
            words = []
        ranges = (address_range(word, scope.problems) for word in words)
        scope.networks[name] = Network(name, key.place, tuple(one for one in ranges if one is not None))


def _postures(node: Node, scope: Scope) -> None:
    for name, (key, value) in _names(node, "postures", scope).items():
        before = scope.problems.count
        entries = fields(value, ("reported_within", "os", *FLAGS), f"posture `{name}`", scope.problems)
        if not entries and not isinstance(value, Broken) and scope.problems.count == before:
            scope.problems.add(key.place, f"posture `{name}` asks for nothing", name, "say what must hold")
        within = entries.get("reported_within")
        scope.postures[name] = Posture(
            name,
            key.place,
            duration(within[1], "`reported_within`", scope.problems) if within else None,
            _signals(entries, scope),
            _os(entries["os"][1], scope) if "os" in entries else (),
        )


def _signals(entries: Found, scope: Scope) -> tuple[tuple[str, bool], ...]:
    read = ((name, boolean(entries[name][1], f"`{name}`", scope.problems)) for name in FLAGS if name in entries)
    return tuple((name, wanted) for name, wanted in read if wanted is not None)


def _os(node: Node, scope: Scope) -> tuple[tuple[str, tuple[int, ...]], ...]:
    lowest = []
    for name, (_, value) in fields(node, PLATFORMS, "`os`", scope.problems).items():
        word = scalar(value, f"`{name}`", scope.problems)
        numbers = version(word, f"`{name}`", scope.problems) if word else None
        if numbers is not None:
            lowest.append((name, numbers))
    return tuple(lowest)


def _names(node: Node, what: str, scope: Scope) -> Found:
    """Return the named entries of a section, at most so many."""
    found = fields(node, (), f"`{what}`", scope.problems)
    if len(found) > MAX_NAMES:
        key = list(found.values())[MAX_NAMES][0]
        scope.problems.add(key.place, f"`{what}` has more than {MAX_NAMES} names", hint="define what is used alone")
        return dict(list(found.items())[:MAX_NAMES])
    for key, _ in found.values():
        read_name(key, f"a name under `{what}`", scope.problems)
    return found
