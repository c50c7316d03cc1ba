"""Words of the applications."""

from idp.web.areas import Texts

CLIENTS: Texts = {
    "console.nav.clients": {"en": "Apps", "ja": "アプリ"},
    "console.clients.title": {"en": "Applications", "ja": "連携アプリ"},
    "console.clients.text": {
        "en": "Applications that sign people in through this gate by OpenID Connect.",
        "ja": "OpenID Connectでサインインを連携しているアプリケーションです。",
    },
    "console.clients.app": {"en": "Application", "ja": "アプリ"},
    "console.clients.add": {"en": "Add an application", "ja": "アプリを追加"},
    "console.clients.add.text": {
        "en": "You get a client ID and, once, a secret to enter at the application.",
        "ja": "追加すると、アプリに設定するクライアントIDとシークレットを発行します（シークレットの表示は一度のみ）。",
    },
    "console.clients.add.do": {"en": "Add application", "ja": "追加する"},
    "console.clients.made": {"en": "{name} is added", "ja": "「{name}」を追加しました"},
    "console.clients.made.text": {
        "en": "Enter these at the application now. The secret is shown only this once.",
        "ja": "次の内容をアプリに設定してください。シークレットはこの画面でしか表示されません。",
    },
    "console.clients.made.public": {
        "en": "Enter these at the application. It keeps no secret and proves itself by PKCE.",
        "ja": "次の内容をアプリに設定してください。シークレットは使用せず、PKCEで確認します。",
    },
    "console.clients.made.policy": {
        "en": "People get in as far as the policy allows the service {service}.",
        "ja": "利用できるユーザーは、ポリシーのサービス「{service}」に対するルールで決まります。",
    },
    "console.clients.discovery": {"en": "Discovery document", "ja": "ディスカバリーURL"},
    "console.clients.id": {"en": "Client ID", "ja": "クライアントID"},
    "console.clients.id.hint": {
        "en": "Made up for you if you leave it out. The policy names it.",
        "ja": "省略すると自動で割り当てます。ポリシーではこのIDで指定します。",
    },
    "console.clients.secret": {"en": "Client secret", "ja": "クライアントシークレット"},
    "console.clients.name": {"en": "Name", "ja": "名前"},
    "console.clients.name.hint": {
        "en": "People read it when they are asked to let it in.",
        "ja": "アクセス許可の画面に表示されます。",
    },
    "console.clients.redirect": {"en": "Redirect addresses", "ja": "リダイレクトURI"},
    "console.clients.redirect.hint": {
        "en": "One a line, exactly as the application sends them.",
        "ja": "アプリが送信する値と完全に一致するものを、1行に1つずつ入力してください。",
    },
    "console.clients.scopes": {"en": "May ask for", "ja": "要求できる権限"},
    "console.clients.kind": {"en": "Kind", "ja": "種類"},
    "console.clients.confidential": {"en": "Confidential", "ja": "機密"},
    "console.clients.confidential.long": {
        "en": "Runs on a server and keeps a secret",
        "ja": "サーバー上で動作（シークレットあり）",
    },
    "console.clients.public": {"en": "Public", "ja": "公開"},
    "console.clients.public.long": {
        "en": "Runs at the person (app, browser) and keeps none",
        "ja": "利用者側で動作（シークレットなし）",
    },
    "console.clients.no-pkce": {"en": "No PKCE", "ja": "PKCEなし"},
    "console.clients.pkce.with": {"en": "Required (S256)", "ja": "必須（S256）"},
    "console.clients.pkce.without": {
        "en": "Not required: the application does not know it",
        "ja": "不要（アプリが未対応の場合のみ）",
    },
    "console.clients.more": {"en": "Signing out", "ja": "サインアウトの連携"},
    "console.clients.post-logout": {
        "en": "Where it may send people after they signed out",
        "ja": "サインアウト後のリダイレクトURI",
    },
    "console.clients.backchannel": {
        "en": "Where to tell it that a sign-in ended",
        "ja": "バックチャネルログアウトURI",
    },
    "console.clients.backchannel.hint": {
        "en": "The server sends a logout token there by itself.",
        "ja": "サインインの終了時に、サーバーからログアウトトークンを送信します。",
    },
    "console.clients.remove.sure": {
        "en": "Remove {name}? Its tokens die at once, and nobody can sign in to it through here.",
        "ja": "「{name}」を削除しますか。発行済みのトークンはただちに無効になり、サインインできなくなります。",
    },
    "console.clients.none": {"en": "No application yet", "ja": "連携アプリはまだありません"},
    "console.clients.none.text": {
        "en": "Add the first one below: a wiki, a webmail, anything that knows OpenID Connect.",
        "ja": "OpenID Connectに対応したWikiやWebメールなどを、下のフォームから追加してください。",
    },
    "console.done.client-removed": {"en": "The application is removed.", "ja": "アプリを削除しました。"},
}
