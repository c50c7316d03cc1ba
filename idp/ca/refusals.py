"""What the certificate authority says when it cannot do what was asked, in every language that we speak."""

from collections.abc import Mapping

from kernel.problems import WordsRefused


class CertificateRefused(WordsRefused):
    """No certificate for this; the words say what would help."""


def refused(key: str, **values: object) -> CertificateRefused:
    """Return the refusal with this key of ``WORDS``, filled in."""
    return CertificateRefused({language: words.format(**values) for language, words in WORDS[key].items()})


WORDS: Mapping[str, Mapping[str, str]] = {
    "request-invalid": {
        "en": "This is not a certificate signing request (PKCS #10, PEM) of at most {most} bytes.",
        "ja": "証明書署名要求（PKCS #10、PEM形式、{most}バイト以内）ではありません。",
    },
    "request-unproven": {
        "en": "The signing request is not signed by its own key (with SHA-256 or better).",
        "ja": "証明書署名要求の署名を確認できません（SHA-256以上で、自身の鍵による署名が必要です）。",
    },
    "request-key": {
        "en": "The key must be RSA with 2048 to 8192 bits, ECDSA P-256 or P-384, or Ed25519.",
        "ja": "鍵はRSA（2048～8192ビット）、ECDSA（P-256またはP-384）、Ed25519のいずれかにしてください。",
    },
    "names-invalid": {
        "en": "`{name}` is neither a host name nor an IP address.",
        "ja": "「{name}」はホスト名でもIPアドレスでもありません。",
    },
    "root-away": {
        "en": "The root key is not kept here. Give the file that `gatepost ca export-root` wrote.",
        "ja": "ルート鍵はこのサーバーにありません。「gatepost ca export-root」で書き出したファイルを指定してください。",
    },
    "root-wrong": {
        "en": "This file does not hold the root key of this authority, or the passphrase is not its own.",
        "ja": "このファイルには当認証局のルート鍵が含まれていないか、パスフレーズが正しくありません。",
    },
    "passphrase-short": {
        "en": "Choose a passphrase of at least {least} characters.",
        "ja": "パスフレーズは{least}文字以上にしてください。",
    },
    "ssh-key-invalid": {
        "en": "This is not an SSH public key (Ed25519, ECDSA P-256 or P-384, or RSA with 2048 bits or more).",
        "ja": "SSH公開鍵（Ed25519、ECDSA P-256・P-384、または2048ビット以上のRSA）ではありません。",
    },
}
