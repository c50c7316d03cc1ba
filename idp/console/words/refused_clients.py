"""Why an application cannot be registered, in Japanese: the register speaks English, and these are its sentences.

A sentence that is not here stays English. Pure.
"""

import re
from typing import Final

_WHY: Final = {
    "it is too long, or holds characters that an address may not hold": "長すぎるか、使用できない文字が含まれています",
    "it is not an address": "アドレスとして読み取れません",
    "it may hold no fragment, wildcard or user name": "フラグメント、ワイルドカード、ユーザー名は使用できません",
    "it names no host": "ホスト名がありません",
    "it must be https": "httpsで始まるアドレスを指定してください",
}
_ADDRESS: Final = re.compile(r"The (?:back-channel )?address `(.*)` cannot be registered: (.*)\.", re.DOTALL)
_SCOPE: Final = re.compile(r"There is no scope `(.*?)`: .*", re.DOTALL)
_WHOLE: Final = {
    "A client's identifier is 1 to 128 letters, digits, `.`, `_`, `~` or `-`.": (
        "クライアントIDは、英数字と「.」「_」「~」「-」を使い、1〜128文字で指定してください。"
    ),
    "A client needs a redirect address; only a resource server, which has an audience, has none.": (
        "リダイレクトURIを1つ以上指定してください。"
    ),
}


def spoken(sentence: str, language: str) -> str:
    """Return a refusal of the register in a language."""
    if language != "ja":
        return sentence
    if found := _ADDRESS.fullmatch(sentence):
        return f"アドレス「{found[1]}」は登録できません。{_WHY.get(found[2], found[2])}。"
    if found := _SCOPE.fullmatch(sentence):
        return f"権限「{found[1]}」はありません。"
    return _WHOLE.get(sentence, sentence)
