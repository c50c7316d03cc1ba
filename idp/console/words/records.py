"""Words of the audit log and of health."""

from idp.web.areas import Texts

RECORDS: Texts = {
    "console.audit.title": {"en": "Audit log", "ja": "監査ログ"},
    "console.audit.text": {
        "en": "Every decision and every act, chained so that nothing can be changed unseen.",
        "ja": "すべての判定と操作の記録です。改ざんを検出できるよう連鎖して保存されています。",
    },
    "console.audit.words": {"en": "Text", "ja": "文字列"},
    "console.audit.kind": {"en": "Kind", "ja": "種別"},
    "console.audit.reference": {"en": "Reference", "ja": "参照番号"},
    "console.audit.number": {"en": "Entry", "ja": "記録番号"},
    "console.audit.clear": {"en": "Clear", "ja": "条件をクリア"},
    "console.audit.none": {"en": "No such entries", "ja": "該当する記録がありません"},
    "console.audit.none.text": {
        "en": "Ask a refused person for the reference on their screen: it leads straight to the decision.",
        "ja": "拒否された方の画面にある参照番号を入力すると、その判定を直接確認できます。",
    },
    "console.audit.verify": {"en": "Verify the chain", "ja": "改ざんの有無を検証"},
    "console.audit.holds": {
        "en": "The chain holds: {count} entries.",
        "ja": "改ざんは検出されませんでした（{count}件）。",
    },
    "console.audit.broken": {
        "en": "The chain is broken after {count} entries",
        "ja": "{count}件目より後で改ざんが検出されました",
    },
    "console.kind.decided": {"en": "Decision", "ja": "判定"},
    "console.kind.session-ended": {"en": "Session ended", "ja": "セッション終了"},
    "console.kind.session-ordered": {"en": "End ordered", "ja": "終了指示"},
    "console.kind.credential-refused": {"en": "Credential refused", "ja": "認証失敗"},
    "console.kind.signed-in": {"en": "Sign-in", "ja": "サインイン"},
    "console.kind.factor-changed": {"en": "Factor", "ja": "認証情報"},
    "console.kind.device-changed": {"en": "Device", "ja": "端末"},
    "console.kind.user-changed": {"en": "Person or group", "ja": "ユーザー・グループ"},
    "console.kind.policy-changed": {"en": "Policy", "ja": "ポリシー"},
    "console.kind.grant-changed": {"en": "Application access", "ja": "アプリ連携"},
    "console.kind.client-changed": {"en": "Application", "ja": "アプリ登録"},
    "console.kind.letter-passed": {"en": "Letter", "ja": "メール送信"},
    "console.kind.fault": {"en": "Fault", "ja": "内部エラー"},
    "console.said.decided.allow": {
        "en": '{whom} was let into {service} by rule "{rule}"',
        "ja": "{whom} の {service} 利用をルール「{rule}」により許可",
    },
    "console.said.decided.deny": {
        "en": "{whom} was refused {service} ({rule})",
        "ja": "{whom} の {service} 利用を拒否（{rule}）",
    },
    "console.said.decided.step_up": {
        "en": "{whom} was asked for another factor for {service}",
        "ja": "{whom} に {service} の追加認証を要求",
    },
    "console.said.decided.allow.again": {
        "en": '{whom} may go on using {service} by rule "{rule}"',
        "ja": "再判定: {whom} の {service} 利用を継続（{rule}）",
    },
    "console.said.decided.deny.again": {
        "en": "{whom} may no longer use {service} ({rule})",
        "ja": "再判定: {whom} の {service} 利用を停止（{rule}）",
    },
    "console.said.decided.step_up.again": {
        "en": "{whom} now needs another factor for {service}",
        "ja": "再判定: {whom} に {service} の追加認証が必要",
    },
    "console.said.session-ended": {
        "en": "The {service} session of {whom} ended: {reason}",
        "ja": "{whom} の {service} セッションが終了（{reason}）",
    },
    "console.said.session-ordered": {
        "en": "{actor} ended the {service} session of {whom}",
        "ja": "{actor} が {whom} の {service} セッションを終了",
    },
    "console.said.credential-refused": {
        "en": 'A credential of "{whom}" was refused at {service}: {reason}',
        "ja": "「{whom}」の認証が {service} で失敗（{reason}）",
    },
    "console.said.signed-in": {"en": "{whom} signed in ({step})", "ja": "{whom} がサインイン（{step}）"},
    "console.said.signed-in.ended": {
        "en": "A sign-in of {whom} ended ({step})",
        "ja": "{whom} のサインインが終了（{step}）",
    },
    "console.said.factor-changed": {
        "en": "{factor} of {whom}: {act}, by {actor}",
        "ja": "{whom} の {factor}: {act}（{actor}）",
    },
    "console.said.device-changed": {
        "en": 'Device "{device}" of {whom}: {act} {detail}, by {actor}',
        "ja": "{whom} の端末「{device}」: {act} {detail}（{actor}）",
    },
    "console.said.user-changed": {
        "en": "{whom}: {act} {detail}, by {actor}",
        "ja": "{whom}: {act} {detail}（{actor}）",
    },
    "console.said.policy-changed": {
        "en": "Policy {act}: revision {revision}, by {actor}",
        "ja": "ポリシー {act}: リビジョン{revision}（{actor}）",
    },
    "console.said.grant-changed": {
        "en": "Access of {client_id} to {whom}: {act}",
        "ja": "{client_id} の {whom} への連携: {act}",
    },
    "console.said.client-changed": {
        "en": "Application {client_id}: {act}, by {actor}",
        "ja": "アプリ {client_id}: {act}（{actor}）",
    },
    "console.said.letter-passed": {
        "en": "{whom} sent a letter to {recipients} recipients: {answer}",
        "ja": "{whom} が{recipients}件の宛先へ送信: {answer}",
    },
    "console.said.fault": {"en": "Something failed in {where}: {what}", "ja": "内部エラー（{where}）: {what}"},
    "console.said.other": {"en": "{kind} {act} by {actor}", "ja": "{kind} {act}（{actor}）"},
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
    "console.health.name.store": {"en": "Store", "ja": "データベース"},
    "console.health.name.audit": {"en": "Audit log", "ja": "監査ログ"},
    "console.health.name.policy": {"en": "Policy in force", "ja": "適用中のポリシー"},
    "console.health.name.sessions": {"en": "Sessions by proxy", "ja": "プロキシ別セッション数"},
    "console.health.name.users": {"en": "People", "ja": "ユーザー"},
    "console.health.name.devices": {"en": "Devices", "ja": "端末"},
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
