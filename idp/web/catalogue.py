"""The words of all pages, in every language we speak: merged from the areas, refused when a language is missing."""

from collections.abc import Iterable, Mapping

from idp.web.areas import Texts
from kernel.reasons import LANGUAGES


class Catalogue:
    """Looks words up by key and language."""

    def __init__(self, areas: Iterable[Texts]) -> None:
        """Merge the areas' texts.

        Raises:
            ValueError: a key stands twice, or lacks a language.
        """
        self._texts: dict[str, Mapping[str, str]] = {}
        for texts in areas:
            for key, spoken in texts.items():
                self._add(key, spoken)

    def _add(self, key: str, spoken: Mapping[str, str]) -> None:
        if key in self._texts and self._texts[key] != spoken:
            raise ValueError(f"text {key!r} stands twice")
        missing = [language for language in LANGUAGES if not spoken.get(language)]
        if missing:
            raise ValueError(f"text {key!r} is not said in {', '.join(missing)}")
        self._texts[key] = spoken

    def say(self, key: str, language: str, **values: object) -> str:
        """Return the text with ``{name}`` places filled. Plain text: whoever shows it escapes it.

        Raises:
            KeyError: no such text; a page never shows a bare key.
        """
        spoken = self._texts[key]
        text = spoken.get(language) or spoken["en"]
        return text.format(**values) if values else text

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def keys(self) -> frozenset[str]:
        """Return every key there is."""
        return frozenset(self._texts)
