"""The words of linking a mailbox elsewhere."""

from idp.web.areas import Texts

MAILBOXES: Texts = {
    "portal.mailboxes.title": {"en": "Linked mailboxes", "ja": "メールボックスの連携"},
    "portal.mailboxes.lede": {
        "en": "Your mail is kept by another provider. Link it once, so that mail programs can open it through here.",
        "ja": "メールは別の事業者で保管されています。一度連携すると、メールソフトからご利用いただけます。",
    },
    "portal.mailboxes.none": {"en": "There is nothing to link.", "ja": "連携が必要なメールボックスはありません。"},
    "portal.mailboxes.linked": {"en": "Linked", "ja": "連携済み"},
    "portal.mailboxes.unlinked": {"en": "Not linked", "ja": "未連携"},
    "portal.mailboxes.broken": {"en": "Link again", "ja": "再連携が必要"},
    "portal.mailboxes.broken.text": {
        "en": "The provider no longer accepts this link. Until it is made again, no mail program can open the mailbox.",
        "ja": "事業者側で連携が無効になりました。再連携していただくまで、メールソフトからは開けません。",
    },
    "portal.mailboxes.link": {"en": "Link", "ja": "連携する"},
    "portal.mailboxes.again": {"en": "Link again", "ja": "再連携する"},
    "portal.mailboxes.unlink": {"en": "Unlink", "ja": "連携を解除"},
    "portal.mailboxes.by-admin": {
        "en": "Your administrator links this one for you.",
        "ja": "こちらの連携は管理者が行います。",
    },
    "portal.mailboxes.go.title": {"en": "Continue at your provider", "ja": "事業者のページへ進む"},
    "portal.mailboxes.go.text": {
        "en": "You will be asked to let the gate read and send your mail. Sign in as {account}, within ten minutes.",
        "ja": "メールの閲覧と送信の許可を求められます。10分以内に {account} でサインインしてください。",
    },
    "portal.mailboxes.go": {"en": "Continue to {host}", "ja": "{host} へ進む"},
    "portal.mailboxes.failed": {
        "en": "The mailbox was not linked. Please begin again.",
        "ja": "連携できませんでした。恐れ入りますが、もう一度お試しください。",
    },
    "portal.done.linked": {"en": "The mailbox is linked.", "ja": "メールボックスを連携しました。"},
    "portal.done.unlinked": {"en": "The mailbox is no longer linked.", "ja": "メールボックスの連携を解除しました。"},
    "portal.want.mailbox": {"en": "Link your mailbox", "ja": "メールボックスを連携する"},
    "portal.want.mailbox.text": {
        "en": "Until then, mail programs cannot open it.",
        "ja": "連携されるまで、メールソフトからは開けません。",
    },
    "portal.want.mailbox.do": {"en": "Link it", "ja": "連携する"},
}
