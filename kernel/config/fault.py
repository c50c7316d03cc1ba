"""One thing that does not fit together in ``gatepost.toml``, told with the path of the key that it stands at."""

from dataclasses import dataclass

from kernel.config.places import Path


@dataclass(frozen=True, slots=True)
class Fault:
    """``path`` of the key, ``what`` is wrong, the ``text`` to mark, and a ``hint``."""

    path: Path
    what: str
    text: str = ""
    hint: str = ""
