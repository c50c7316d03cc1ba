"""Words of the health page: what was looked at, how it stands, and what to do."""

from idp.web.areas import Texts

HEALTH: Texts = {
    "console.health.title.good": {"en": "All is well", "ja": "正常に稼働しています"},
    "console.health.title.attention": {"en": "Something wants attention", "ja": "確認が必要な項目があります"},
    "console.health.title.bad": {"en": "Something is wrong", "ja": "問題が発生しています"},
    "console.health.text": {
        "en": "What was looked at just now, and what to do about it.",
        "ja": "現在の確認結果と対処方法です。",
    },
    "console.health.again": {"en": "Look again", "ja": "再確認"},
    "console.health.state.good": {"en": "Good", "ja": "正常"},
    "console.health.state.attention": {"en": "Attention", "ja": "要確認"},
    "console.health.state.bad": {"en": "Bad", "ja": "異常"},
    "console.health.name.store": {"en": "Store (changes written)", "ja": "データベース（変更数）"},
    "console.health.name.audit": {"en": "Audit log (entries)", "ja": "監査ログ（件数）"},
    "console.health.name.policy": {"en": "Policy in force", "ja": "適用中のポリシー"},
    "console.health.name.sessions": {"en": "Sessions by proxy", "ja": "プロキシ別セッション数"},
    "console.health.name.users": {"en": "People", "ja": "ユーザー"},
    "console.health.name.devices": {"en": "Devices (pending)", "ja": "端末（うち承認待ち）"},
    "console.health.name.geography": {"en": "Where addresses are", "ja": "アドレスの所在情報"},
    "console.health.name.certificate": {"en": "Certificate of {about}", "ja": "証明書（{about}）"},
    "console.health.name.backend-imap": {
        "en": "Mail server {about}: reading (IMAP)",
        "ja": "メールサーバー「{about}」受信（IMAP）",
    },
    "console.health.name.backend-submission": {
        "en": "Mail server {about}: sending (SMTP)",
        "ja": "メールサーバー「{about}」送信（SMTP）",
    },
    "console.health.name.upstream": {"en": "Application {about}", "ja": "中継先アプリ「{about}」"},
    "console.health.geography.attention": {
        "en": "A file is old. Fetch it anew, put it in its place in one move, and send SIGHUP.",
        "ja": "古いファイルがあります。新しいファイルを取得して置き換え、SIGHUPを送信してください。",
    },
    "console.health.geography.bad": {
        "en": "A file cannot be read, or nothing tells what the policy asks for: see [geography] in gatepost.toml.",
        "ja": "ファイルを読み取れないか、ポリシーで使う情報の取得元がありません。設定の [geography] をご確認ください。",
    },
    "console.health.seen.certificate": {"en": "good until {seen}", "ja": "{seen}まで有効"},
    "console.health.seen.upstream": {"en": "{seen} answers", "ja": "{seen} に接続できます"},
    "console.health.seen.backend-imap": {"en": "{seen} answers", "ja": "{seen} に接続できます"},
    "console.health.seen.backend-submission": {"en": "{seen} answers", "ja": "{seen} に接続できます"},
    "console.health.certificate.bad": {
        "en": "Put a good certificate and its key in place; they are read again by SIGHUP.",
        "ja": "正しい証明書と秘密鍵を配置してください。SIGHUPで再読み込みされます。",
    },
    "console.health.certificate.attention": {
        "en": "It ends soon: renew it.",
        "ja": "まもなく期限切れになります。更新してください。",
    },
    "console.health.backend-imap.bad": {
        "en": "Nobody can read mail. Start the mail server, or mend its address in gatepost.toml.",
        "ja": "メールを受信できません。メールサーバーを起動するか、gatepost.tomlのアドレスを修正してください。",
    },
    "console.health.backend-submission.bad": {
        "en": "Nobody can send mail. Start the mail server, or mend its address in gatepost.toml.",
        "ja": "メールを送信できません。メールサーバーを起動するか、gatepost.tomlのアドレスを修正してください。",
    },
    "console.health.upstream.bad": {
        "en": "Nobody can open it. Start the application, or mend its upstreams in gatepost.toml.",
        "ja": "利用できません。アプリケーションを起動するか、gatepost.tomlのupstreamsを修正してください。",
    },
    "console.health.store.bad": {
        "en": "Look at the disk and at the server's log.",
        "ja": "ディスクの状態とサーバーのログを確認してください。",
    },
    "console.health.policy.bad": {
        "en": "Publish a policy without faults; until then nobody new gets in.",
        "ja": "正しいポリシーを公開してください。それまで新しい接続は許可されません。",
    },
    "console.health.policy.attention": {
        "en": "Nobody can open the console under it.",
        "ja": "このポリシーでは誰も管理コンソールを開けません。",
    },
    "console.health.users.attention": {"en": "Add the first person.", "ja": "最初のユーザーを追加してください。"},
    "console.health.devices.attention": {
        "en": "Approve or revoke the pending ones.",
        "ja": "承認待ちの端末を承認または失効してください。",
    },
}
