"""The words about app passwords that were tried from elsewhere."""

from idp.web.areas import Texts

STRAYS: Texts = {
    "portal.stray.title": {
        "en": "An app password was tried from elsewhere",
        "ja": "アプリパスワードが別の場所で使用されました",
    },
    "portal.stray.text": {
        "en": "it was refused there, and your own mail client goes on working. If that was not you, revoke it and make"
        " a new one.",
        "ja": "その接続は拒否され、お使いのメールソフトは引き続きご利用いただけます。"
        "お心当たりがない場合は、取り消して新しく作成してください。",
    },
    "portal.stray.look": {"en": "Look at it", "ja": "確認する"},
    "portal.stray.badge": {"en": "Refused", "ja": "拒否"},
    "portal.stray.mine": {"en": "That was me: allow", "ja": "本人の操作として許可"},
    "portal.stray.differs.protocol": {"en": "another service", "ja": "別のサービス"},
    "portal.stray.differs.client": {"en": "another mail client", "ja": "別のメールソフト"},
    "portal.stray.differs.tls": {"en": "another kind of TLS", "ja": "異なるTLS"},
    "portal.stray.differs.country": {"en": "another country", "ja": "別の国"},
    "portal.stray.differs.network": {"en": "another network", "ja": "別のネットワーク"},
}
