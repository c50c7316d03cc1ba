"""Who lives in the demo: their names, groups, devices and first letters. Everything here is invented, and public."""

from dataclasses import dataclass

DOMAIN = "example.com"


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the demo. ``trust`` is that of their laptop."""

    name: str
    display_name: str
    language: str
    groups: tuple[str, ...]
    password: str
    laptop: str
    platform: str
    trust: str = "enrolled"

    @property
    def email(self) -> str:
        return f"{self.name}@{DOMAIN}"


PEOPLE = (
    Person(
        "ines",
        "Ines Marchetti",
        "en",
        ("mail-admins", "staff"),
        "copper lantern orchard",
        "ines-laptop",
        "debian",
        "managed",
    ),
    Person("alice", "Alice Okafor", "en", ("staff",), "seven quiet harbours", "alice-laptop", "macos", "managed"),
    Person("haruka", "佐藤 遥", "ja", ("staff",), "umeboshi tea mountain", "haruka-laptop", "windows"),
    Person("bob", "Bob Lindqvist", "en", ("staff",), "windmill gravel violin", "bob-laptop", "debian"),
    Person("carol", "Carol Reyes", "en", ("contractors",), "paper kite thursday", "carol-laptop", "macos"),
)

GROUPS = {
    "staff": "Everybody on the payroll",
    "mail-admins": "Those who look after mail",
    "contractors": "People from other companies",
}

LETTERS = (
    (
        "Welcome to the mailroom",
        "bob",
        "Hello,\n\nthis mailbox is real: it lies behind Gatepost's IMAP port, and this page reached it with a token\n"
        "that ends when your browser's session does.\n\nBob\n",
    ),
    (
        "金曜日の打ち合わせについて",
        "haruka",
        "お疲れさまです。佐藤です。\n\n金曜日の打ち合わせは 15 時からに変更となりました。\n"
        "会議室は 3 階の「欅」です。よろしくお願いいたします。\n",
    ),
    (
        "Minutes of Tuesday",
        "alice",
        "Three things to remember:\n\n 1. devices are people's keys now, so report a lost one at once;\n"
        " 2. the old webmail goes on Friday;\n 3. cake.\n\nAlice\n",
    ),
)
