"""What the account desk says when it cannot do what a person asked, in every language that we speak."""

from collections.abc import Mapping

from kernel.problems import Conflict, Missing, WordsRefused


class AccountRefused(WordsRefused):
    """What was asked cannot be done; the words say what would help."""


class WeakPassword(AccountRefused):
    """This password is not accepted; ``rule`` names the rule that it breaks."""

    def __init__(self, rule: str, **values: object) -> None:
        self.rule = rule
        super().__init__(_spoken(rule, values))


class Taken(AccountRefused, Conflict):
    """Another user has this already."""


class NoSuchUser(AccountRefused, Missing):
    """There is no such user, or no such thing of theirs."""


def refused(key: str, **values: object) -> AccountRefused:
    """Return the refusal with this key of ``WORDS``, filled in."""
    return AccountRefused(_spoken(key, values))


def taken(key: str, **values: object) -> Taken:
    """Return the refusal as a Conflict."""
    return Taken(_spoken(key, values))


def missing(key: str, **values: object) -> NoSuchUser:
    """Return the refusal as a Missing."""
    return NoSuchUser(_spoken(key, values))


def _spoken(key: str, values: Mapping[str, object]) -> dict[str, str]:
    return {language: sentence.format(**values) for language, sentence in WORDS[key].items()}


WORDS: Mapping[str, Mapping[str, str]] = {
    "password-short": {
        "en": "The password needs at least {minimum} characters. Several words in a row make a good one.",
        "ja": "パスワードは{minimum}文字以上で設定してください。複数の単語をつなげると安全で覚えやすくなります。",
    },
    "password-long": {
        "en": "The password is too long: at most {most} bytes.",
        "ja": "パスワードが長すぎます（最大{most}バイト）。",
    },
    "password-control": {
        "en": "The password holds a character that cannot be typed.",
        "ja": "パスワードに入力できない文字が含まれています。",
    },
    "password-common": {
        "en": "This password is among the first that attackers try. Please choose another.",
        "ja": "推測されやすいパスワードです。別のパスワードを設定してください。",
    },
    "password-pattern": {
        "en": "This password repeats itself or follows the keyboard. Please choose another.",
        "ja": "同じ文字の繰り返しやキーボードの並び順は使用できません。別のパスワードを設定してください。",
    },
    "password-personal": {
        "en": "The password must not contain your name, your address or the name of this site.",
        "ja": "お名前、メールアドレス、サイト名を含むパスワードは使用できません。",
    },
    "no-user": {"en": "There is no such user.", "ja": "該当するユーザーが見つかりません。"},
    "no-device": {
        "en": "There is no such device of this user.",
        "ja": "該当する端末が見つかりません。",
    },
    "no-app-password": {
        "en": "There is no such app password.",
        "ja": "該当するアプリパスワードが見つかりません。",
    },
    "user-disabled": {"en": "This account is disabled.", "ja": "このアカウントは無効になっています。"},
    "name-invalid": {
        "en": "A user name has 1 to {most} letters, digits, dots, hyphens or underscores, a letter or digit first.",
        "ja": "ユーザー名は{most}文字以内の文字、数字、ピリオド、ハイフン、下線で指定してください（先頭は文字か数字）",
    },
    "email-invalid": {
        "en": "`{email}` is not a mail address.",
        "ja": "「{email}」は正しいメールアドレスではありません。",
    },
    "name-taken": {"en": "The user name `{name}` is taken.", "ja": "ユーザー名「{name}」はすでに使用されています。"},
    "email-taken": {
        "en": "The address `{email}` belongs to another user.",
        "ja": "メールアドレス「{email}」は他のユーザーが使用しています。",
    },
    "language-unknown": {
        "en": "`{language}` is not a language of these pages; they speak {known}.",
        "ja": "言語「{language}」には対応していません（対応言語：{known}）。",
    },
    "field-invalid": {
        "en": "`{field}` cannot be set like this.",
        "ja": "項目「{field}」にその値は設定できません。",
    },
    "device-refused": {
        "en": "This device is reported lost, revoked or expired; it gets no app password.",
        "ja": "紛失・失効・期限切れの端末にはアプリパスワードを発行できません。",
    },
    "services-none": {
        "en": "Choose at least one service for the app password.",
        "ja": "アプリパスワードを使用するサービスを1つ以上選択してください。",
    },
    "services-invalid": {
        "en": "`{service}` is not the name of a service.",
        "ja": "「{service}」は正しいサービス名ではありません。",
    },
    "too-many": {
        "en": "There are {most} of these already. Remove one that is no longer used.",
        "ja": "すでに上限の{most}件に達しています。使用していないものを削除してください。",
    },
    "label-invalid": {
        "en": "A name has 1 to {most} characters, on one line.",
        "ja": "名前は改行なしで1～{most}文字にしてください。",
    },
}
