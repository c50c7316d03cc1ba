"""Reads ``gatepost.toml`` into Settings. Refuses unknown keys, wrong types, missing keys and names that lead nowhere,
all of them in one go, each with its place and a hint. Pure: text in, Settings out; files are opened by the household.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from kernel.config import values
from kernel.config.coherence import faults
from kernel.config.places import Path as KeyPath
from kernel.config.places import nearest_place, places
from kernel.config.settings import Endpoint, Settings
from kernel.problems import Invalid, Place, Problem, did_you_mean

S = TypeVar("S")

_SECTIONS = {"listen": "listen", "route": "routes", "backend": "backends", "enforcer": "enforcers"}
_LARGEST = 1024 * 1024


def read_settings(text: str, source: Path) -> Settings:
    """Return the settings that ``text`` (the content of ``source``) describes.

    Raises:
        Invalid: with every problem found.
    """
    return _Reading(text, source).settings()


class _Reading:
    """One reading of one file: collects problems instead of stopping at the first."""

    def __init__(self, text: str, source: Path) -> None:
        self.source = source
        self.text = text
        self.problems: list[Problem] = []
        self.places: dict[KeyPath, Place] = {}
        self.simple: dict[Any, Callable[[Any], Any]] = {
            str: values.read_text,
            bool: values.read_flag,
            float: values.read_duration,
            int: values.read_count,
            Path: values.path_reader(source.parent),
            Endpoint: values.read_endpoint,
        }

    def settings(self) -> Settings:
        document = self._document()
        self.places = places(self.text, self.source.name)
        renamed = {_SECTIONS.get(key, key): value for key, value in document.items()}
        for plain in _SECTIONS.values():
            if plain in document and plain not in _SECTIONS:
                singular = next(key for key, name in _SECTIONS.items() if name == plain)
                self.problem((plain,), f"unknown section `{plain}`", plain, f"did you mean `{singular}`?")
        found = self.table(Settings, renamed, (), aliases={v: k for k, v in _SECTIONS.items()})
        if found is not None and not self.problems:
            self._check(found)
        if self.problems or found is None:
            raise Invalid(sorted(self.problems, key=lambda problem: (problem.place.line, problem.place.column)))
        return found

    def problem(self, path: KeyPath, what: str, text: str = "", hint: str = "") -> None:
        self.problems.append(Problem(nearest_place(path, self.places), what, text, hint))

    def table(self, kind: type[S], value: Any, path: KeyPath, aliases: Mapping[str, str] | None = None) -> S | None:
        """Read a TOML table into the dataclass ``kind``; None when it cannot be."""
        if not isinstance(value, dict):
            self.problem(path, "a table is expected here", str(value))
            return None
        names = aliases or {}
        known = {field.name: field for field in fields(kind) if field.name != "source"}  # type: ignore[arg-type]
        for key in value:
            if key not in known:
                shown = [names.get(name, name) for name in known]
                self.problem((*path, key), f"unknown key `{key}`", key, did_you_mean(key, shown))
        hints = get_type_hints(kind)
        given: dict[str, Any] = {}
        for name, field in known.items():
            shown_path = (*path, names.get(name, name))
            if name in value:
                given[name] = self.value(hints[name], value[name], shown_path)
            elif _required(field):
                self.problem(path, f"`{names.get(name, name)}` is missing", name)
        if self.problems and any(_required(field) and name not in given for name, field in known.items()):
            return None
        if kind is Settings:
            given["source"] = self.source
        return kind(**given)

    def value(self, hint: Any, value: Any, path: KeyPath) -> Any:
        """Read one value by the type of its field."""
        if isinstance(hint, UnionType):
            hint = next(arm for arm in get_args(hint) if arm is not NoneType)
        if get_origin(hint) is tuple and is_dataclass(item := get_args(hint)[0]):
            return self.tables(item, value, path)
        if is_dataclass(hint) and hint is not Endpoint:
            return self.table(hint, value, path)  # type: ignore[arg-type]
        try:
            return self._reader(hint)(value)
        except ValueError as error:
            self.problem(path, f"`{path[-1]}`: {error}", str(value))
            return None

    def tables(self, kind: Any, value: Any, path: KeyPath) -> tuple[Any, ...]:
        """Read an array of tables."""
        if not isinstance(value, list):
            self.problem(path, f"`[[{path[-1]}]]` is expected: a list of tables", str(path[-1]))
            return ()
        read = (self.table(kind, item, (*path, index)) for index, item in enumerate(value))
        return tuple(item for item in read if item is not None)

    def _reader(self, hint: Any) -> Callable[[Any], Any]:
        if hint in self.simple:
            return self.simple[hint]
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            return values.choice_reader(hint)
        return values.read_mapping if get_origin(hint) is dict else values.read_texts

    def _document(self) -> dict[str, Any]:
        if len(self.text) > _LARGEST:
            raise Invalid([Problem(Place(1, 1, self.source.name), "the file is larger than 1 MiB")])
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            line, column = getattr(error, "lineno", 0), getattr(error, "colno", 0)
            if not line:
                line, column = _place_in(str(error))
            what = str(error).split(" (at ", 1)[0]
            raise Invalid([Problem(Place(line, column, self.source.name), f"not TOML: {what}")]) from error

    def _check(self, settings: Settings) -> None:
        """Refuse what each value alone cannot show."""
        for fault in faults(settings):
            self.problem(fault.path, fault.what, fault.text, fault.hint)


def _required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _place_in(message: str) -> tuple[int, int]:
    """Python before 3.14 tells the place in the message alone: ``(at line 3, column 7)``."""
    digits = [int(word) for word in message.replace(",", " ").replace(")", " ").split() if word.isdigit()]
    return (digits[-2], digits[-1]) if len(digits) >= 2 else (1, 1)
