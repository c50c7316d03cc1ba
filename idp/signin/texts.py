"""The words of the sign-in pages."""

from idp.web.areas import Texts

TEXTS: Texts = {}
