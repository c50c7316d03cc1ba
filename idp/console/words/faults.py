"""A policy's faults and hints in Japanese: the judge speaks English, sentence by sentence, and these are its sentences.

One row for each sentence; what stands in it comes over as it is. A sentence without a row stays English, which is
better than nothing. Pure.
"""

import re
from typing import Final

from idp.console.words.table_faults import TABLE_ROWS

_ROWS: Final = (
    (r"the document (?:says nothing|is empty)", r"文書に内容がありません"),
    # a word that is none of those known
    (r"(.+): no such service (`.*`)", r"\1：サービス \2 はありません"),
    (r"(.+): not the name of a service: (`.*`)", r"\1：\2 はサービス名ではありません"),
    (r"(.+): no network is named (`.*`)", r"\1：ネットワーク \2 は定義されていません"),
    (r"(.+): no posture is named (`.*`)", r"\1：状態条件 \2 は定義されていません"),
    (r"`zone`: no time zone is named (`.*`)", r"`zone`：タイムゾーン \1 はありません"),
    (r"(.+): no country has the code (`.*`)", r"\1：国コード \2 はありません"),
    (r"(.+): no such word (`.*`)", r"\1：\2 は使用できない値です"),
    (r"a rule has no key (`.*`)", r"ルールに \1 というキーはありません"),
    (r"(.+) has no key (`.*`)", r"\1 に \2 というキーはありません"),
    (r"there is no group (`.*`)", r"グループ \1 は存在しません"),
    (r"there is no user (`.*`)", r"ユーザー \1 は存在しません"),
    (r"there is no service (`.*`)", r"サービス \1 は存在しません"),
    (r"group (`.*`) has no members", r"グループ \1 にはメンバーがいません"),
    # values
    (r"(.+): (`.*`) is not a network number", r"\1：\2 はAS番号ではありません"),
    (r"(.+): (`.*`) is not a duration", r"\1：\2 は期間として読み取れません"),
    (r"(.+): (`.*`) is not SIZE/TIME", r"\1：\2 は「サイズ/時間」の形式ではありません"),
    (r"(.+): (`.*`) is not a span of the day", r"\1：\2 は時間帯として読み取れません"),
    (r"(.+): (`.*`) is not a minimum version", r"\1：\2 は最低バージョンの指定として読み取れません"),
    (r"(`.*`) is not an address range", r"\1 はアドレス範囲ではありません"),
    (r"(`.*`) has bits set beyond its prefix", r"\1 はプレフィックスより下位のビットが0ではありません"),
    (r"(`.*`) is IPv4 in disguise", r"\1 はIPv4アドレスをIPv6形式で表したものです"),
    (r"(.+) must be true or false", r"\1 は true または false で指定してください"),
    (r"(.+) must be one line of at most (\d+) characters", r"\1 は1行、\2文字以内で指定してください"),
    (r"version (`.*`) of the language is not known here", r"言語のバージョン \1 には対応していません"),
    # shape
    (r"`(.+)` says nothing", r"`\1` に内容がありません"),
    (r"(`.*`) is missing", r"\1 がありません"),
    (r"(.+) is empty", r"\1 が空です"),
    (r"(.+) is an empty list, so this could never hold", r"\1 が空のリストのため、成立することがありません"),
    (r"(`.*`) is listed twice", r"\1 が重複しています"),
    (r"(`.*`) is given twice", r"\1 が2回指定されています"),
    (r"(.+) must be a single value, not a (.+)", r"\1 には単一の値を指定してください（現在：\2）"),
    (r"(.+) must be a list, not a (.+)", r"\1 はリストで指定してください（現在：\2）"),
    (r"(.+) must be a mapping \(`key: value`\), not a (.+)", r"\1 は「キー: 値」の形式で指定してください（現在：\2）"),
    (r".+ of this name is there already: (`.*`)", r"同じ名前がすでにあります：\1"),
    (r"posture (`.*`) asks for nothing", r"状態条件 \1 に条件がありません"),
    (r"(`.*`) has more than (\d+) (?:names|entries)", r"\1 が\2件を超えています"),
    (r"more than (\d+) ranges in one document", r"アドレス範囲が\1件を超えています"),
    (r"(?:a|an) (?:.+) has no `name`", r"`name` がありません"),
    (r"(`.*`) has no meaning where the rule denies", r"拒否するルールでは \1 は意味を持ちません"),
    (r"(`.*`) cannot be enforced for (.+)", r"\1 は \2 では適用できません"),
    (
        r"(`.*`) needs a rule that names its services, since not every one can enforce it",
        r"\1 を指定するルールには、サービスの指定が必要です（適用できないサービスがあるため）",
    ),
    (r"`require` does not say which factors", r"`require` に認証要素の指定がありません"),
    (r"`when` does not say in which zone", r"`when` にタイムゾーンの指定がありません"),
    (r"a key must be a single word", r"キーは1語で指定してください"),
    (r"nested too deeply", r"入れ子が深すぎます"),
    (r"too many values in one document", r"値が多すぎます"),
    (
        r"(`.*`) needs a rule that names its services, since not every one can enforce it",
        r"\1 を適用できないサービスもあるため、このルールにはサービスの指定が必要です",
    ),
    # the document
    (r"this is not YAML: (.+)", r"YAMLとして読み取れません（\1）"),
    (r"this is not UTF-8", r"UTF-8ではありません"),
    (r"the document is larger than (\d+) KiB", r"文書が\1 KiBを超えています"),
    (r"a second document begins here", r"ここから2つ目の文書が始まっています"),
    (r"the character (U\+\w+) cannot be in a document", r"使用できない文字があります（\1）"),
    (r"anchors are not allowed: (`.*`)", r"アンカーは使用できません：\1"),
    (r"aliases are not allowed: (`.*`)", r"エイリアスは使用できません：\1"),
    (r"tags are not allowed: (`.*`)", r"タグは使用できません：\1"),
    # what works, but should be thought about
    (
        r"rule (`.*`) is never reached: (`.*`) on line (\d+) matches all it matches",
        r"ルール \1 には到達しません。\3行目の \2 が先にすべて一致します",
    ),
    (r"rule (`.*`) can never match: (`.*`) excludes (`.*`)", r"ルール \1 は一致しません。\2 と \3 は両立しません"),
    (
        r"rule (`.*`) can never match: without a device, .*",
        r"ルール \1 は一致しません。端末がなければ、端末の情報は分かりません",
    ),
    (
        r"rule (`.*`) allows everyone, on any device, from anywhere",
        r"ルール \1 は、あらゆる端末・接続元からの全員を許可します",
    ),
    (
        r"rule (`.*`) asks mail programs for a factor: on (.+) an app password never meets it",
        r"ルール \1 はメールソフトに認証要素を求めていますが、\2 のアプリパスワードでは満たせません",
    ),
    (
        r"rule (`.*`) asks about the sign-in: on (.+) an app password never meets it",
        r"ルール \1 はサインインを条件にしていますが、\2 のアプリパスワードでは満たせません",
    ),
    (
        r"rule (`.*`) refuses every app password: without a sign-in, what it asks is unknown",
        r"ルール \1 はアプリパスワードをすべて拒否します。サインインを伴わず、条件を判定できないためです",
    ),
    (
        r"invariant (`.*`) forbids nothing: (`.*`) excludes (`.*`)",
        r"不変条件 \1 は何も禁止しません。\2 と \3 は両立しません",
    ),
    (
        r"(`.*`) is unknown of everybody here, since nothing tells the .*",
        r"\1 は、情報の取得元が設定されていないため、誰についても判定できません",
    ),
    (r"rule (`.*`) says nothing in (.+)", r"ルール \1 には \2 の文面がありません"),
    (r"network (`.*`) is never used", r"ネットワーク \1 は使用されていません"),
    (r"posture (`.*`) is never used", r"状態条件 \1 は使用されていません"),
    # hints
    (r"did you mean (`.*`)\?", r"\1 の誤りではありませんか。"),
    (r"use (`.*`), or another of (\d+)", r"使用できる値（全\2件）：\1 など"),
    (r"use (`.*`)", r"使用できる値：\1"),
    (r'write it like "07:00-22:00", .*', r'記入例："07:00-22:00"（00:00から24:00まで。開始と終了は異なる時刻）'),
    (r"write it like (.+)", r"記入例：\1"),
    (r"write one value alone", r"値を1つだけ指定してください。"),
    (
        r"write `who`, `service`, `device` and the others into the rule itself",
        r"`who`、`service`、`device` などは、ルールに直接記入してください。",
    ),
    (r"write (`then: .*`)", r"\1 と記入してください。"),
    (r"put `not_` before a key within it, as in (`.*`)", r"`not_` は中のキーに付けてください（例：\1）。"),
    (r"put it within (`\w+`): (`.*`)", r"\1 の中に記入してください：\2"),
    (
        r"indent with spaces, not with tabs; .*",
        r"字下げにはタブではなく空白を使用し、記号で始まる文字列は引用符で囲んでください。",
    ),
    (r"close the list with (`.*`)", r"リストを \1 で閉じてください。"),
    (r"close the mapping with (`.*`)", r"「キー: 値」の集まりを \1 で閉じてください。"),
    (r"put text with a colon in quotes, .*", r"コロンを含む文字列は引用符で囲み、字下げもご確認ください。"),
    (r"close the quotes", r"引用符を閉じてください。"),
    (r"write .* for a backslash within .*", r"引用符内の円記号（バックスラッシュ）は2つ重ねて記入してください。"),
    (r"look at quotes, brackets and indentation, .*", r"この行とその前の行の引用符、括弧、字下げをご確認ください。"),
    (r"write the value out again", r"値をもう一度そのまま記入してください。"),
    (r"write one value alone", r"値を1つだけ記入してください。"),
    (r"close the list with `\]`", r"リストを `]` で閉じてください。"),
    (
        r"indent with spaces, not with tabs; put text that begins with a sign in quotes",
        r"字下げにはタブではなく空白を使い、記号で始まる文字列は引用符で囲んでください。",
    ),
    (r"at most (\d+) levels and (\d+) values", r"入れ子は\1段、値は\2個までです。"),
    (r"keep one document, without `---` in between", r"`---` で区切らず、1つの文書にしてください。"),
    (r"write the bare number, such as (\d+)", r"番号だけを記入してください（例：\1）。"),
    (r"write a number and a unit, such as .*", r"数値と単位で記入してください（例：90s、15m、8h、7d、2w。最長10年）。"),
    (r"write the lowest version allowed, like (.+)", r"許可する最低バージョンを記入してください（例：\1）。"),
    (r"write two capital letters, as in ISO 3166: .*", r"ISO 3166の大文字2文字で記入してください（例：JP、DE、US）。"),
    (r"write true or false, without quotes", r"引用符を付けずに true または false と記入してください。"),
    (r"write it as an IPv4 range", r"IPv4の範囲として記入してください。"),
    (r"write it as one plain line", r"1行で記入してください。"),
    (r"write `version: 1`", r"`version: 1` と記入してください。"),
    (r"begin with `version: 1`", r"`version: 1` から始めてください。"),
    (r"begin each with `- name:`", r"各項目を `- name:` で始めてください。"),
    (r"define it: (`.*`)", r"定義してください：\1"),
    (r"give the range a name under `networks`, .*", r"`networks` で範囲に名前を付け、その名前を指定してください。"),
    (r"add a zone, such as (`.*`)", r"タイムゾーンを追加してください（例：\1）。"),
    (r"add (.+)", r"\1 を追加してください。"),
    (r"the first is on line (\d+)", r"最初の指定は\1行目にあります。"),
    (r"leave it out, or say what must hold", r"削除するか、条件を記入してください。"),
    (r"say what must hold", r"条件を記入してください。"),
    (r"leave the key out", r"このキーを削除してください。"),
    (r"give a value, or leave the key out", r"値を指定するか、このキーを削除してください。"),
    (r"name it by what it is for; .*", r"目的が分かる名前を付けてください。拒否の画面とログに表示されます。"),
    (r"what can be limited there: (.+)", r"このサービスで使用できる制限：\1"),
    (r"put lists and mappings after the colon", r"リストや「キー: 値」はコロンの後に記入してください。"),
    (r"split it up, or name groups", r"分割するか、グループを使用してください。"),
    (r"save the document as UTF-8", r"UTF-8で保存してください。"),
    (r"put it before that rule, or remove it", r"そのルールより前に移動するか、削除してください。"),
    (r"remove it, or use it in a rule", r"削除するか、ルールで使用してください。"),
    (r"remove it, or allow", r"削除するか、許可するルールに変更してください。"),
    (r"remove one of the two", r"どちらか一方を削除してください。"),
    (r"remove one", r"一方を削除してください。"),
    (r"remove it", r"削除してください。"),
    (r"remove `unknown` from `trust`, .*", r"`trust` から `unknown` を削除するか、ほかの条件を削除してください。"),
    (r"say `who`, or which `device` or `network`", r"`who`、`device`、`network` のいずれかを指定してください。"),
    (
        r"give mail programs a rule of their own, without (`.*`)",
        r"メールソフト用に、\1 のないルールを分けてください。",
    ),
    (
        r"name the services that it is for, or add (`.*`)",
        r"対象のサービスを指定するか、\1 を追加してください。",
    ),
    (
        r"name a database for it under \[geography\] in gatepost.toml",
        r"gatepost.toml の [geography] にデータベースを指定してください。",
    ),
    (r"join ranges into wider ones", r"範囲をより広い範囲にまとめてください。"),
    (r"define what is used alone", r"使用するものだけを定義してください。"),
    (r"let one rule name several groups, services or networks", r"1つのルールに複数のグループ等をまとめてください。"),
    (r"people who read that language see the other one", r"その言語の利用者には、もう一方の言語で表示されます。"),
    (r"nobody meets this condition until it has", r"メンバーが追加されるまで、この条件は成立しません。"),
)
_NOUNS: Final = (
    ("a policy ", "ポリシー "), ("an invariant ", "不変条件 "), ("a rule ", "ルール "), ("posture `", "状態条件 `"),
    ("single value", "単一の値"), ("：list", "：リスト"), ("：mapping", "：「キー: 値」の形式"), ("` or `", "`、`"),
    (" or ", "、"),
)  # fmt: skip
_TABLE: Final = tuple((re.compile(pattern, re.DOTALL), japanese) for pattern, japanese in (*TABLE_ROWS, *_ROWS))


def spoken(sentence: str, language: str) -> str:
    """Return a sentence of the judge's about a document in a language."""
    if language != "ja":
        return sentence
    for pattern, japanese in _TABLE:
        found = pattern.fullmatch(sentence)
        if found:
            said = found.expand(japanese)
            for noun, word in _NOUNS:
                said = said.replace(noun, word)
            return said
    return sentence
