"""The words in which facts are told, English and Japanese. Tables alone; names and values are the policy's own."""

from collections.abc import Mapping

Either = tuple[str, str]

EITHER: Mapping[str, Mapping[str, Either]] = {
    "who": {"en": ("anybody known", "nobody known"), "ja": ("判明している利用者", "利用者が不明")},
    "who.groups": {"en": ("group {}", "not in group {}"), "ja": ("グループ {}", "グループ {} に属さない")},
    "who.users": {"en": ("user {}", "not user {}"), "ja": ("ユーザー {}", "ユーザー {} 以外")},
    "device": {"en": ("any registered device", "no device"), "ja": ("登録済みの端末", "端末なし")},
    "network": {"en": ("any known address", "no known address"), "ja": ("判明しているアドレス", "アドレスが不明")},
    "network.in": {"en": ("network {}", "not network {}"), "ja": ("ネットワーク {}", "ネットワーク {} 以外")},
    "when.days": {"en": ("on {}", "not on {}"), "ja": ("曜日 {}", "曜日 {} 以外")},
    "when.between": {"en": ("at {}", "not at {}"), "ja": ("時間帯 {}", "時間帯 {} 以外")},
}
"""How to say that something is so, and that it is not; ``{}`` are its names."""

VALUED: Mapping[str, Mapping[str, str]] = {
    "who.attributes": {"en": "attribute {}", "ja": "属性 {}"},
    "device.trust": {"en": "device", "ja": "端末"},
    "device.platform": {"en": "platform", "ja": "プラットフォーム"},
    "device.owner": {"en": "owner of the device", "ja": "端末の所有者"},
    "device.proof": {"en": "proof", "ja": "端末の証明"},
    "network.countries": {"en": "country", "ja": "国"},
    "network.asn": {"en": "network number", "ja": "AS番号"},
    "network.anonymous": {"en": "anonymising network", "ja": "匿名化ネットワーク"},
    "signin.new_device": {"en": "new device", "ja": "初めての端末"},
    "signin.new_country": {"en": "new country", "ja": "初めての国"},
    "signin.impossible_travel": {"en": "impossible travel", "ja": "移動時間の矛盾"},
}
"""What to call a fact that has one value."""

SHOWN: Mapping[str, Mapping[str, str]] = {
    "en": {
        "ever": "{} shown",
        "never": "{} not shown",
        "within": "{} shown within {}",
        "not within": "{} not shown within {}",
        "before": "{} shown longer than {} ago",
        "span": "{} shown {} to {} ago",
        "ahead": "{} shown in the future",
    },
    "ja": {
        "ever": "{} を確認済み",
        "never": "{} は未確認",
        "within": "{} を{}以内に確認済み",
        "not within": "{} を{}以内に確認していない",
        "before": "{} の確認から{}以上経過",
        "span": "{} の確認から{}〜{}",
        "ahead": "{} の確認が未来の時刻",
    },
}
SIGNED_IN: Mapping[str, Mapping[str, str]] = {
    "en": {
        "ever": "signed in{}",
        "never": "not signed in{}",
        "within": "signed in{} within {}",
        "not within": "not signed in{} within {}",
        "before": "signed in{} longer than {} ago",
        "span": "signed in{} {} to {} ago",
        "ahead": "signed in{} in the future",
    },
    "ja": {
        "ever": "サインイン済み{}",
        "never": "サインインなし{}",
        "within": "サインイン{}から{}以内",
        "not within": "サインイン{}から{}以内ではない",
        "before": "サインイン{}から{}以上経過",
        "span": "サインイン{}から{}〜{}",
        "ahead": "サインイン{}が未来の時刻",
    },
}
REPORTED: Mapping[str, Mapping[str, str]] = {
    "en": {
        "ever": "the device reported{}",
        "never": "the device never reported{}",
        "within": "last report{} within {}",
        "not within": "no report{} within {}",
        "before": "last report{} longer than {} ago",
        "span": "last report{} {} to {} ago",
        "ahead": "last report{} in the future",
    },
    "ja": {
        "ever": "端末の報告あり{}",
        "never": "端末の報告なし{}",
        "within": "最後の報告{}から{}以内",
        "not within": "{}{}以内の報告なし",
        "before": "最後の報告{}から{}以上経過",
        "span": "最後の報告{}から{}〜{}",
        "ahead": "最後の報告{}が未来の時刻",
    },
}
VALUE: Mapping[str, Mapping[str, str]] = {
    "en": {"within": "{} (reported within {})", "span": "{} (reported {} to {} ago)"},
    "ja": {"within": "{}（{}以内の報告）", "span": "{}（{}〜{}前の報告）"},
}
"""What happened some time ago: a factor was shown, somebody signed in, a device reported, a signal has a value."""

SAID: Mapping[str, Mapping[str, str]] = {
    "en": {
        "not": "{} not {}",
        "not or unknown": "{} not {}, or unknown",
        "known": "{} known",
        "known not": "{} known, and not {}",
        "unknown": "unknown",
        "True": "yes",
        "False": "no",
        "service": "service {}",
        "any service but": "any service but {}",
        "other clients": "any other application",
        "posture": "posture {}",
        "met": "met",
        "not met": "not met",
        "from version": "{} or later",
        "below version": "below {}",
        "versions": "{} to below {}",
        "any version": "any version",
    },
    "ja": {
        "not": "{} {} 以外",
        "not or unknown": "{} {} 以外、または不明",
        "known": "{} 判明",
        "known not": "{} 判明しており {} 以外",
        "unknown": "不明",
        "True": "はい",
        "False": "いいえ",
        "service": "サービス {}",
        "any service but": "サービス {} 以外",
        "other clients": "その他のアプリケーション",
        "posture": "端末の状態 {}",
        "met": "適合",
        "not met": "不適合",
        "from version": "{} 以上",
        "below version": "{} 未満",
        "versions": "{} 以上 {} 未満",
        "any version": "任意のバージョン",
    },
}

UNITS: Mapping[str, Mapping[str, str]] = {
    "en": {"w": "w", "d": "d", "h": "h", "m": "m", "s": "s"},
    "ja": {"w": "週間", "d": "日", "h": "時間", "m": "分", "s": "秒"},
}
