"""The words of the page that explains a refusal."""

from idp.web.areas import Texts

WHY: Texts = {
    "portal.why.title": {"en": "Why you were refused", "ja": "アクセスが拒否された理由"},
    "portal.why.what": {"en": "What was recorded", "ja": "記録の内容"},
    "portal.why.when": {"en": "When", "ja": "日時"},
    "portal.why.client": {"en": "Client", "ja": "クライアント"},
    "portal.why.proof": {"en": "Device proved by", "ja": "端末の証明方法"},
    "portal.why.rule": {"en": "Decided by rule", "ja": "適用されたルール"},
    "portal.why.no-rule": {"en": "no rule allows it", "ja": "許可するルールなし"},
    "portal.why.revision": {"en": "revision {number}", "ja": "リビジョン {number}"},
    "portal.why.facts": {"en": "All facts that were looked at", "ja": "判定に使用した情報"},
    "portal.why.help": {
        "en": "If nothing helps, give the reference above to your administrator.",
        "ja": "解決しない場合は、上の照会番号を管理者にお伝えください。",
    },
    "portal.why.unknown": {"en": "No refusal of yours has this reference", "ja": "該当する記録がありません"},
    "portal.why.unknown.text": {
        "en": "It may be mistyped, or belong to somebody else. You see only what concerned you.",
        "ja": "番号が間違っているか、ほかの方の記録の可能性があります。ご本人に関する記録のみ確認できます。",
    },
}
