"""The words of the page that asks whether a waiting login is the person's own."""

from idp.web.areas import Texts

APPROVALS: Texts = {
    "portal.approvals.title": {"en": "Is this you?", "ja": "ご本人の操作ですか？"},
    "portal.approvals.lede": {
        "en": "A mail program that waits to be confirmed appears here by itself.",
        "ja": "確認待ちのメールソフトがあると、この画面に自動的に表示されます。",
    },
    "portal.approvals.who": {
        "en": "{client} on {device} from {address}",
        "ja": "{address} の「{device}」上の {client}",
    },
    "portal.approvals.client": {"en": "A mail program", "ja": "メールソフト"},
    "portal.approvals.device": {"en": "an unknown device", "ja": "不明な端末"},
    "portal.approvals.wants": {"en": "wants to open: {service}", "ja": "利用しようとしているサービス: {service}"},
    "portal.approvals.care": {
        "en": "Confirm only if you opened it yourself just now. If you did not, somebody else has your app password.",
        "ja": "ご自身で操作した場合のみ承認してください。"
        "心当たりがなければ、アプリパスワードが第三者に知られている可能性があります。",
    },
    "portal.approvals.number": {
        "en": "Choose the number that the mail program shows",
        "ja": "メールソフトに表示されている番号を選んでください",
    },
    "portal.approvals.yes": {"en": "Yes, this is me", "ja": "はい、本人です"},
    "portal.approvals.no": {"en": "No, this is not me", "ja": "いいえ、心当たりがありません"},
    "portal.approvals.none": {"en": "Nothing waits for you", "ja": "確認待ちの項目はありません"},
    "portal.approvals.gone": {
        "en": "This is not asked any more. Let the mail program try again.",
        "ja": "この確認は終了しています。メールソフトからもう一度お試しください。",
    },
    "portal.done.approved": {
        "en": "Confirmed. The mail program goes on.",
        "ja": "承認しました。メールソフトの接続を続行します。",
    },
    "portal.done.denied": {
        "en": "Refused. If you do not know what it was, revoke that program's app password now.",
        "ja": "拒否しました。心当たりがない場合は、該当のアプリパスワードを取り消してください。",
    },
}
