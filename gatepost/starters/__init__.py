"""Policies to start from, each with its table of expected decisions: the files of this directory, and what they are.

``deploy/policies`` has them under the same names.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from idp.admin.starters import Starter

FOLDER = Path(__file__).parent
STARTER = FOLDER / "starter.yaml"
"""What ``gatepost init`` publishes."""

ABOUT: Mapping[str, Mapping[str, str]] = {
    "starter": {
        "en": "The policy of a new installation: registered devices, a second factor in the browser.",
        "ja": "初期設定のポリシー。登録済みの端末を許可し、ブラウザーでは2段階認証を求めます。",
    },
    "staff-and-contractors": {
        "en": "Staff on registered devices; contractors in the webmail alone, on managed devices, on working days.",
        "ja": "職員は登録済みの端末から、業務委託の方は平日に管理端末のウェブメールからのみ利用できます。",
    },
    "office-only": {
        "en": "Mail from your own networks alone; from elsewhere the portal and nothing else.",
        "ja": "メールは社内ネットワークとVPNからのみ。社外からはポータルだけを利用できます。",
    },
    "managed-only": {
        "en": "Mail on managed devices that are in order; people's own devices reach the portal alone.",
        "ja": "メールは状態に問題のない管理端末からのみ。個人の端末ではポータルだけを利用できます。",
    },
    "high-security": {
        "en": "Hardened managed devices, factors shown lately, short sessions; the console in the office by day.",
        "ja": "堅牢化した管理端末と直近の認証を求め、セッションは短め。管理コンソールは社内の勤務時間のみです。",
    },
}


def starters() -> Sequence[Starter]:
    """Return every policy to start from, the plainest first."""
    return [Starter(name, about, _text(f"{name}.yaml"), _text(f"{name}.tests.yaml")) for name, about in ABOUT.items()]


def _text(name: str) -> str:
    return (FOLDER / name).read_bytes().decode()
