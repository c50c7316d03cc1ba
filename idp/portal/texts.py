"""The words of the portal."""

from idp.web.areas import Texts

TEXTS: Texts = {}
