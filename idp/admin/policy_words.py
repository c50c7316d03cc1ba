"""What the acts on the policy say when they cannot do what was asked, in every language that we speak."""

from collections.abc import Mapping

POLICY_WORDS: Mapping[str, Mapping[str, str]] = {
    "no-revision": {"en": "There is no policy revision {name}.", "ja": "ポリシーのリビジョン{name}は存在しません。"},
    "no-policy": {
        "en": "No policy has been published yet; until then nobody gets in.",
        "ja": "ポリシーがまだ公開されていません。公開されるまで誰もアクセスできません。",
    },
    "force-here-only": {
        "en": "Only the command line on the server itself may force a policy.",
        "ja": "ポリシーの強制公開は、サーバー上のコマンドラインからのみ実行できます。",
    },
    "locks-out": {
        "en": "This policy would lock every admin out: no enabled user could open the console with the devices and "
        "factors they have, from where they have been. Allow service `console` to somebody, or force it on the "
        "server: gatepost policy publish --force",
        "ja": "このポリシーを公開すると、すべての管理者が管理コンソールに入れなくなります。"
        "現在の端末・認証要素・利用したことのあるネットワークでconsoleサービスを利用できるユーザーがいません。"
        "誰かにconsoleを許可するか、サーバー上で gatepost policy publish --force を実行してください。",
    },
    "leaves-one": {
        "en": "Under this policy only {name} could open the console, and every change needs a second admin to approve "
        "it. Allow service `console` to one more, or force it on the server: gatepost policy publish --force",
        "ja": "このポリシーを公開すると、管理コンソールに入れるのは {name} のみとなり、"
        "変更を承認する別の管理者がいなくなります。"
        "もう1人以上にconsoleを許可するか、サーバー上で gatepost policy publish --force を実行してください。",
    },
    "tests-fail": {
        "en": "{failed} of {cases} expected decisions come out otherwise; the first is `{name}`, line {line} of the "
        "table. Correct the policy, or the table that goes with it.",
        "ja": "想定した判定{cases}件のうち{failed}件が異なる結果になりました（最初の1件: 表の{line}行「{name}」）。"
        "ポリシー、または付属の表を修正してください。",
    },
    "tests-broken": {
        "en": "The table of expected decisions cannot be read: {place}: {what}.",
        "ja": "想定判定の表を読み取れません（{place}: {what}）。",
    },
    "conflict": {
        "en": "{author} published revision {current} while you worked on revision {base}. "
        "Take their change over, then publish again.",
        "ja": "リビジョン{base}の編集中に、{author} がリビジョン{current}を公開しました。"
        "相手の変更を取り込んでから、もう一度公開してください。",
    },
    "no-proposal": {"en": "There is no proposal {name}.", "ja": "提案{name}は存在しません。"},
    "proposal-stale": {
        "en": "Proposal {proposal} was made from revision {base}, but {author} has published revision {current} since. "
        "{by} has to take that change over and propose again.",
        "ja": "提案{proposal}はリビジョン{base}を元にしていますが、"
        "その後 {author} がリビジョン{current}を公開しました。"
        "{by} がその変更を取り込み、もう一度提案する必要があります。",
    },
    "proposal-own": {
        "en": "This proposal is yours: another admin must approve it.",
        "ja": "ご自身の提案は承認できません。別の管理者の承認が必要です。",
    },
    "proposal-own-decline": {
        "en": "This proposal is yours: withdraw it instead.",
        "ja": "ご自身の提案です。却下ではなく、取り下げてください。",
    },
    "proposal-not-yours": {
        "en": "This proposal is {by}'s: only they can withdraw it. You can decline it.",
        "ja": "{by} の提案です。取り下げは提案者のみが行えます。却下することは可能です。",
    },
    "proposal-at-server": {
        "en": "The server's own command line cannot tell who you are. Approve in the console, as an admin who did not "
        "write it; or force it: gatepost policy approve {number} --force",
        "ja": "サーバー上のコマンドラインでは操作者を確認できません。提案者以外の管理者が管理コンソールで承認するか、"
        "gatepost policy approve {number} --force で強制してください。",
    },
    "proposals-many": {
        "en": "There are {most} open proposals already. Approve or decline some first.",
        "ja": "未処理の提案がすでに{most}件あります。先に承認または却下してください。",
    },
    "proposal-approved": {
        "en": "{by} has approved proposal {number} already.",
        "ja": "提案{number}はすでに {by} が承認しています。",
    },
    "proposal-declined": {
        "en": "{by} has declined proposal {number}.",
        "ja": "提案{number}は {by} が却下しています。",
    },
    "proposal-withdrawn": {
        "en": "{by} has withdrawn proposal {number}.",
        "ja": "提案{number}は {by} が取り下げています。",
    },
    "proposal-replaced": {
        "en": "{by} has put another proposal in the place of proposal {number}.",
        "ja": "提案{number}は、{by} の新しい提案に置き換えられています。",
    },
    "proposal-expired": {
        "en": "Nobody answered proposal {number} in time, so it has expired. Publish the document again to propose it.",
        "ja": "提案{number}は期限内に承認されず、失効しました。もう一度公開の操作をして、提案し直してください。",
    },
    "trial-runs": {
        "en": "Trial {number}, started by {author}, is still running. Stop it first: only one can run at a time.",
        "ja": "{author} が開始した試行{number}がまだ実行中です。"
        "同時に実行できる試行は1つのみのため、先に停止してください。",
    },
    "no-trial": {"en": "No trial is running.", "ja": "実行中の試行はありません。"},
    "replay-runs": {
        "en": "A replay that {actor} asked for is still running ({id}). Wait until it is over, or cancel it.",
        "ja": "{actor} による再判定（{id}）がまだ実行中です。完了を待つか、中止してからもう一度お試しください。",
    },
    "no-replay": {
        "en": "There is no replay `{name}` any more.",
        "ja": "再判定「{name}」はすでに存在しません。",
    },
}
