"""Words of people, groups and devices."""

from idp.web.areas import Texts

PEOPLE: Texts = {
    "console.users.title": {"en": "People and groups", "ja": "ユーザーとグループ"},
    "console.users.text": {
        "en": "Who may sign in, and the groups that the policy speaks of.",
        "ja": "サインインできるユーザーと、ポリシーで使うグループを管理します。",
    },
    "console.users.add": {"en": "Add a person", "ja": "ユーザーを追加"},
    "console.users.add.text": {
        "en": "You get a link to pass on. With it they set their own password and second factor.",
        "ja": "追加すると招待リンクが発行されます。本人がリンクからパスワードと二段階認証を設定します。",
    },
    "console.users.add.do": {"en": "Add and invite", "ja": "追加して招待する"},
    "console.users.filter": {"en": "Name or address", "ja": "名前またはメールアドレス"},
    "console.users.all": {"en": "All groups", "ja": "すべてのグループ"},
    "console.users.cut": {
        "en": "Only the first {shown} are shown. Search to see others.",
        "ja": "先頭の{shown}件を表示しています。検索で絞り込んでください。",
    },
    "console.users.none": {"en": "Nobody here", "ja": "該当するユーザーがいません"},
    "console.users.none.text": {
        "en": "Add the first person below, or search for something else.",
        "ja": "下のフォームから追加するか、検索条件を変えてください。",
    },
    "console.state": {"en": "State", "ja": "状態"},
    "console.user.name": {"en": "User name", "ja": "ユーザー名"},
    "console.user.email": {"en": "Mail address", "ja": "メールアドレス"},
    "console.user.display": {"en": "Full name", "ja": "氏名"},
    "console.user.aliases": {"en": "Further addresses", "ja": "別名アドレス"},
    "console.user.aliases.hint": {
        "en": "They may send from these too; separate by spaces.",
        "ja": "差出人として使えるアドレス。空白で区切ります。",
    },
    "console.user.enabled": {"en": "Active", "ja": "有効"},
    "console.user.disabled": {"en": "Disabled", "ja": "無効"},
    "console.user.profile": {"en": "Profile", "ja": "プロフィール"},
    "console.user.no-devices": {"en": "No device is registered yet.", "ja": "登録済みの端末はありません。"},
    "console.user.no-groups": {
        "en": "In no group, so most rules will not match.",
        "ja": "グループに所属していないため、多くのルールの対象外です。",
    },
    "console.user.end": {"en": "End everything", "ja": "すべて終了"},
    "console.user.gone": {"en": "Leaving", "ja": "利用停止"},
    "console.user.remove": {"en": "Remove for good", "ja": "完全に削除する"},
    "console.user.remove.do": {"en": "Remove", "ja": "削除する"},
    "console.user.confirm": {"en": "Type {user} to confirm", "ja": "確認のため「{user}」と入力してください"},
    "console.user.confirm.wrong": {"en": "That is not their user name.", "ja": "ユーザー名が一致しません。"},
    "console.user.audit": {"en": "What the audit log says of them", "ja": "このユーザーの監査ログを見る"},
    "console.signins": {"en": "Signed in", "ja": "サインイン中"},
    "console.app-passwords": {"en": "App passwords", "ja": "アプリパスワード"},
    "console.used": {"en": "last used", "ja": "最終使用"},
    "console.seen": {"en": "Last seen", "ja": "最終利用"},
    "console.factors": {"en": "Sign-in", "ja": "認証"},
    "console.factor.none": {"en": "nothing set up", "ja": "未設定"},
    "console.factor.password": {"en": "Password", "ja": "パスワード"},
    "console.factor.totp": {"en": "Authenticator app", "ja": "認証アプリ"},
    "console.factor.passkey": {"en": "Passkey", "ja": "パスキー"},
    "console.factor.approval": {"en": "Approval on another device", "ja": "別の端末での承認"},
    "console.factor.recovery": {"en": "Recovery codes", "ja": "リカバリーコード"},
    "console.invited": {"en": "Invited", "ja": "招待済み"},
    "console.invite": {"en": "Make an invitation link", "ja": "招待リンクを発行"},
    "console.invite.hint": {
        "en": "Works once; earlier links stop working.",
        "ja": "一度だけ使えます。以前のリンクは無効になります。",
    },
    "console.invitation.ready": {"en": "Invitation link", "ja": "招待リンク"},
    "console.invitation.text": {
        "en": "Give this to {user} in a way that only they can read. It works once, within three days, and is not "
        "shown again.",
        "ja": "{user} さん本人だけが読める方法でお渡しください。3日以内に一度だけ使え、再表示はできません。",
    },
    "console.reset": {"en": "Reset sign-in", "ja": "認証をリセット"},
    "console.reset.hint": {
        "en": "Takes password, code app, recovery codes and app passwords away, ends everything, and makes a new link.",
        "ja": "パスワード、認証アプリ、リカバリーコード、アプリパスワードを取り消し、"
        "全セッションを終了して新しいリンクを発行します。",
    },
    "console.reset.sure": {
        "en": "Take every credential of {user} away?",
        "ja": "{user} のすべての認証情報を取り消しますか。",
    },
    "console.disable": {"en": "Disable", "ja": "無効にする"},
    "console.disable.hint": {
        "en": "Everything ends at once; nothing is lost.",
        "ja": "すべての接続が終了します。データは残ります。",
    },
    "console.disable.sure": {
        "en": "Disable {user} and end everything at once?",
        "ja": "{user} を無効にし、すべての接続を終了しますか。",
    },
    "console.enable": {"en": "Enable again", "ja": "有効に戻す"},
    "console.group": {"en": "Group", "ja": "グループ"},
    "console.groups": {"en": "Groups", "ja": "グループ"},
    "console.group.none": {
        "en": "No groups yet. Most policies begin with one for the staff and one for admins.",
        "ja": "グループがありません。まず職員用と管理者用を作ることをお勧めします。",
    },
    "console.group.new": {"en": "New group", "ja": "新しいグループ"},
    "console.group.description": {"en": "What it is for", "ja": "説明"},
    "console.group.add": {"en": "Make group", "ja": "グループを作成"},
    "console.group.join": {"en": "Join a group", "ja": "グループに追加"},
    "console.group.members": {"en": "Members: {count}", "ja": "{count}名"},
    "console.group.remove.label": {"en": "Remove group {group}", "ja": "グループ「{group}」を削除"},
    "console.group.remove.sure": {
        "en": "Remove group {group} from its {count} members and for good? Rules that name it will match nobody.",
        "ja": "グループ「{group}」（{count}名）を削除しますか。"
        "このグループを使うルールは誰にも当てはまらなくなります。",
    },
    "console.group.leave.label": {"en": "Remove {user} from {group}", "ja": "{user} を {group} から外す"},
    "console.done.group-added": {"en": "The group is made.", "ja": "グループを作成しました。"},
    "console.done.group-removed": {"en": "The group is removed.", "ja": "グループを削除しました。"},
    "console.done.user-removed": {"en": "The person is removed.", "ja": "ユーザーを削除しました。"},
    "console.done.user-disable": {
        "en": "Disabled; everything ends at once.",
        "ja": "無効にしました。すべての接続が終了します。",
    },
    "console.done.user-enable": {"en": "Enabled again.", "ja": "有効に戻しました。"},
    "console.done.user-change": {"en": "Saved.", "ja": "保存しました。"},
    "console.done.user-join": {
        "en": "Joined; live sessions were judged again.",
        "ja": "追加しました。接続中のセッションを再判定しました。",
    },
    "console.done.user-leave": {
        "en": "Left; live sessions were judged again.",
        "ja": "外しました。接続中のセッションを再判定しました。",
    },
    "console.done.user-end": {
        "en": "Every session and sign-in is ended.",
        "ja": "すべてのセッションとサインインを終了しました。",
    },
}
