"""Ready configuration for mail programs, written from what the server told at enrolment. Pure: texts out.

A program that cannot use a key in the TPM is refused with the reason, rather than given a configuration that fails.
"""

from collections.abc import Callable, Mapping

from agent.clients import browsers, thunderbird, unix
from agent.clients.account import Account, NotForTpm, Place

CLIENTS: Mapping[str, Callable[[Account], str]] = {
    "mutt": unix.mutt,
    "isync": unix.isync,
    "msmtp": unix.msmtp,
    "thunderbird": thunderbird.preferences,
    "browser": browsers.commands,
}

__all__ = ["CLIENTS", "Account", "NotForTpm", "Place"]
