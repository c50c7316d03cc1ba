"""The words of bringing a device in."""

from idp.web.areas import Texts

BRINGING: Texts = {
    "portal.mend.title": {"en": "What to put right", "ja": "対処が必要な項目"},
    "portal.mend.text": {
        "en": "Some services open only to devices in good order. "
        "As soon as this is mended and reported, they open again.",
        "ja": "一部のサービスは、要件を満たす端末でのみ利用できます。"
        "改善して報告されると、再び利用できるようになります。",
    },
    "portal.bring.title": {"en": "Bring in a computer", "ja": "パソコンの登録"},
    "portal.bring.text": {
        "en": "gatepost-agent keeps the computer's key, tells the gate how the computer is kept, and renews its "
        "certificate by itself. It needs a one-time code.",
        "ja": "gatepost-agentが端末の鍵を保管し、端末の状態を報告して、証明書を自動で更新します。"
        "登録には1回限りのコードが必要です。",
    },
    "portal.bring.do": {"en": "Make a code", "ja": "コードを発行"},
    "portal.bring.again": {"en": "Make another code", "ja": "別のコードを発行"},
    "portal.bring.example": {"en": "Aiko's laptop", "ja": "例：愛子のノートパソコン"},
    "portal.bring.code": {"en": "Your one-time code", "ja": "登録コード（1回限り）"},
    "portal.bring.code.text": {
        "en": "It is shown here once, and good for a day. Run this on the computer, as the one who looks after it:",
        "ja": "このコードが表示されるのは今回だけで、有効期限は24時間です。"
        "端末の管理者として次のコマンドを実行してください。",
    },
    "portal.bring.agent": {"en": "With the agent", "ja": "エージェントで登録"},
    "portal.bring.agent.text": {
        "en": "For a computer of your own or of the organisation: get a code for gatepost-agent.",
        "ja": "個人用または組織のパソコン：gatepost-agent用の登録コードを発行します。",
    },
    "portal.file.title": {"en": "Certificate as a file", "ja": "証明書ファイル"},
    "portal.file.text": {
        "en": "For phones and tablets: key and certificate in one file, locked by a passphrase that you choose. "
        "You type it once, when you install the file.",
        "ja": "スマートフォン・タブレット向けに、鍵と証明書を1つのファイルにまとめます。"
        "パスフレーズはご自身で決め、インストール時に入力してください。",
    },
    "portal.file.open": {"en": "Make a file", "ja": "ファイルを作成"},
    "portal.file.passphrase": {"en": "Passphrase (at least 8 characters)", "ja": "パスフレーズ（8文字以上）"},
    "portal.file.form": {"en": "File", "ja": "形式"},
    "portal.file.profile": {"en": "Profile for iPhone and iPad", "ja": "iPhone・iPad用プロファイル"},
    "portal.file.pkcs12": {"en": "PKCS #12 for Android and others", "ja": "Androidなど（PKCS #12）"},
    "portal.file.do": {"en": "Download", "ja": "ダウンロード"},
}
