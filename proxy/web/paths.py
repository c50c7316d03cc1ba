"""Hosts and paths in one normal form, so that policy and application never read two things in one request. Pure.

What has no single reading is refused, not repaired: dot segments however spelt, encoded slashes, backslashes, control
characters, fragments, a Host with anything but a name and a port in it.
"""

import re

from proxy.web.head import Bad

# RFC 9110 7.2: uri-host [ ":" port ]. Names by the letters that DNS and certificates have; IPv6 in brackets.
HOST = re.compile(rb"([A-Za-z0-9](?:[A-Za-z0-9\-.]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?")
# What needs no second look: RFC 3986 pchar without percent, no empty segment, no segment that begins with a dot.
PLAIN = re.compile(rb"(?:/(?:[A-Za-z0-9\-_~!$&'()*+,=:@][A-Za-z0-9\-._~!$&'()*+,=:@]*)?)+")
PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})?")
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
FORBIDDEN_OCTETS = frozenset((*range(0x20), 0x7F, 0x2F, 0x5C))
TO_OCTETS = 1024


def normal_host(raw: bytes) -> str:
    """Return a Host in its normal form: lower case, no trailing dot, no port 443.

    Raises:
        Bad: 400.
    """
    match = HOST.fullmatch(raw)
    if match is None:
        raise Bad(400, "the Host is malformed")
    name = match[1].lower().decode("ascii").removesuffix(".")
    if not name or ".." in name or (match[2] is not None and not 0 < int(match[2]) < 65536):
        raise Bad(400, "the Host is malformed")
    port = "" if match[2] is None else str(int(match[2]))
    return name if port in ("", "443") else f"{name}:{port}"


def normal_target(target: bytes) -> tuple[bytes, bytes]:
    """Return the path in its normal form, and the query with its question mark as it was sent.

    Percent-encodings of unreserved characters are decoded, others are put in upper case, empty segments are dropped.

    Raises:
        Bad: 400; also for absolute-form and authority-form, which are for proxies of another kind.
    """
    mark = target.find(b"?")
    path, query = (target, b"") if mark < 0 else (target[:mark], target[mark:])
    if b"#" in target:
        raise Bad(400, "a fragment does not belong in a request")
    if path[-1:] != b"" and PLAIN.fullmatch(path) and b"//" not in path:
        return path, query
    if not path.startswith(b"/"):
        raise Bad(400, "the target must be a path")
    return _normal_path(path), query


def _normal_path(path: bytes) -> bytes:
    if b"\\" in path:
        raise Bad(400, "a backslash does not belong in a path")
    decoded = PERCENT.sub(_decoded, path)
    segments = decoded.split(b"/")
    for segment in segments:
        # Servlet containers cut off what follows a semicolon, and then see the dots.
        if segment.split(b";", 1)[0] in (b".", b".."):
            raise Bad(400, "dot segments do not belong in a path")
    kept = [segment for segment in segments[1:-1] if segment]
    return b"/" + b"/".join([*kept, segments[-1]])


def _decoded(match: re.Match[bytes]) -> bytes:
    if match[1] is None:
        raise Bad(400, "a percent-encoding is malformed")
    octet = int(match[1], 16)
    if octet in FORBIDDEN_OCTETS:
        raise Bad(400, "an encoded slash or control character does not belong in a path")
    return bytes((octet,)) if octet in UNRESERVED else b"%%%02X" % octet


def own_path(text: str) -> str:
    """Return a path of our own host to send a browser to, or ``/`` for anything that could lead elsewhere."""
    if len(text) > TO_OCTETS or not text.startswith("/") or text.startswith(("//", "/\\", "/.gatepost/")):
        return "/"
    # Browsers drop tabs and line ends and turn backslashes before they read a URL; so none may be there.
    return text if all("!" <= letter <= "~" and letter not in '\\"<>^`{|}' for letter in text) else "/"
