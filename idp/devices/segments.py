"""One segment of a compact JWS as the JSON object that it must be. Pure."""

import base64
import binascii
import json
from typing import Any


def json_object(segment: str) -> dict[str, Any]:
    """Return the object of a base64url segment (RFC 7515 section 2), an empty one when it is none."""
    try:
        decoded = json.loads(base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}
