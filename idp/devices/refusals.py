"""What the device registry says when it cannot do what a person asked, in every language that we speak."""

from collections.abc import Mapping

from kernel.problems import Conflict, Missing, WordsRefused


class DeviceRefused(WordsRefused):
    """What was asked cannot be done; the words say what would help."""


class KeyTaken(DeviceRefused, Conflict):
    """The key belongs to another device already."""


class NoSuchDevice(DeviceRefused, Missing):
    """There is no such device, or no such user for it."""


def refused(key: str, **values: object) -> DeviceRefused:
    """Return the refusal with this key of ``WORDS``, filled in."""
    return DeviceRefused(_spoken(key, values))


def missing(key: str) -> NoSuchDevice:
    """Return the refusal as a Missing."""
    return NoSuchDevice(_spoken(key, {}))


def taken(key: str) -> KeyTaken:
    """Return the refusal as a Conflict."""
    return KeyTaken(_spoken(key, {}))


def _spoken(key: str, values: Mapping[str, object]) -> dict[str, str]:
    return {language: sentence.format(**values) for language, sentence in WORDS[key].items()}


WORDS: Mapping[str, Mapping[str, str]] = {
    "no-device": {"en": "There is no such device.", "ja": "該当する端末が見つかりません。"},
    "no-user": {"en": "There is no such user.", "ja": "該当するユーザーが見つかりません。"},
    "text-invalid": {
        "en": "A device's name, platform and kind are one line of at most {most} characters; the name is not empty.",
        "ja": "端末の名前、プラットフォーム、種類は改行なしの{most}文字以内で、名前は必ず入力してください。",
    },
    "too-many": {
        "en": "There are {most} of these already. Remove one that is no longer used.",
        "ja": "すでに上限の{most}件に達しています。使用していないものを削除してください。",
    },
    "key-invalid": {
        "en": "The browser did not send a usable public key (ECDSA, P-256).",
        "ja": "ブラウザーから有効な公開鍵（ECDSA P-256）を受信できませんでした。",
    },
    "key-taken": {
        "en": "This browser's key is registered already, for another account. Make a new key.",
        "ja": "このブラウザーの鍵は別のアカウントで登録済みです。新しい鍵を作成してください。",
    },
    "trust-invalid": {
        "en": "A device cannot be set to `{trust}`.",
        "ja": "端末の状態を「{trust}」に変更することはできません。",
    },
    "device-out": {
        "en": "This device is reported lost, revoked or expired; it gets no certificate.",
        "ja": "紛失・失効・期限切れの端末には証明書を発行できません。",
    },
    "signal-invalid": {
        "en": "A signal has a name of letters, digits, `_`, `.`, `-`, and a short value; a device has at most {most}.",
        "ja": "シグナル名は英数字と「_」「.」「-」、値は短い文字列か数値にしてください（1端末{most}件まで）。",
    },
}
