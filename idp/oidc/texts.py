"""The words of the provider's pages, and the area that carries them with their templates."""

from idp.web.areas import Area, Texts

TEXTS: Texts = {
    "oidc.error.title": {"en": "This sign-in link does not work", "ja": "このサインインリンクは使用できません"},
    "oidc.error.client": {
        "en": "The application that sent you here is not registered with us. Nothing was sent anywhere.",
        "ja": "リンク元のアプリケーションは登録されていません。処理を中止したため、情報はどこにも送信されていません。",
    },
    "oidc.error.redirect": {
        "en": "The application gave an address that is not registered for it. To keep you safe, we did not go there.",
        "ja": "アプリケーションが指定した戻り先のアドレスは登録されていません。安全のため、移動を中止しました。",
    },
    "oidc.error.request": {
        "en": "The application sent a request that cannot be read.",
        "ja": "アプリケーションから送信された要求を読み取れませんでした。",
    },
    "oidc.error.hint": {
        "en": "The application's proof of your sign-in is not valid, so nobody was signed out.",
        "ja": "アプリケーションが示したサインイン情報が正しくないため、サインアウトは行われていません。",
    },
    "oidc.error.post-logout": {
        "en": "The application gave an address that is not registered for it, so nobody was signed out.",
        "ja": "アプリケーションが指定した戻り先のアドレスは登録されていないため、サインアウトは行われていません。",
    },
    "oidc.error.advice": {
        "en": "Please open the application again. If this page returns, tell your administrator what it says.",
        "ja": "お手数ですが、アプリケーションを開き直してください。"
        "この画面が再び表示される場合は、表示内容を管理者にお知らせください。",
    },
    "oidc.consent.title": {"en": "Let “{client}” in?", "ja": "「{client}」にアクセスを許可しますか？"},
    "oidc.consent.lede": {
        "en": "“{client}” at {host} asks for the following:",
        "ja": "「{client}」（{host}）が、次の許可を求めています。",
    },
    "oidc.consent.allow": {"en": "Allow", "ja": "許可する"},
    "oidc.consent.deny": {"en": "Do not allow", "ja": "許可しない"},
    "oidc.consent.later": {
        "en": "If you do not know this application, do not allow it. Signing out here ends its access.",
        "ja": "心当たりのないアプリケーションには許可しないでください。サインアウトすると、アクセスは終了します。",
    },
    "oidc.consent.lasting": {
        "en": "If you do not know this application, do not allow it. Its access lasts for up to {days} days; your "
        "administrator can end it.",
        "ja": "心当たりのないアプリケーションには許可しないでください。"
        "アクセスは最長{days}日間続きます。終了したい場合は管理者にご連絡ください。",
    },
    "oidc.scope.openid": {"en": "Know that it is you", "ja": "ご本人であることの確認"},
    "oidc.scope.profile": {"en": "See your name and language", "ja": "お名前と使用言語の参照"},
    "oidc.scope.email": {"en": "See your mail address", "ja": "メールアドレスの参照"},
    "oidc.scope.groups": {"en": "See which groups you belong to", "ja": "所属グループの参照"},
    "oidc.scope.offline_access": {
        "en": "Keep its access after you sign out",
        "ja": "サインアウト後もアクセスを継続すること",
    },
    "oidc.scope.mail": {"en": "Read and send your mail", "ja": "メールの閲覧と送信"},
    "oidc.scope.admin": {"en": "Administer this gate in your name", "ja": "あなたの権限でのシステム管理"},
    "oidc.logout.title": {"en": "Sign out?", "ja": "サインアウトしますか？"},
    "oidc.logout.lede": {
        "en": "You will be signed out here and in every application that you opened from here.",
        "ja": "このサイトと、ここから開いたすべてのアプリケーションからサインアウトします。",
    },
    "oidc.logout.asked": {
        "en": "“{client}” asked for this.",
        "ja": "「{client}」からの要求です。",
    },
    "oidc.logout.out": {"en": "Sign out", "ja": "サインアウト"},
    "oidc.logout.stay": {"en": "Stay signed in", "ja": "サインインしたままにする"},
    "oidc.signed-out.title": {"en": "You are signed out", "ja": "サインアウトしました"},
    "oidc.signed-out.text": {
        "en": "On a computer that others use too, please close the browser now.",
        "ja": "共用のパソコンをお使いの場合は、ブラウザーを閉じてください。",
    },
    "oidc.signed-out.again": {"en": "Sign in again", "ja": "もう一度サインインする"},
    "oidc.post.title": {"en": "One moment", "ja": "しばらくお待ちください"},
    "oidc.post.text": {
        "en": "You are signed in and on the way to your application.",
        "ja": "サインインが完了しました。アプリケーションに移動しています。",
    },
}

AREA = Area.beside(__file__, "oidc", TEXTS)
"""What the provider brings to ``idp.web.pages.Pages``."""
