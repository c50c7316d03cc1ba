"""A browser's User-Agent in two words, for lists: ``Firefox, Linux``. Pure; decides nothing."""

from typing import Final

_BROWSERS: Final = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chromium/", "Chromium"), ("Chrome/", "Chrome"),
    ("Safari/", "Safari"), ("curl/", "curl"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Mac OS X", "macOS"),
    ("Windows", "Windows"), ("Linux", "Linux"),
)  # fmt: skip


_PLATFORMS: Final = {
    "macos": "macOS", "ios": "iOS", "ipados": "iPadOS", "chromeos": "ChromeOS", "windows": "Windows", "linux": "Linux",
    "debian": "Debian", "ubuntu": "Ubuntu", "fedora": "Fedora", "android": "Android",
}  # fmt: skip


def platform_name(platform: str) -> str:
    """Return a platform as its makers write it, or as it was told when we do not know it."""
    return _PLATFORMS.get(platform.casefold(), platform)


def agent_name(agent: str) -> str:
    """Return what a person would call this browser, or the agent's first 40 characters when it is none we know."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part) or agent[:40]
