"""The words of the log for questions that were put to people."""

from idp.web.areas import Texts

APPROVALS: Texts = {
    "console.kind.approval-changed": {"en": "Confirmation", "ja": "本人確認"},
    "console.said.approval-changed": {
        "en": "{whom} was asked about a login to {service}: {act} {detail}",
        "ja": "{whom} への {service} 接続の本人確認: {act} {detail}",
    },
}
