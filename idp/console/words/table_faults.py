"""Faults of a table of expected decisions in Japanese, beside those of policies: one row for each sentence. Pure."""

from typing import Final

TABLE_ROWS: Final = (
    (r"a row has no key (`.*`)", r"行に \1 というキーはありません"),
    (r"a table of tests has no key (`.*`)", r"想定判定の表に \1 というキーはありません"),
    (r"a row has no (`.*`)", r"行に \1 がありません"),
    (r"a row has either a `network` or an `address`", r"`network` と `address` は同時に指定できません"),
    (r"(`.*`): nobody is called (`.*`)", r"\1：\2 という人物は定義されていません"),
    (r"(`.*`): no device is called (`.*`)", r"\1：\2 という端末は定義されていません"),
    (r"(`.*`): no rule is called (`.*`)", r"\1：\2 というルールはありません"),
    (r"(`.*`): no time zone is named (`.*`)", r"\1：タイムゾーン \2 はありません"),
    (r"(`.*`): (`.*`) is not a moment", r"\1：\2 は日時として読み取れません"),
    (r"(`.*`) is not an address", r"\1 はIPアドレスではありません"),
    (r"(`.*`) is a state of trust", r"\1 は信頼状態の名称です"),
    (r"nobody asks for every client at once", r"すべてのクライアントを一度に要求することはありません"),
    (r"posture (`.*`) asks for the version of a platform", r"状態条件 \1 はOSのバージョンを求めています"),
    (r"the table has more than (\d+) cases", r"想定判定が\1件を超えています"),
    # hints
    (r"add `platform`, one of: (.+)", r"`platform` を追加してください（\1 のいずれか）。"),
    (r"give the device another name", r"端末に別の名前を付けてください。"),
    (r"name one, such as (`.*`)", r"1つを指定してください（例：\1）。"),
    (r"say what is asked for", r"要求するサービスを記入してください。"),
    (r"say what it is about", r"何を確かめる行か、名前を付けてください。"),
    (r"write one address, such as .*", r"アドレスを1つ記入してください（例：192.0.2.7、2001:db8::7）。"),
)
