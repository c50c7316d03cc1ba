"""Words of the frame and of the live picture."""

from idp.web.areas import Texts

LIVE: Texts = {
    "console.nav.live": {"en": "Live", "ja": "利用状況"},
    "console.nav.users": {"en": "People", "ja": "ユーザー"},
    "console.nav.devices": {"en": "Devices", "ja": "端末"},
    "console.nav.policy": {"en": "Policy", "ja": "ポリシー"},
    "console.nav.audit": {"en": "Audit", "ja": "監査ログ"},
    "console.nav.health": {"en": "Health", "ja": "稼働状態"},
    "console.acts": {"en": "Actions", "ja": "操作"},
    "console.add": {"en": "Add", "ja": "追加"},
    "console.all": {"en": "All", "ja": "すべて"},
    "console.none": {"en": "None", "ja": "なし"},
    "console.older": {"en": "Older entries", "ja": "さらに前を表示"},
    "console.remove": {"en": "Remove", "ja": "削除"},
    "console.search": {"en": "Search", "ja": "検索"},
    "console.user": {"en": "Person", "ja": "ユーザー"},
    "console.device": {"en": "Device", "ja": "端末"},
    "console.device.unknown": {"en": "unknown device", "ja": "未登録の端末"},
    "console.service": {"en": "Service", "ja": "サービス"},
    "console.rule": {"en": "Rule", "ja": "ルール"},
    "console.live.title": {"en": "Who is in", "ja": "現在の利用状況"},
    "console.live.text": {
        "en": "Every mail connection and browser session that the gate carries now. Ending one takes effect at once.",
        "ja": "現在中継しているメール接続とブラウザーセッションの一覧です。終了操作はただちに反映されます。",
    },
    "console.live.fresh": {"en": "Updates by itself", "ja": "自動更新中"},
    "console.live.lost": {
        "en": "No longer updating: please reload",
        "ja": "更新が止まりました。再読み込みしてください",
    },
    "console.live.count": {"en": "Live sessions: {count}", "ja": "接続中のセッション：{count}"},
    "console.live.sessions": {"en": "sessions", "ja": "セッション"},
    "console.live.people": {"en": "people", "ja": "ユーザー"},
    "console.live.devices": {"en": "devices", "ja": "端末"},
    "console.live.services": {"en": "Sessions by service", "ja": "サービス別セッション数"},
    "console.live.strip": {
        "en": "The last three minutes; at most {most} sessions",
        "ja": "直近3分間の推移（最大{most}セッション）",
    },
    "console.live.none": {"en": "Nothing is connected at the moment.", "ja": "現在接続はありません。"},
    "console.live.who": {"en": "Live sessions", "ja": "接続中のセッション"},
    "console.live.filter": {"en": "Person, device, address ...", "ja": "ユーザー、端末、アドレスなど"},
    "console.live.all": {"en": "All services", "ja": "すべてのサービス"},
    "console.live.from": {"en": "From", "ja": "接続元"},
    "console.live.since": {"en": "Since", "ja": "開始"},
    "console.live.end": {"en": "End", "ja": "終了"},
    "console.live.end.label": {
        "en": "End the {service} session of {user}",
        "ja": "{user} の {service} セッションを終了",
    },
    "console.live.end.sure": {
        "en": "End this {service} session of {user}? Their mail program may connect again if the policy allows it.",
        "ja": "{user} の {service} セッションを終了しますか。ポリシーで許可されていれば再接続できます。",
    },
    "console.live.more": {"en": "More", "ja": "その他"},
    "console.live.more.label": {"en": "More ways to end sessions of {user}", "ja": "{user} のその他の終了操作"},
    "console.live.end-user": {"en": "End everything of {user}", "ja": "{user} のすべてを終了"},
    "console.live.end-user.sure": {
        "en": "End every session and sign-in of {user}?",
        "ja": "{user} のすべてのセッションとサインインを終了しますか。",
    },
    "console.live.end-device": {"en": "End everything on {device}", "ja": "端末「{device}」のすべてを終了"},
    "console.live.end-device.sure": {
        "en": "End every session and sign-in on {device}?",
        "ja": "端末「{device}」のすべてのセッションとサインインを終了しますか。",
    },
    "console.live.cut": {
        "en": "The first {shown} of {all} sessions. Filter to see others.",
        "ja": "{all}件中、先頭の{shown}件を表示しています。絞り込んでご確認ください。",
    },
    "console.live.nobody": {"en": "No live session.", "ja": "接続中のセッションはありません。"},
    "console.live.nomatch": {"en": "No session matches", "ja": "該当するセッションがありません"},
    "console.live.nomatch.do": {"en": "Show all sessions", "ja": "すべて表示する"},
    "console.live.empty": {"en": "Nobody is in at the moment", "ja": "現在の利用者はいません"},
    "console.live.empty.text": {
        "en": "As soon as somebody opens mail through the gate they appear here. To see whether the policy would let "
        "them in, ask it.",
        "ja": "メールへの接続が始まると、ここに表示されます。ポリシーで許可されるかどうかは事前に確認できます。",
    },
    "console.live.empty.do": {"en": "Ask the policy", "ja": "ポリシーを確認する"},
    "console.done.session-ended": {
        "en": "Ended. The connection closes at once.",
        "ja": "終了しました。接続はただちに切断されます。",
    },
}
