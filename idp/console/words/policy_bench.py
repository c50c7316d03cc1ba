"""Words of the policy's editor: checked while typed, completed, asked, kept."""

from idp.web.areas import Texts

POLICY_BENCH: Texts = {
    "console.policy.in-force": {"en": "Revision {number} in force", "ja": "リビジョン{number}を適用中"},
    "console.policy.from-nothing": {"en": "The first policy", "ja": "最初のポリシー"},
    "console.policy.blank": {"en": "The draft is empty", "ja": "下書きが空です"},
    "console.view.tests": {"en": "Expected", "ja": "想定判定"},
    "console.tests": {"en": "Expected decisions", "ja": "想定した判定"},
    "console.tests.text": {
        "en": "A table kept beside the policy: who is let in, and who is not. Run before every publish.",
        "ja": "許可・拒否されるべき例をまとめた表です。公開のたびに照合します。",
    },
    "console.tests.example": {
        "en": "version: 1 / tests: - {name: ..., user: ..., service: imap, expect: allow}",
        "ja": "version: 1 / tests: - {name: ..., user: ..., service: imap, expect: allow}",
    },
    "console.live.checking": {"en": "Checking ...", "ja": "チェック中…"},
    "console.live.good": {"en": "No fault", "ja": "問題なし"},
    "console.live.bad": {"en": "To correct: {count}", "ja": "要修正：{count}件"},
    "console.live.doubts": {"en": "To think about: {count}", "ja": "要確認：{count}件"},
    "console.live.shut": {
        "en": "Your sign-in must be shown again. Reload this page: your draft is kept in this tab.",
        "ja": "再度サインインが必要です。ページを再読み込みしてください。下書きはこのタブに保存されています。",
    },
    "console.live.away": {
        "en": "The server does not answer. Your draft is kept in this tab.",
        "ja": "サーバーに接続できません。下書きはこのタブに保存されています。",
    },
    "console.complete": {"en": "Suggestions", "ja": "入力候補"},
    "console.complete.count": {"en": "Suggestions: {count}", "ja": "候補：{count}件"},
    "console.complete.none": {"en": "No suggestion", "ja": "候補はありません"},
    "console.mend": {"en": "Write {word}", "ja": "{word} に修正"},
    "console.keys-help": {"en": "Keys", "ja": "キー操作"},
    "console.key.complete": {"en": "suggest what could stand here", "ja": "入力候補を表示"},
    "console.key.mend": {"en": "write what was meant", "ja": "候補の語に修正"},
    "console.key.next": {"en": "next, previous fault", "ja": "次・前の指摘へ移動"},
    "console.key.note": {"en": "make lines comments, or not", "ja": "コメントの切り替え"},
    "console.key.indent": {"en": "indent, outdent", "ja": "字下げ・戻す"},
    "console.key.ask": {"en": "from text to form, and back", "ja": "テキストとフォームの切り替え"},
    "console.key.leave": {"en": "leave the editor", "ja": "入力欄の外へ移動"},
    "console.draft.restored": {"en": "Your draft is back", "ja": "下書きを復元しました"},
    "console.draft.restored.text": {
        "en": "It was kept in this tab when you left at {time}.",
        "ja": "{time} にこのタブへ保存した内容です。",
    },
    "console.draft.discard": {"en": "Discard it", "ja": "破棄する"},
    "console.draft.changed": {"en": "{base}, changed lines: {count}", "ja": "{base}（変更：{count}行）"},
    "console.draft.same": {"en": "{base}, nothing changed", "ja": "{base}（変更なし）"},
    "console.ask.anyone": {"en": "name or address", "ja": "名前またはアドレス"},
    "console.ask.no-device": {"en": "unknown device", "ja": "未登録の端末"},
    "console.ask.choose": {"en": "Choose ...", "ja": "選択…"},
    "console.ask.more": {"en": "Time and proof", "ja": "日時・証明方法"},
    "console.ask.working": {"en": "Asking ...", "ja": "確認中…"},
    "console.ask.faulty": {
        "en": "The draft has faults. As soon as they are corrected, it answers.",
        "ja": "下書きに修正が必要な箇所があります。修正すると判定できます。",
    },
    "console.explain.end": {"en": "No rule matched: denied", "ja": "一致するルールがないため拒否"},
    "console.explain.beyond": {"en": "Not asked any more: {count}", "ja": "以降の{count}件は判定に使われません"},
    "console.explain.instead": {"en": ", wants {wanted}", "ja": "（期待値：{wanted}）"},
    "console.explain.known-by": {"en": "What would make it known: {what}", "ja": "判定に必要なもの：{what}"},
}
