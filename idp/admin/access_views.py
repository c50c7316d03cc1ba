"""Who could reach what, as plain JSON values."""

from typing import Any

from idp.admin.who_can import Access, Page

Json = dict[str, Any]


def page(one: Page) -> Json:
    """Return one page; ``after`` is ``""`` when it is the last."""
    return {"items": [access(each) for each in one.rows], "after": one.after}


def access(one: Access) -> Json:
    """Return who could: a user, on a device (``""``: on any), proved so, from ``place`` (``""``: from anywhere)."""
    return {
        "user": one.user.name,
        "user_id": one.user.id,
        "device": one.device.name if one.device else "",
        "device_id": one.device.id if one.device else "",
        "trust": one.device.trust.value if one.device else "unknown",
        "service": one.service,
        "proof": one.proof.value,
        "place": one.place,
        "rule": one.decision.rule,
    }
