"""What a trace says that a condition saw and wanted, for people: lengths of time in words, and all of it in Japanese.

The judge speaks plain English with seconds; names and values of the document come over as they are. Pure.
"""

import re
from typing import Final

from idp.web.times import span
from policies.barred import WHY

_WHOLE: Final = {
    "unknown": "不明",
    "none": "なし",
    "nobody": "ユーザーなし",
    "no device": "端末なし",
    "nothing reported": "報告なし",
    "a sign-in or credential that names the user": "ユーザーを特定できるサインインまたは認証情報",
    "set the attribute on the user": "ユーザーへの属性の設定",
    "a fresh report from the device, or signals set by an admin": "端末からの新しい報告、または管理者による設定",
    "register the device with its platform": "OSを含む端末の登録",
    "a registered device": "端末の登録",
    "a valid client address": "有効な接続元アドレス",
    "a source of countries for addresses": "アドレスから国を判定するデータベース",
    "a source of network numbers for addresses": "アドレスからAS番号を判定するデータベース",
    "a source that tells anonymising networks": "匿名化ネットワークを判定するデータベース",
    "a sign-in behind this session": "このセッションの元になるサインイン",
    "a sign-in behind this session, and a device that it proved": "端末が証明されたサインイン",
    "a source of coordinates for addresses (a city database)": "アドレスから位置を判定するデータベース（都市単位）",
    WHY: ("紛失・失効・期限切れの端末は、`device: {trust: [...]}` でその状態を明示したルールでのみ許可されます"),
}
_DAYS: Final = {"mon": "月", "tue": "火", "wed": "水", "thu": "木", "fri": "金", "sat": "土", "sun": "日"}
_AGO: Final = re.compile(r"(\d+) s ago")
_OLD: Final = re.compile(r"at most (\d+) s old")
_PARTS: Final = (
    (re.compile(r"^signed in (.+)$"), r"\1にサインイン"),
    (re.compile(r"\bnever reported\b"), "は報告なし"),
    (re.compile(r", too old\)"), "、期限切れ）"),
    (re.compile(r"\bno address\b"), "アドレスなし"),
    (re.compile(r"\(no named network\)"), "（名前付きネットワークなし）"),
    (re.compile(r" and (\d+) more$"), r" ほか\1件"),
    (re.compile(r"^([a-z]{3}) (\d\d:\d\d) in (\S+)$"), lambda found: f"{_days(found[1])}曜日 {found[2]}（{found[3]}）"),
    (re.compile(r"^((?:[a-z]{3}(?:, )?)+) in (\S+)$"), lambda found: f"{_days(found[1])}（{found[2]}）"),
    (re.compile(r"^(\d\d:\d\d-\d\d:\d\d) in (\S+)$"), r"\1（\2）"),
    (re.compile(r" or "), "、または "),
)  # fmt: skip


def told(text: str, language: str) -> str:
    """Return what a trace says (seen, wanted or hint) in a language."""
    text = _AGO.sub(lambda found: _ago(float(found[1]), language), text)
    text = _OLD.sub(lambda found: _young(float(found[1]), language), text)
    if language != "ja":
        return text
    if text.startswith("not ") and text not in _WHOLE:
        return f"{told(text[4:], language)} 以外"
    if text in _WHOLE:
        return _WHOLE[text]
    for pattern, japanese in _PARTS:
        text = pattern.sub(japanese, text)
    return text


def _days(words: str) -> str:
    return "、".join(_DAYS.get(each, each) for each in words.split(", "))


def _ago(seconds: float, language: str) -> str:
    return f"{span(seconds, language)}前" if language == "ja" else f"{span(seconds, language)} ago"


def _young(seconds: float, language: str) -> str:
    return f"{span(seconds, language)}以内" if language == "ja" else f"at most {span(seconds, language)} old"
