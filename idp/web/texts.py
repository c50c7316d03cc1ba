"""The words that all pages share."""

from idp.web.areas import Texts

TEXTS: Texts = {
    "web.motto": {"en": "Your mail opens to you, on a device we know.", "ja": "確認済みの端末から、安心してメールを。"},
    "web.skip": {"en": "Skip to content", "ja": "本文へ移動"},
    "web.rooms": {"en": "Pages", "ja": "ページ一覧"},
    "web.language": {"en": "Language", "ja": "表示言語"},
    "web.signout": {"en": "Sign out", "ja": "サインアウト"},
    "web.help": {"en": "Help", "ja": "ヘルプ"},
    "web.busy": {"en": "One moment, please ...", "ja": "処理しています。しばらくお待ちください。"},
    "web.optional": {"en": " (optional)", "ja": "（任意）"},
    "web.errors": {"en": "Please check the following:", "ja": "次の点をご確認ください。"},
    "web.colon": {"en": ": ", "ja": "："},
    "web.copy": {"en": "Copy", "ja": "コピー"},
    "web.copied": {"en": "Copied", "ja": "コピーしました"},
    "web.service.portal": {"en": "Portal", "ja": "ポータル"},
    "web.service.console": {"en": "Console", "ja": "管理コンソール"},
    "web.service.webmail": {"en": "Webmail", "ja": "Webメール"},
    "web.service.imap": {"en": "Reading mail (IMAP)", "ja": "メール受信（IMAP）"},
    "web.service.pop3": {"en": "Fetching mail (POP3)", "ja": "メール受信（POP3）"},
    "web.service.submission": {"en": "Sending mail (SMTP)", "ja": "メール送信（SMTP）"},
    "web.service.sieve": {"en": "Mail filters (ManageSieve)", "ja": "メールの振り分け（ManageSieve）"},
    "web.kind.computer": {"en": "Computer", "ja": "パソコン"},
    "web.kind.phone": {"en": "Phone", "ja": "スマートフォン"},
    "web.kind.tablet": {"en": "Tablet", "ja": "タブレット"},
    "web.kind.browser": {"en": "Browser", "ja": "ブラウザー"},
    "web.to-portal": {"en": "To my start page", "ja": "マイページへ"},
    "web.cancel": {"en": "Cancel", "ja": "キャンセル"},
    "web.continue": {"en": "Continue", "ja": "続ける"},
    "web.save": {"en": "Save", "ja": "保存"},
    "web.problem.400.title": {"en": "We could not read that", "ja": "内容を読み取れませんでした"},
    "web.problem.400.text": {
        "en": "Something in the request was not as expected. Please go back and try again.",
        "ja": "送信された内容に問題がありました。前の画面に戻って、もう一度お試しください。",
    },
    "web.problem.403.title": {"en": "This form has grown stale", "ja": "フォームの有効期限が切れています"},
    "web.problem.403.text": {
        "en": "For your safety we only accept forms from a page that you opened yourself. Please go back, reload the "
        "page and try again. Cookies must be allowed.",
        "ja": "安全のため、ご自身で開いたページからの送信のみ受け付けています。"
        "前の画面に戻り、再読み込みしてからもう一度お試しください。Cookieを有効にする必要があります。",
    },
    "web.problem.404.title": {"en": "There is nothing here", "ja": "ページが見つかりません"},
    "web.problem.404.text": {
        "en": "The address may be mistyped, or the page has moved.",
        "ja": "アドレスが間違っているか、ページが移動した可能性があります。",
    },
    "web.problem.405.title": {"en": "That is not how this page works", "ja": "この操作は受け付けられません"},
    "web.problem.405.text": {
        "en": "Please start again from your start page.",
        "ja": "お手数ですが、マイページからやり直してください。",
    },
    "web.problem.413.title": {"en": "That is too large", "ja": "送信された内容が大きすぎます"},
    "web.problem.413.text": {
        "en": "Please shorten what you entered and send it again.",
        "ja": "入力内容を短くして、もう一度送信してください。",
    },
    "web.problem.415.title": {"en": "We could not read that form", "ja": "フォームを読み取れませんでした"},
    "web.problem.415.text": {
        "en": "Please go back, reload the page and try again.",
        "ja": "前の画面に戻り、再読み込みしてからもう一度お試しください。",
    },
    "web.problem.500.title": {"en": "Something failed on our side", "ja": "システムエラーが発生しました"},
    "web.problem.500.text": {
        "en": "It has been recorded. Please try again in a moment.",
        "ja": "エラーは記録されました。しばらくしてから、もう一度お試しください。",
    },
    "web.problem.503.title": {"en": "We cannot answer just now", "ja": "ただいまご利用いただけません"},
    "web.problem.503.text": {
        "en": "A part of the service is out of reach, so nothing was changed. Please try again shortly.",
        "ja": "サービスの一部に接続できないため、変更は行われていません。しばらくしてから、もう一度お試しください。",
    },
}
