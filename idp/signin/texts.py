"""The words of the sign-in pages."""

from idp.web.areas import Texts

_ENTRANCE: Texts = {
    "signin.signin": {"en": "Sign in", "ja": "サインイン"},
    "signin.name": {"en": "User name or mail address", "ja": "ユーザー名またはメールアドレス"},
    "signin.password": {"en": "Password", "ja": "パスワード"},
    "signin.code": {"en": "6-digit code", "ja": "6桁の確認コード"},
    "signin.recovery": {"en": "Recovery code", "ja": "リカバリーコード"},
    "signin.repeat": {"en": "The same again", "ja": "新しいパスワード（確認）"},
    "signin.identify.title": {"en": "Sign in", "ja": "サインイン"},
    "signin.identify.text": {
        "en": "Once, for your mail and everything else behind this gate.",
        "ja": "一度のサインインで、メールなどの各サービスをご利用いただけます。",
    },
    "signin.identify.lost": {
        "en": "Password or device lost? Your administrator can send you a new invitation.",
        "ja": "パスワードを忘れた場合や端末を紛失した場合は、管理者に招待リンクの再発行をご依頼ください。",
    },
    "signin.again.title": {"en": "Is it still you?", "ja": "ご本人の確認"},
    "signin.again.text": {
        "en": "What you are about to do needs your password once more.",
        "ja": "この操作を続けるには、もう一度パスワードを入力してください。",
    },
    "signin.code.title": {"en": "Your code, please", "ja": "確認コードの入力"},
    "signin.code.text": {
        "en": "Open your authenticator app and enter the code that it shows now.",
        "ja": "認証アプリに表示されている確認コードを入力してください。",
    },
    "signin.code.recovery": {
        "en": "My app is not at hand: use a recovery code",
        "ja": "認証アプリが使えない場合はリカバリーコードを使用",
    },
    "signin.other-person": {"en": "I am not {name}", "ja": "{name}さんではない場合"},
    "signin.recovery.title": {"en": "Use a recovery code", "ja": "リカバリーコードの入力"},
    "signin.recovery.text": {
        "en": "One of the codes that you kept when you set up your account. Each works once.",
        "ja": "初期設定時に保管したリカバリーコードを1つ入力してください。各コードは1回のみ使用できます。",
    },
    "signin.recovery.code": {"en": "Use my authenticator app after all", "ja": "認証アプリのコードを使用する"},
    "signin.throttled": {
        "en": "Too many failed attempts. Please wait {wait} and try again.",
        "ja": "失敗が続いたため、{wait}ほど待ってからもう一度お試しください。",
    },
    "signin.wrong-code": {
        "en": "This code is not right, or was used already. Please wait for the next one.",
        "ja": "コードが正しくないか、すでに使用されています。次のコードが表示されるまでお待ちください。",
    },
    "signin.wrong-recovery": {
        "en": "This is none of your unused recovery codes.",
        "ja": "未使用のリカバリーコードと一致しません。",
    },
    "signin.lacking.title": {"en": "One more factor is needed", "ja": "追加の認証が必要です"},
    "signin.lacking.text": {
        "en": "What you want to open asks for a factor that your account does not have yet:",
        "ja": "このページを開くには、次の認証が必要ですが、アカウントに設定されていません。",
    },
    "signin.lacking.do": {
        "en": "Please ask your administrator for an invitation: its link lets you set it up.",
        "ja": "管理者に招待リンクの発行をご依頼ください。リンク先の画面で設定できます。",
    },
    "signin.factor.password": {"en": "Password", "ja": "パスワード"},
    "signin.factor.totp": {"en": "Code of an authenticator app", "ja": "認証アプリの確認コード"},
    "signin.factor.passkey": {"en": "Passkey", "ja": "パスキー"},
    "signin.factor.recovery": {"en": "Recovery code", "ja": "リカバリーコード"},
    "signin.factor.approval": {"en": "Approval on another device", "ja": "別の端末での承認"},
    "signin.factor.invitation": {"en": "Invitation", "ja": "招待リンク"},
    "signin.out.title": {"en": "You are signed out", "ja": "サインアウトしました"},
    "signin.out.text": {
        "en": "Whatever this browser had open through the gate has been closed.",
        "ja": "このブラウザーで利用していたサービスの接続を終了しました。",
    },
    "signin.again": {"en": "Sign in again", "ja": "もう一度サインイン"},
}

_ENROLMENT: Texts = {
    "signin.invitation.title": {"en": "Welcome, {name}", "ja": "{name}さん、ようこそ"},
    "signin.invitation.text": {
        "en": "You have been invited to {site}. Setting up takes about three minutes; have your phone at hand.",
        "ja": "{site}に招待されました。設定は3分ほどで完了します。スマートフォンをご用意ください。",
    },
    "signin.invitation.one": {"en": "Choose a password", "ja": "パスワードを決める"},
    "signin.invitation.two": {"en": "Connect your authenticator app", "ja": "認証アプリを登録する"},
    "signin.invitation.three": {"en": "Put your recovery codes away safely", "ja": "リカバリーコードを保管する"},
    "signin.invitation.start": {"en": "Begin", "ja": "設定を始める"},
    "signin.invitation.once": {
        "en": "The link works once. Begin when you have time to finish.",
        "ja": "このリンクは1回のみ有効です。最後まで設定できるときに始めてください。",
    },
    "signin.invitation-over.title": {"en": "This invitation is over", "ja": "この招待リンクは無効です"},
    "signin.invitation-over.text": {
        "en": "It was used already, has expired, or was replaced by a newer one. Your administrator can send another.",
        "ja": "使用済みか、有効期限が切れているか、新しいリンクが発行されています。管理者に再発行をご依頼ください。",
    },
    "signin.enrol.step": {"en": "Step {step} of 3", "ja": "ステップ {step} / 3"},
    "signin.new-password": {"en": "New password", "ja": "新しいパスワード"},
    "signin.new-password.title": {"en": "Choose a password", "ja": "パスワードの設定"},
    "signin.new-password.text": {
        "en": "You will need it, with a code, whenever you sign in.",
        "ja": "サインインするときに、確認コードとあわせて使用します。",
    },
    "signin.new-password.changed": {
        "en": "Your present password was set by somebody else. Please choose one that only you know.",
        "ja": "現在のパスワードは管理者が設定したものです。ご自身だけが知るパスワードに変更してください。",
    },
    "signin.new-password.hint": {
        "en": "Several unrelated words in a row are strong and easy to keep.",
        "ja": "関連のない単語をいくつかつなげると、安全で覚えやすくなります。",
    },
    "signin.not-repeated": {"en": "The two passwords differ.", "ja": "2つのパスワードが一致していません。"},
    "signin.too-long": {"en": "This password is too long.", "ja": "パスワードが長すぎます。"},
    "signin.new-code.title": {"en": "Connect your authenticator app", "ja": "認証アプリの登録"},
    "signin.new-code.text": {
        "en": "From now on its codes show that it is you who signs in, even if somebody learns your password.",
        "ja": "パスワードが知られてしまっても、第三者がサインインできないようにします。",
    },
    "signin.new-code.app": {
        "en": "Open an authenticator app on your phone. Any app for time-based codes will do.",
        "ja": "スマートフォンで認証アプリを開きます。時刻ベースの確認コードに対応したアプリをご利用ください。",
    },
    "signin.new-code.scan": {"en": "Scan this picture with it.", "ja": "アプリでこのQRコードを読み取ります。"},
    "signin.new-code.qr": {"en": "QR code for the authenticator app", "ja": "認証アプリ用のQRコード"},
    "signin.new-code.type": {"en": "I cannot scan it", "ja": "読み取れない場合"},
    "signin.new-code.type-text": {
        "en": "Type this key into the app instead:",
        "ja": "代わりに、次のキーをアプリに入力してください。",
    },
    "signin.new-code.open": {"en": "Open the app on this device", "ja": "この端末の認証アプリで開く"},
    "signin.new-code.enter": {
        "en": "Enter the code that the app shows now",
        "ja": "アプリに表示された確認コードを入力します",
    },
    "signin.codes.title": {"en": "Your recovery codes", "ja": "リカバリーコード"},
    "signin.codes.text": {
        "en": "If your phone is lost, one of these lets you in, once. They are shown only now: print them "
        "or keep them in a "
        "password manager.",
        "ja": "スマートフォンを紛失したときに使用します（各1回）。この画面でしか表示されないため、"
        "印刷するか、パスワードマネージャーに保存してください。",
    },
    "signin.codes.kept": {"en": "I have put them away", "ja": "保管しました"},
    "signin.codes.save": {"en": "Save as a file", "ja": "ファイルに保存"},
}

_DEVICE: Texts = {
    "signin.device.title": {"en": "Is this your device?", "ja": "この端末を登録しますか"},
    "signin.device.text": {
        "en": "Register this browser, and the gate will know your device from now on. Some services open "
        "only on known devices.",
        "ja": "このブラウザーを登録すると、次回から確認済みの端末として扱われます。"
        "登録済みの端末でのみ利用できるサービスもあります。",
    },
    "signin.device.name": {"en": "Name of this device", "ja": "端末の名前"},
    "signin.device.hint": {
        "en": "So that you recognise it in your list of devices.",
        "ja": "端末の一覧で見分けられる名前を付けてください。",
    },
    "signin.device.register": {"en": "Register this browser", "ja": "このブラウザーを登録"},
    "signin.device.skip": {"en": "Continue without", "ja": "登録せずに続ける"},
    "signin.device.shared": {
        "en": "Do not register a device that is shared or not yours.",
        "ja": "共用の端末や、他の方の端末では登録しないでください。",
    },
    "signin.device.noscript": {
        "en": "Registering a browser needs JavaScript. You can go on without; this browser then is an unknown device.",
        "ja": "ブラウザーの登録にはJavaScriptが必要です。登録せずに続けることもできますが、"
        "未登録の端末として扱われます。",
    },
    "signin.device.impossible.title": {
        "en": "This browser cannot keep a key",
        "ja": "このブラウザーは登録に対応していません",
    },
    "signin.device.impossible.text": {
        "en": "It is too old, or a private window forbids it. You can go on without; this browser then is "
        "an unknown device.",
        "ja": "バージョンが古いか、プライベートウィンドウのため登録できません。登録せずに続けることはできます。",
    },
    "signin.device.failed": {
        "en": "The browser's key could not be registered. Please try once more.",
        "ja": "ブラウザーの鍵を登録できませんでした。もう一度お試しください。",
    },
    "signin.prove.title": {"en": "One moment", "ja": "確認しています"},
    "signin.prove.text": {"en": "Recognising {device} ...", "ja": "「{device}」を確認しています…"},
    "signin.prove.unknown.title": {
        "en": "This browser has lost its key",
        "ja": "このブラウザーの鍵が見つかりません",
    },
    "signin.prove.unknown.text": {
        "en": "It was registered as {device}, but its stored key is gone, perhaps because site data was "
        "cleared. You can "
        "register it anew.",
        "ja": "「{device}」として登録されていましたが、サイトデータの消去などにより鍵が失われています。"
        "もう一度登録できます。",
    },
    "signin.prove.failed.title": {"en": "That did not work", "ja": "確認できませんでした"},
    "signin.prove.failed.text": {
        "en": "The browser could not use its key. Reload the page to try again.",
        "ja": "ブラウザーの鍵を使用できませんでした。ページを再読み込みしてお試しください。",
    },
    "signin.prove.register": {"en": "Register anew", "ja": "もう一度登録する"},
    "signin.pending.badge": {"en": "Waiting for approval", "ja": "承認待ち"},
    "signin.pending.title": {"en": "An administrator looks at it first", "ja": "管理者の承認をお待ちください"},
    "signin.pending.text": {
        "en": "{device} is registered. Until it is approved, some services may stay shut on it.",
        "ja": "「{device}」を登録しました。承認されるまで、一部のサービスは利用できない場合があります。",
    },
}

_REFUSAL: Texts = {
    "signin.refused.title": {"en": "This stays shut for now", "ja": "アクセスできません"},
    "signin.refused.service": {"en": "Service: {service}", "ja": "サービス：{service}"},
    "signin.refused.ways": {"en": "What you can do", "ja": "対処方法"},
    "signin.refused.reference": {"en": "Reference", "ja": "照会番号"},
    "signin.refused.why": {"en": "Why was I refused?", "ja": "拒否された理由を確認する"},
    "signin.refused.retry": {"en": "Try again", "ja": "もう一度試す"},
    "signin.way.register": {"en": "Register this browser", "ja": "このブラウザーを登録する"},
    "signin.way.other-device": {
        "en": "Or use a device that is registered already.",
        "ja": "または、登録済みの端末をご利用ください。",
    },
    "signin.way.pending": {
        "en": "This device waits for an administrator's approval. Try again once it is given.",
        "ja": "この端末は管理者の承認待ちです。承認後にもう一度お試しください。",
    },
    "signin.way.barred": {
        "en": "This device is lost, revoked or expired for the gate. If you have it, tell your administrator.",
        "ja": "この端末は紛失・失効・期限切れとして登録されています。お手元にある場合は管理者にご連絡ください。",
    },
    "signin.way.posture": {
        "en": "Check that the device is up to date, encrypted and locks its screen, as your organisation asks.",
        "ja": "OSの更新、ディスクの暗号化、画面ロックなど、組織が求める設定をご確認ください。",
    },
    "signin.way.network": {
        "en": "Try from a network that your organisation knows, such as the office.",
        "ja": "社内ネットワークなど、許可されたネットワークからお試しください。",
    },
    "signin.way.help": {
        "en": "If nothing helps, give the reference below to your administrator.",
        "ja": "解決しない場合は、下の照会番号を管理者にお伝えください。",
    },
}

TEXTS: Texts = {**_ENTRANCE, **_ENROLMENT, **_DEVICE, **_REFUSAL}
