"""Names and addresses in their one canonical spelling. Pure.

Owns the rule that decides when two spellings are the same person (Unicode NFKC and case folding), so that there is
one user and one failure counter whatever is typed. Refuses what could mean something else to a mail server.
"""

import re
import unicodedata
from typing import Final

from idp.accounts.refusals import refused

MOST_NAME: Final = 64
MOST_ADDRESS: Final = 254
MOST_LABEL: Final = 80
MOST_TYPED: Final = 1024
_ATOM: Final = frozenset("!#$%&'*+-/=?^_`{|}~")
_DOMAIN: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


def canonical(text: str) -> str:
    """Return the one spelling of what was typed: NFKC, case folded, no outer spaces, of at most 1,024 characters."""
    folded = unicodedata.normalize("NFKC", text[:MOST_TYPED]).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def user_name(text: str) -> str:
    """Return a canonical user name.

    Raises:
        AccountRefused: not 1 to 64 letters, digits, ``.``, ``-``, ``_``, beginning with a letter or digit.
    """
    name = canonical(text)
    if not 1 <= len(name) <= MOST_NAME or not _is_letter(name[0]) or not all(_is_letter(c) or c in "._-" for c in name):
        raise refused("name-invalid", most=MOST_NAME)
    return name


def mail_address(text: str) -> str:
    """Return a canonical mail address: one ``@``, a dot-atom (RFC 5321 section 4.1.2, RFC 6531), a host name.

    An internationalised domain comes back as A-labels.

    Raises:
        AccountRefused: anything else.
    """
    address = canonical(text)
    local, at, domain = address.rpartition("@")
    host = _host(domain)
    if not at or not host or not _is_dot_atom(local) or len(f"{local}@{host}") > MOST_ADDRESS:
        raise refused("email-invalid", email=_shown(text))
    return f"{local}@{host}"


def label(text: str) -> str:
    """Return a name that a person gave to something: one line, 1 to 80 characters, no control or direction characters.

    Raises:
        AccountRefused: otherwise.
    """
    cleaned = unicodedata.normalize("NFC", text[:MOST_TYPED]).strip()
    if not 1 <= len(cleaned) <= MOST_LABEL or not _is_plain(cleaned):
        raise refused("label-invalid", most=MOST_LABEL)
    return cleaned


def login_spelling(text: str) -> str:
    """Return what a typed login is looked up and counted by: an address in canonical form, else the canonical name."""
    typed = canonical(text)
    local, at, domain = typed.rpartition("@")
    return f"{local}@{_host(domain) or domain}" if at else typed


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def _is_plain(text: str) -> bool:
    return all(unicodedata.category(c)[0] not in "CZ" or c in (" ", "　", "‍") for c in text)


def _is_dot_atom(local: str) -> bool:
    atoms = local.split(".")
    return 0 < len(local.encode("utf-8", "replace")) <= 64 and all(
        atom and all(_is_letter(c) or c in _ATOM for c in atom) for atom in atoms
    )


def _host(domain: str) -> str:
    """Return the domain in A-labels, or an empty text when it is no host name."""
    try:
        host = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return ""
    return host if len(host) <= 253 and _DOMAIN.fullmatch(host) else ""


def _shown(text: str) -> str:
    return "".join(c if _is_plain(c) else "?" for c in text[:80])
