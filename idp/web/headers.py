"""The security headers of every page of ours. Pure.

Referrer-Policy is ``same-origin`` and not ``no-referrer``: with the latter, browsers send ``Origin: null`` on our own
forms, and the Origin check would be blind (Fetch, "append a request Origin header"). Strangers see no referrer either
way.
"""

from collections.abc import Iterable

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}


def content_policy(forms_to: Iterable[str] = ()) -> str:
    """Return the Content-Security-Policy of a page.

    ``forms_to``: origins that its forms may lead to by redirects, which browsers hold against ``form-action`` too.
    """
    targets = " ".join(("'self'", *sorted(set(forms_to))))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action {targets}; frame-ancestors 'none'; base-uri 'none'"
    )


def page_headers(language: str, forms_to: Iterable[str] = ()) -> dict[str, str]:
    """Return the headers of a page in this language."""
    return {**_FIXED, "Content-Security-Policy": content_policy(forms_to), "Content-Language": language}
