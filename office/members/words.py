"""What the kinds of memberships are called, in files and on pages."""

from collections.abc import Mapping

MEMBERSHIP_WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "regular": "正会員", "special": "特別会員", "supporting": "賛助会員", "trial": "お試し会員",
        "other": "その他の会員",
    },
    "en": {
        "regular": "Regular member", "special": "Special member", "supporting": "Supporting member",
        "trial": "Trial member", "other": "Other member",
    },
}  # fmt: skip
ALIASES: Mapping[str, str] = {
    "正": "regular", "一般": "regular", "一般会員": "regular", "普通会員": "regular",
    "特別": "special", "賛助": "supporting", "協賛会員": "supporting", "体験会員": "trial",
    "トライアル": "trial", "full": "regular", "associate": "supporting",
}  # fmt: skip
