"""Why a session was refused or ended: a closed list, shared by the log, the pages and the protocols' replies.

The words for people stand here in every language we speak; a policy rule's own ``say`` comes before them.
"""

from enum import StrEnum

LANGUAGES = ("en", "ja")


class Reason(StrEnum):
    """Every reason there is. The first group is the caller's fault, the second policy's, the third ours."""

    CREDENTIALS = "credentials"
    THROTTLED = "throttled"
    WRONG_SERVICE = "wrong-service"
    CREDENTIAL_REVOKED = "credential-revoked"
    USER_DISABLED = "user-disabled"
    SIGNIN_ENDED = "signin-ended"
    GRANT_ENDED = "grant-ended"
    SIGNIN_NEEDED = "signin-needed"
    PROOF_NEEDED = "proof-needed"

    POLICY = "policy"
    POSTURE_STALE = "posture-stale"
    STEP_UP = "step-up"
    ENDED_BY_ADMIN = "ended-by-admin"
    IDLE = "idle"
    SESSION_LIMIT = "session-limit"
    SENDER = "sender"
    LIMITS = "limits"

    STALE = "stale"
    AUDIT = "audit"
    AUTHORITY = "authority"
    UPSTREAM = "upstream"
    SHUTDOWN = "shutdown"
    FAULT = "fault"


OURS = frozenset({Reason.STALE, Reason.AUDIT, Reason.AUTHORITY, Reason.UPSTREAM, Reason.SHUTDOWN, Reason.FAULT})
"""Reasons that are our own trouble: a client should try again, and never ask for a new password."""

WORDS: dict[Reason, dict[str, str]] = {
    Reason.CREDENTIALS: {
        "en": "User name or password is wrong.",
        "ja": "ユーザー名またはパスワードが違います。",
    },
    Reason.THROTTLED: {
        "en": "Too many failed attempts. Please wait a little and try again.",
        "ja": "失敗が続いたため、しばらく待ってからもう一度お試しください。",
    },
    Reason.WRONG_SERVICE: {
        "en": "This app password was made for another service.",
        "ja": "このアプリパスワードは別のサービス用です。",
    },
    Reason.CREDENTIAL_REVOKED: {
        "en": "This credential was revoked.",
        "ja": "この認証情報は取り消されています。",
    },
    Reason.USER_DISABLED: {"en": "This account is disabled.", "ja": "このアカウントは無効になっています。"},
    Reason.SIGNIN_ENDED: {
        "en": "The sign-in behind this session has ended.",
        "ja": "サインインが終了しました。",
    },
    Reason.GRANT_ENDED: {
        "en": "This application's access was withdrawn.",
        "ja": "このアプリのアクセス権は取り消されました。",
    },
    Reason.SIGNIN_NEEDED: {"en": "Please sign in.", "ja": "サインインしてください。"},
    Reason.PROOF_NEEDED: {"en": "Please prove this device again.", "ja": "端末の確認が必要です。"},
    Reason.POLICY: {
        "en": "The access policy does not allow this.",
        "ja": "アクセスポリシーにより許可されていません。",
    },
    Reason.POSTURE_STALE: {
        "en": "This device has not reported its state for too long. Please see that gatepost-agent runs on it.",
        "ja": "この端末から状態の報告が一定時間届いていません。gatepost-agentが動作しているかご確認ください。",
    },
    Reason.STEP_UP: {"en": "Another sign-in factor is needed.", "ja": "追加の認証が必要です。"},
    Reason.ENDED_BY_ADMIN: {"en": "This session was ended.", "ja": "このセッションは終了されました。"},
    Reason.IDLE: {"en": "This session was idle for too long.", "ja": "操作がないため終了しました。"},
    Reason.SESSION_LIMIT: {
        "en": "This session reached its time limit.",
        "ja": "セッションの制限時間に達しました。",
    },
    Reason.SENDER: {
        "en": "You may not send from this address.",
        "ja": "この差出人アドレスでは送信できません。",
    },
    Reason.LIMITS: {
        "en": "The access policy limits this session in a way that cannot be kept here. Please use another way in.",
        "ja": "アクセスポリシーの制限をこの経路では適用できません。別の方法で接続してください。",
    },
    Reason.STALE: {
        "en": "The gate cannot confirm its facts; please try again shortly.",
        "ja": "現在確認ができません。少し待ってお試しください。",
    },
    Reason.AUDIT: {
        "en": "The gate cannot keep its records; please try again shortly.",
        "ja": "記録ができないため受け付けられません。少し待ってお試しください。",
    },
    Reason.AUTHORITY: {
        "en": "The identity service is out of reach; please try again shortly.",
        "ja": "認証サービスに接続できません。少し待ってお試しください。",
    },
    Reason.UPSTREAM: {
        "en": "The mail server is out of reach; please try again shortly.",
        "ja": "メールサーバーに接続できません。少し待ってお試しください。",
    },
    Reason.SHUTDOWN: {
        "en": "The gate is restarting; please connect again.",
        "ja": "再起動中です。もう一度接続してください。",
    },
    Reason.FAULT: {
        "en": "Something failed on our side; it has been recorded.",
        "ja": "内部エラーが発生しました。記録されています。",
    },
}


def words(reason: Reason, language: str) -> str:
    """Return the sentence for a person, in their language, English when it is not one of ours."""
    spoken = WORDS[reason]
    return spoken.get(language, spoken["en"])
