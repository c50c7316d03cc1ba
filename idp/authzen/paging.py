"""Where a search goes on (AuthZEN, section 8.2): a token that is ours, and for this very search alone. Pure."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

from idp.authzen.entities import Json, Malformed, Question

USUAL, MOST = 100, 1000
LONGEST_TOKEN = 2048
DIGEST = 32


@dataclass(frozen=True, slots=True)
class Page:
    """At most ``limit`` results past ``after``; ``search`` is the digest of what is searched."""

    search: str
    limit: int
    after: str = ""


class Paging:
    """Reads and writes the tokens. ``key`` is a secret of ours."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def read(self, what: str, question: Question, body: Json) -> Page:
        """Return the page that a search asks for.

        Raises:
            Malformed: no such page, a token that is none of ours, or one of another search.
        """
        page = body.get("page")
        if page is None:
            return Page(_digest(what, question, None), USUAL)
        if not isinstance(page, dict):
            raise Malformed("`page` must be an object")
        search, limit = _digest(what, question, page.get("properties")), _limit(page.get("limit"))
        token = page.get("token")
        if token is None or token == "":
            return Page(search, USUAL if limit is None else limit)
        held = self._open(token)
        if held.search != search or limit not in (None, held.limit):
            raise Malformed("`page.token` is of another search")
        return held

    def token(self, page: Page, after: str) -> str:
        """Return the token for what comes after ``after``."""
        said = json.dumps([page.search, page.limit, after]).encode()
        return base64.urlsafe_b64encode(hmac.digest(self._key, said, "sha256") + said).decode()

    def _open(self, token: object) -> Page:
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise Malformed("`page.token` is none of ours")
        try:
            octets = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raise Malformed("`page.token` is none of ours") from None
        mark, said = octets[:DIGEST], octets[DIGEST:]
        if not hmac.compare_digest(mark, hmac.digest(self._key, said, "sha256")):
            raise Malformed("`page.token` is none of ours")
        search, limit, after = json.loads(said)
        return Page(search, limit, after)


def _limit(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Malformed("`page.limit` must be a whole number")
    return min(value, MOST)


def _digest(what: str, question: Question, properties: object) -> str:
    subject, resource = question.subject, question.resource
    named = [subject.type, subject.id, subject.properties, question.action, resource.type, resource.id]
    said = [what, *named, resource.properties, question.context, properties]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
