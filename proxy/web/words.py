"""The words of the web door's own few pages, in every language we speak."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spoken:
    """Title and explanation of one page."""

    title: str
    lede: str


PAGES: dict[str, dict[str, Spoken]] = {
    "denied": {
        "en": Spoken("Access refused", "The access policy does not let this request through."),
        "ja": Spoken("アクセスできません", "アクセスポリシーにより、この操作は許可されていません。"),
    },
    "signin": {
        "en": Spoken("Please sign in", "Your sign-in is needed before you can go on."),
        "ja": Spoken("サインインが必要です", "続けるにはサインインしてください。"),
    },
    "troubled": {
        "en": Spoken("Please try again shortly", "The gate cannot check your access just now."),
        "ja": Spoken("少し待ってからお試しください", "現在、アクセスの確認ができません。"),
    },
    "unreachable": {
        "en": Spoken(
            "The application does not answer",
            "The gate let you through, but the application behind it is out of reach.",
        ),
        "ja": Spoken(
            "アプリケーションが応答しません", "アクセスは許可されましたが、アプリケーションに接続できません。"
        ),
    },
    "unknown": {
        "en": Spoken("There is nothing here", "No application is set up at this address."),
        "ja": Spoken("ページが見つかりません", "このアドレスのアプリケーションはありません。"),
    },
    "bad": {
        "en": Spoken("The request was not understood", "Your browser or program sent something malformed."),
        "ja": Spoken("リクエストを処理できません", "ブラウザーまたはアプリから不正な形式の要求が送信されました。"),
    },
}

LABELS: dict[str, dict[str, str]] = {
    "reference": {"en": "Reference", "ja": "照会番号"},
    "why": {"en": "Why was I refused?", "ja": "拒否された理由を確認する"},
    "signin": {"en": "Sign in", "ja": "サインインする"},
    "again": {"en": "Try again", "ja": "もう一度試す"},
}
