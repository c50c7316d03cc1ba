"""The words of the portal."""

from idp.portal.bringing_texts import BRINGING
from idp.web.areas import Texts

_FRAME: Texts = {
    "portal.nav.home": {"en": "Home", "ja": "ホーム"},
    "portal.nav.devices": {"en": "Devices", "ja": "端末"},
    "portal.nav.app-passwords": {"en": "App passwords", "ja": "アプリ\u200bパスワード"},
    "portal.nav.sessions": {"en": "Sessions", "ja": "セッション"},
    "portal.nav.security": {"en": "Security", "ja": "セキュリティ"},
    "portal.acts": {"en": "Actions", "ja": "操作"},
    "portal.and": {"en": ", ", "ja": "、"},
    "portal.done.added": {"en": "The device is registered.", "ja": "端末を登録しました。"},
    "portal.done.renamed": {"en": "The new name is saved.", "ja": "名前を変更しました。"},
    "portal.done.lost": {
        "en": "Reported lost. Everything this device had open has been closed.",
        "ja": "紛失として登録し、この端末の接続をすべて終了しました。",
    },
    "portal.done.removed": {"en": "The device is removed.", "ja": "端末を削除しました。"},
    "portal.done.revoked": {"en": "The app password is revoked.", "ja": "アプリパスワードを取り消しました。"},
    "portal.done.ended": {"en": "Ended.", "ja": "終了しました。"},
    "portal.done.password": {"en": "Your new password is in force.", "ja": "パスワードを変更しました。"},
    "portal.done.code": {"en": "Your new authenticator app is in force.", "ja": "認証アプリを登録しました。"},
}

_HOME: Texts = {
    "portal.home.title": {"en": "Hello, {name}", "ja": "{name}さん、こんにちは"},
    "portal.home.known": {
        "en": "You are on {device}, a device that the gate knows.",
        "ja": "登録済みの端末「{device}」からご利用中です。",
    },
    "portal.home.unknown": {
        "en": "You are on a device that the gate does not know yet.",
        "ja": "未登録の端末からご利用中です。",
    },
    "portal.home.numbers": {"en": "In numbers", "ja": "ご利用状況"},
    "portal.home.live": {"en": "open sessions", "ja": "接続中のセッション"},
    "portal.home.devices": {"en": "devices", "ja": "登録済みの端末"},
    "portal.home.app-passwords": {"en": "app passwords", "ja": "アプリパスワード"},
    "portal.home.signins": {"en": "signed-in browsers", "ja": "サインイン中のブラウザー"},
    "portal.want.title": {"en": "Next steps for you", "ja": "おすすめの設定"},
    "portal.want.register": {"en": "Let the gate know this device", "ja": "この端末を登録する"},
    "portal.want.register.text": {
        "en": "Some services open only on known devices.",
        "ja": "登録済みの端末でのみ利用できるサービスがあります。",
    },
    "portal.want.register.do": {"en": "Register this browser", "ja": "このブラウザーを登録"},
    "portal.want.code": {"en": "Connect an authenticator app", "ja": "認証アプリを登録する"},
    "portal.want.code.text": {
        "en": "Your account is guarded by a password alone.",
        "ja": "現在、パスワードのみで保護されています。",
    },
    "portal.want.recovery": {"en": "Make new recovery codes", "ja": "リカバリーコードを再発行する"},
    "portal.want.recovery.text": {
        "en": "Few or none are left, and they let you in when your phone is lost.",
        "ja": "残りがわずか、またはありません。スマートフォンを紛失したときに必要です。",
    },
    "portal.want.security.do": {"en": "Go to security", "ja": "セキュリティ設定へ"},
    "portal.want.app-password": {"en": "Set up your mail client", "ja": "メールソフトを設定する"},
    "portal.want.app-password.text": {
        "en": "Thunderbird, Apple Mail, Outlook and others sign in by an app password.",
        "ja": "Thunderbird、Appleメール、Outlookなどは、アプリパスワードで接続します。",
    },
    "portal.want.app-password.do": {"en": "Make an app password", "ja": "アプリパスワードを作成"},
    "portal.doors.title": {"en": "What opens for you here", "ja": "利用できるサービス"},
    "portal.doors.none": {"en": "Nothing stands behind this gate yet", "ja": "利用できるサービスはまだありません"},
    "portal.doors.none.text": {
        "en": "Your administrator will add services.",
        "ja": "管理者がサービスを追加すると、ここに表示されます。",
    },
    "portal.door.open": {"en": "Open", "ja": "利用可"},
    "portal.door.step-up": {"en": "Asks for one more factor", "ja": "追加の認証が必要"},
    "portal.door.shut": {"en": "Shut", "ja": "利用不可"},
    "portal.door.web": {"en": "Opens in this browser.", "ja": "このブラウザーで開きます。"},
    "portal.door.client": {"en": "Mail clients", "ja": "メールソフト"},
    "portal.door.client.text": {
        "en": "Server settings and passwords for the mail apps on your devices.",
        "ja": "お使いの端末のメールソフト用の設定とパスワードです。",
    },
}

_DEVICES: Texts = {
    "portal.devices.title": {"en": "My devices", "ja": "登録済みの端末"},
    "portal.devices.text": {
        "en": "What the gate knows as yours. Report a lost one at once: everything it has open is closed "
        "in that moment.",
        "ja": "お使いの端末の一覧です。紛失したときはすぐに届け出てください。その端末の接続はただちに終了します。",
    },
    "portal.devices.this": {"en": "this browser", "ja": "このブラウザー"},
    "portal.devices.seen": {"en": "Last seen", "ja": "最終利用"},
    "portal.devices.none": {"en": "No device yet", "ja": "登録済みの端末はありません"},
    "portal.devices.none.text": {
        "en": "Begin with the browser that you are using now.",
        "ja": "まず、ご利用中のブラウザーを登録してください。",
    },
    "portal.devices.add": {"en": "Add another device", "ja": "別の端末を追加"},
    "portal.devices.add.text": {
        "en": "For a phone or computer whose mail client needs an app password or a certificate.",
        "ja": "メールソフトでアプリパスワードや証明書を使う端末を登録します。",
    },
    "portal.devices.add.do": {"en": "Add device", "ja": "端末を追加"},
    "portal.devices.example": {"en": "Aiko's phone", "ja": "例：愛子のスマートフォン"},
    "portal.device.name": {"en": "Name", "ja": "名前"},
    "portal.device.kind": {"en": "Kind", "ja": "種類"},
    "portal.device.added": {"en": "Added", "ja": "登録日時"},
    "portal.device.keys": {"en": "Proves itself by", "ja": "端末の証明方法"},
    "portal.device.no-keys": {"en": "nothing yet", "ja": "まだありません"},
    "portal.device.no-passwords": {"en": "none", "ja": "ありません"},
    "portal.device.until": {"en": "until {day}", "ja": "{day}まで有効"},
    "portal.device.note": {"en": "Note", "ja": "備考"},
    "portal.device.rename": {"en": "Rename", "ja": "名前の変更"},
    "portal.device.gone": {"en": "No longer with you?", "ja": "手元にない場合"},
    "portal.device.gone.text": {
        "en": "Lost or stolen: report it, and it gets nothing any more. Sold or retired: remove it.",
        "ja": "紛失・盗難の場合は届け出てください。以後、この端末は一切利用できなくなります。"
        "使わなくなった端末は削除してください。",
    },
    "portal.device.lost": {"en": "Report lost", "ja": "紛失を届け出る"},
    "portal.device.lost.sure": {
        "en": "Report this device lost? It is shut out at once; only an administrator can let it in again.",
        "ja": "紛失として届け出ますか？ただちに利用できなくなり、解除できるのは管理者のみです。",
    },
    "portal.device.remove": {"en": "Remove", "ja": "削除"},
    "portal.device.remove.sure": {
        "en": "Remove this device with its keys and app passwords?",
        "ja": "この端末と、その鍵およびアプリパスワードを削除しますか？",
    },
    "portal.trust.pending": {"en": "Waiting for approval", "ja": "承認待ち"},
    "portal.trust.enrolled": {"en": "Registered", "ja": "登録済み"},
    "portal.trust.managed": {"en": "Managed", "ja": "組織管理"},
    "portal.trust.lost": {"en": "Lost", "ja": "紛失"},
    "portal.trust.revoked": {"en": "Revoked", "ja": "失効"},
    "portal.trust.expired": {"en": "Expired", "ja": "期限切れ"},
    "portal.trust.unknown": {"en": "Unknown", "ja": "不明"},
    "portal.proof.none": {"en": "nothing", "ja": "なし"},
    "portal.proof.certificate": {"en": "certificate", "ja": "証明書"},
    "portal.proof.browser-key": {"en": "browser key", "ja": "ブラウザーの鍵"},
    "portal.proof.app-password": {"en": "app password", "ja": "アプリパスワード"},
    "portal.proof.token": {"en": "access token", "ja": "アクセストークン"},
    "portal.proof.ssh-key": {"en": "SSH key", "ja": "SSH鍵"},
    "portal.certificate.title": {"en": "Certificate", "ja": "証明書"},
    "portal.certificate.text": {
        "en": "For mail clients and tools that can show a client certificate: the strongest proof of a device.",
        "ja": "クライアント証明書に対応したメールソフトなどで使用できます。端末を最も確実に証明する方法です。",
    },
    "portal.certificate.open": {"en": "Get one for a signing request", "ja": "証明書署名要求（CSR）から発行する"},
    "portal.certificate.how": {
        "en": "Make key and request on the device itself, for instance by this command. The key never leaves it.",
        "ja": "鍵と署名要求は、次のコマンドなどで端末上に作成してください。鍵を端末の外に出す必要はありません。",
    },
    "portal.certificate.csr": {"en": "Signing request (PEM)", "ja": "証明書署名要求（PEM形式）"},
    "portal.certificate.do": {"en": "Issue certificate", "ja": "証明書を発行"},
    "portal.certificate.ready": {"en": "Your certificate", "ja": "証明書を発行しました"},
    "portal.certificate.ready.text": {
        "en": "Store it beside its key on the device.",
        "ja": "端末上で、対応する鍵とあわせて保存してください。",
    },
}

_APP_PASSWORDS: Texts = {
    "portal.app.title": {"en": "App passwords", "ja": "アプリパスワード"},
    "portal.app.text": {
        "en": "For mail clients that know no sign-in page. Each belongs to one device and opens only what you choose.",
        "ja": "サインイン画面に対応していないメールソフト用のパスワードです。1台の端末と、"
        "選択したサービスでのみ使用できます。",
    },
    "portal.app.name": {"en": "Name", "ja": "名前"},
    "portal.app.device": {"en": "Device", "ja": "端末"},
    "portal.app.services": {"en": "Opens", "ja": "利用サービス"},
    "portal.app.used": {"en": "Last used", "ja": "最終使用"},
    "portal.app.client": {"en": "Which client is it for?", "ja": "使用するメールソフト"},
    "portal.app.revoke": {"en": "Revoke", "ja": "取り消す"},
    "portal.app.revoke.sure": {
        "en": "Revoke {name}? The client that uses it is cut off at once.",
        "ja": "「{name}」を取り消しますか？使用中のメールソフトの接続はただちに終了します。",
    },
    "portal.app.none": {"en": "No app password yet", "ja": "アプリパスワードはありません"},
    "portal.app.none.text": {
        "en": "Make one below when you set up a mail client.",
        "ja": "メールソフトを設定するときに、下のフォームから作成してください。",
    },
    "portal.app.make": {"en": "Make an app password", "ja": "アプリパスワードの作成"},
    "portal.app.make.text": {
        "en": "It is shown once, with the settings to type into the client.",
        "ja": "作成後に一度だけ、メールソフトの設定とあわせて表示します。",
    },
    "portal.app.make.do": {"en": "Make app password", "ja": "作成する"},
    "portal.app.no-device": {
        "en": "First register the device that it will be used on.",
        "ja": "先に、使用する端末を登録してください。",
    },
    "portal.app.no-service": {
        "en": "There is no mail service on this installation.",
        "ja": "利用できるメールサービスがありません。",
    },
    "portal.app.shown": {"en": "Your app password", "ja": "アプリパスワードを作成しました"},
    "portal.app.shown.text": {
        "en": "For {name}. It is shown only now; there is no need to remember it.",
        "ja": "「{name}」用です。この画面でしか表示されません。覚える必要はありません。",
    },
    "portal.app.setup": {"en": "Settings for the client", "ja": "メールソフトの設定"},
    "portal.app.setup.text": {
        "en": "Choose manual set-up in the client, with the password above everywhere.",
        "ja": "メールソフトで手動設定を選び、次の内容と上記のパスワードを入力してください。",
    },
    "portal.app.kept": {"en": "Done", "ja": "完了"},
    "portal.setup.user": {"en": "User name", "ja": "ユーザー名"},
    "portal.setup.imap": {"en": "Incoming mail (IMAP)", "ja": "受信サーバー（IMAP）"},
    "portal.setup.pop3": {"en": "Incoming mail (POP3)", "ja": "受信サーバー（POP3）"},
    "portal.setup.submission": {"en": "Outgoing mail (SMTP)", "ja": "送信サーバー（SMTP）"},
    "portal.setup.sieve": {"en": "Mail filters (ManageSieve)", "ja": "メールの振り分け（ManageSieve）"},
    "portal.setup.server": {"en": "Server", "ja": "サーバー"},
    "portal.setup.port": {"en": "Port", "ja": "ポート"},
    "portal.setup.encryption": {"en": "Encryption", "ja": "暗号化"},
    "portal.setup.or": {"en": "or, if the client cannot do that:", "ja": "上記に対応していない場合："},
}

_SESSIONS: Texts = {
    "portal.sessions.title": {"en": "My sessions", "ja": "セッション"},
    "portal.sessions.text": {
        "en": "What is open on your name right now. End whatever you do not recognise, then change your password.",
        "ja": "現在の接続状況です。心当たりのない接続は終了し、パスワードを変更してください。",
    },
    "portal.sessions.live": {"en": "Open now", "ja": "接続中"},
    "portal.sessions.service": {"en": "Service", "ja": "サービス"},
    "portal.sessions.address": {"en": "Address", "ja": "IPアドレス"},
    "portal.sessions.since": {"en": "Since", "ja": "開始"},
    "portal.sessions.end": {"en": "End", "ja": "終了する"},
    "portal.sessions.none": {"en": "Nothing is open", "ja": "接続中のセッションはありません"},
    "portal.sessions.none.text": {
        "en": "Webmail and mail clients appear here while they are connected.",
        "ja": "Webメールやメールソフトの接続中に、ここに表示されます。",
    },
    "portal.sessions.browsers": {"en": "Signed-in browsers", "ja": "サインイン中のブラウザー"},
    "portal.sessions.browser": {"en": "Browser", "ja": "ブラウザー"},
    "portal.sessions.new-device": {"en": "New device", "ja": "初めての端末"},
    "portal.sessions.new-country": {"en": "New country", "ja": "初めての国"},
    "portal.sessions.impossible-travel": {"en": "Too far from the last place", "ja": "通常あり得ない移動"},
    "portal.sessions.this": {"en": "This one", "ja": "使用中"},
    "portal.sessions.others": {"en": "Sign out all others", "ja": "ほかをすべてサインアウト"},
    "portal.sessions.no-device": {"en": "unknown device", "ja": "未登録の端末"},
    "portal.sessions.unknown": {"en": "Unknown browser", "ja": "不明なブラウザー"},
}

_SECURITY: Texts = {
    "portal.security.title": {"en": "Security", "ja": "セキュリティ"},
    "portal.security.text": {
        "en": "What shows that it is you. Changes ask for your password and code first.",
        "ja": "ご本人の確認に使用する情報です。変更する前に、パスワードと確認コードの入力が必要です。",
    },
    "portal.security.app": {"en": "Authenticator app", "ja": "認証アプリ"},
    "portal.security.changed": {"en": "Changed", "ja": "最終変更"},
    "portal.security.since": {"en": "Connected", "ja": "登録"},
    "portal.security.unset": {"en": "Not set up", "ja": "未設定"},
    "portal.security.change": {"en": "Change", "ja": "変更"},
    "portal.security.set-up": {"en": "Set up", "ja": "設定"},
    "portal.security.invited-only": {
        "en": "Ask your administrator for an invitation to set it up.",
        "ja": "設定するには、管理者に招待リンクをご依頼ください。",
    },
    "portal.security.left": {"en": "{count} unused", "ja": "未使用：{count}個"},
    "portal.security.gone": {"en": "No codes left", "ja": "残りなし"},
    "portal.security.few": {"en": "Few left", "ja": "残りわずか"},
    "portal.security.renew": {"en": "Make new ones", "ja": "再発行"},
    "portal.security.renew.sure": {
        "en": "Make new recovery codes? The present ones stop working.",
        "ja": "リカバリーコードを再発行しますか？現在のコードは使えなくなります。",
    },
    "portal.password.title": {"en": "Change your password", "ja": "パスワードの変更"},
    "portal.code.text": {
        "en": "The app that you use now stays in force until you enter a code of the new one.",
        "ja": "新しい認証アプリのコードを入力するまで、現在の認証アプリが有効です。",
    },
}

_WHY: Texts = {
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

TEXTS: Texts = {**_FRAME, **_HOME, **_DEVICES, **_APP_PASSWORDS, **_SESSIONS, **_SECURITY, **_WHY, **BRINGING}
