"""What one part of the house brings to the pages: its templates and its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Texts = Mapping[str, Mapping[str, str]]
"""``{key: {"en": ..., "ja": ...}}``; keys begin with the area's name and a dot."""


@dataclass(frozen=True, slots=True)
class Area:
    """``templates`` is a folder of Jinja files, addressed as ``<name>/<file>.html``; ``static`` a folder of assets."""

    name: str
    texts: Texts = field(default_factory=dict)
    templates: Path | None = None
    static: Path | None = None

    @classmethod
    def beside(cls, module_file: str, name: str, texts: Texts) -> "Area":
        """Return the area whose ``templates`` and ``static`` folders, where present, lie beside this module."""
        home = Path(module_file).parent
        folders = {kind: home / kind for kind in ("templates", "static") if (home / kind).is_dir()}
        return cls(name, texts, folders.get("templates"), folders.get("static"))
