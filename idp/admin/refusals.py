"""What the admin's acts say when they cannot do what was asked, in every language that we speak."""

from collections.abc import Iterable, Mapping

from idp.admin.policy_words import POLICY_WORDS
from kernel.problems import Missing, WordsRefused, nearest


class AdminRefused(WordsRefused):
    """What was asked cannot be done; the words say what would help."""


class NotThere(AdminRefused, Missing):
    """There is no such thing."""


LONGEST = 80


def refused(key: str, **values: object) -> AdminRefused:
    """Return the refusal with this key of ``WORDS``, filled in."""
    return AdminRefused(spoken(key, values))


def missing(key: str, name: str, known: Iterable[str] = ()) -> NotThere:
    """Return the refusal of a name that leads nowhere, with the nearest of the ``known`` names."""
    close = nearest(name, known)
    hints = {language: text.format(close=close) if close else "" for language, text in MEANT.items()}
    return NotThere({language: text + hints[language] for language, text in spoken(key, {"name": name}).items()})


def spoken(key: str, values: Mapping[str, object]) -> dict[str, str]:
    """Return one entry of ``WORDS`` in every language; long values are cut."""
    shown = {name: str(value)[:LONGEST] for name, value in values.items()}
    return {language: sentence.format(**shown) for language, sentence in WORDS[key].items()}


MEANT = {"en": " Did you mean `{close}`?", "ja": "「{close}」の間違いではありませんか。"}

WORDS: Mapping[str, Mapping[str, str]] = {
    **POLICY_WORDS,
    "no-user": {"en": "There is no user `{name}`.", "ja": "ユーザー「{name}」は存在しません。"},
    "no-group": {"en": "There is no group `{name}`.", "ja": "グループ「{name}」は存在しません。"},
    "no-device": {"en": "There is no device `{name}`.", "ja": "端末「{name}」は存在しません。"},
    "no-session": {
        "en": "There is no live session `{name}` any more.",
        "ja": "セッション「{name}」はすでに終了しています。",
    },
    "no-kind": {
        "en": "There is no event kind `{name}`.",
        "ja": "イベント種別「{name}」は存在しません。",
    },
    "no-ssh-certificate": {
        "en": "`{name}` is a shared device; an SSH certificate is for one person's own.",
        "ja": "「{name}」は共有端末のため、個人用のSSH証明書は発行できません。",
    },
    "several-devices": {
        "en": "Several devices are called `{name}`. Name one by its id: {ids}.",
        "ja": "「{name}」という端末が複数あります。IDで指定してください（{ids}）。",
    },
    "client-nameless": {"en": "A client needs a name.", "ja": "クライアントには名前が必要です。"},
    "no-address": {"en": "`{text}` is no IP address.", "ja": "「{text}」はIPアドレスではありません。"},
    "no-proof": {
        "en": "`{text}` is no proof of a device. There are: {known}.",
        "ja": "「{text}」は端末の証明方法ではありません。使えるのは {known} です。",
    },
    "no-factor": {
        "en": "`{text}` is no sign-in factor. There are: {known}.",
        "ja": "「{text}」は認証要素ではありません。使えるのは {known} です。",
    },
    "no-trust": {
        "en": "`{text}` is no trust of a device. There are: {known}.",
        "ja": "「{text}」は端末の信頼状態ではありません。使えるのは {known} です。",
    },
    "no-move": {
        "en": "A device cannot `{text}`. It can: {known}.",
        "ja": "端末に対する操作「{text}」はありません。使えるのは {known} です。",
    },
    "no-service": {
        "en": "Name the service: portal, console, imap, submission, or a web route.",
        "ja": "サービスを指定してください（portal、console、imap、submission、またはWebルート名）。",
    },
    "group-name": {
        "en": "A group's name is 1 to 64 characters without spaces, commas and slashes.",
        "ja": "グループ名は空白・カンマ・スラッシュを含まない1〜64文字で指定してください。",
    },
    "group-taken": {"en": "There is a group `{name}` already.", "ja": "グループ「{name}」はすでに存在します。"},
    "not-changeable": {
        "en": "`{field}` cannot be changed. These can: {known}.",
        "ja": "「{field}」は変更できません。変更できるのは {known} です。",
    },
}
