"""What the admin's acts say when they cannot do what was asked, in every language that we speak."""

from collections.abc import Iterable, Mapping

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
    "no-user": {"en": "There is no user `{name}`.", "ja": "ユーザー「{name}」は存在しません。"},
    "no-group": {"en": "There is no group `{name}`.", "ja": "グループ「{name}」は存在しません。"},
    "no-device": {"en": "There is no device `{name}`.", "ja": "端末「{name}」は存在しません。"},
    "no-session": {
        "en": "There is no live session `{name}` any more.",
        "ja": "セッション「{name}」はすでに終了しています。",
    },
    "no-revision": {"en": "There is no policy revision {name}.", "ja": "ポリシーのリビジョン{name}は存在しません。"},
    "no-kind": {
        "en": "There is no event kind `{name}`.",
        "ja": "イベント種別「{name}」は存在しません。",
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
    "no-policy": {
        "en": "No policy has been published yet; until then nobody gets in.",
        "ja": "ポリシーがまだ公開されていません。公開されるまで誰もアクセスできません。",
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
    "force-here-only": {
        "en": "Only the command line on the server itself may force a policy.",
        "ja": "ポリシーの強制公開は、サーバー上のコマンドラインからのみ実行できます。",
    },
    "locks-out": {
        "en": "This policy would lock every admin out: no enabled user could open the console with the devices and "
        "factors they have. Allow service `console` to somebody, or force it on the server: "
        "gatepost policy publish --force",
        "ja": "このポリシーを公開すると、すべての管理者が管理コンソールに入れなくなります。"
        "現在の端末と認証要素でconsoleサービスを利用できるユーザーがいません。誰かにconsoleを許可するか、"
        "サーバー上で gatepost policy publish --force を実行してください。",
    },
    "conflict": {
        "en": "{author} published revision {current} while you worked on revision {base}. "
        "Take their change over, then publish again.",
        "ja": "リビジョン{base}の編集中に、{author} がリビジョン{current}を公開しました。"
        "相手の変更を取り込んでから、もう一度公開してください。",
    },
}
