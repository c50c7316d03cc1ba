"""Policies to start from: what a new installation is offered. Where they are kept is the household's affair."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Starter:
    """A whole policy by ``name``, with its table of expected decisions; ``about`` says in every language what it is."""

    name: str
    about: Mapping[str, str]
    text: str = field(repr=False)
    tests: str = field(repr=False)
