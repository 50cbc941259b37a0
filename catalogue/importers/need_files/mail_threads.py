"""What a mail says anew: its text without the quoted thread and without the signature.

Habits of Japanese and of English mail programs and writers. Where all of a mail is quoted or forwarded,
that is what it says, and it stays.
"""

import re
from dataclasses import dataclass
from itertools import dropwhile

MAX_SIGNATURE_LINES = 16
_MAX_FORWARDS = 20  # of mails in mails; what is deeper stays as it is written
_MAX_LINE_CHARS = 400  # of a line that can be a mark; longer ones are text

_QUOTED = re.compile(r"^\s{0,3}(?:[>＞]|[|｜](?=\s))")
_QUOTE_MARKS = re.compile(r"^\s{0,3}(?:(?:[>＞]|[|｜](?=\s))[ \t\u3000]?)+")
# the line, or two, by which a program says whom it quotes
_ATTRIBUTION = re.compile(
    r"^\s*+(?:On\b.{5,200}\bwrote\s*:|.{0,200}\b(?:wrote|writes)\s*:|"
    r".{0,120}(?:さん|様|氏|氏は|様は|さんは)?.{0,60}(?:は|が)?書きました\s*[:：]?|"
    r".{0,200}のメール\s*[:：]|.{0,200}wrote \(.{3,40}\)\s*[:：]|"
    r"\d{4}[年/.-]\d{1,2}[月/.-]\d{1,2}日?.{0,160}[>＞)）]\s*[:：、]?.{0,30}[:：])\s*$"
)
_ATTRIBUTION_OF_TWO_LINES = re.compile(
    r"^\s*+(?:On\b.{5,250}\bwrote\s*:|\d{4}[年/.-]\d{1,2}[月/.-]\d{1,2}.{0,200}[:：])\s*$"
)
_FORWARDED = re.compile(
    r"^\s*(?:-{2,}\s*(?:Original (?:Message|Appointment)|Forwarded (?:message|by)|転送メッセージ|"
    r"転送されたメッセージ|元のメッセージ|元のメール|オリジナルメッセージ|Forwarded Message).{0,80}|"
    r"(?:Begin forwarded message|転送されたメッセージ|以下、?(?:が)?転送(?:された)?(?:メッセージ|メール))"
    r"\s*+[:：]?)\s*$",
    re.I,
)
_HEADERS = {
    "from": re.compile(r"^\s*\**(?:From|差出人|送信者|送信元)\**\s*[:：]", re.I),
    "date": re.compile(r"^\s*\**(?:Sent|Date|送信日時|日時|送信日|日付)\**\s*[:：]", re.I),
    "to": re.compile(r"^\s*\**(?:To|宛先|宛て先)\**\s*[:：]", re.I),
    "subject": re.compile(r"^\s*\**(?:Subject|件名|題名)\**\s*[:：]", re.I),
    "copy": re.compile(r"^\s*\**(?:Cc|Bcc|Reply-To|返信先)\**\s*[:：]", re.I),
}
_RULE = re.compile(r"^\s*_{10,}\s*$")
_ORNAMENT = re.compile(
    r"^\s*(?:[-=*_~＊＝－―─━═‐+#:;.・･…。☆★◇◆○●□■◎△▲▽▼※♪┏┓┗┛┌┐└┘├┤┃│|/／\\＼〜～∞§¨°]\s*){6,}$"
)
_OPENING_ORNAMENT = re.compile(r"^\s*[-=*＊＝─━═┏┌☆★◇◆■□●○・~〜～_]{4,}")
_DASHES = re.compile(r"^--\s?$")
_CONTACT = re.compile(
    r"〒\s*\d|\bT(?:EL|el)\b|\bPhone\b|\bMobile\b|電話|携帯|内線|\bF(?:AX|ax)\b|ＴＥＬ|ＦＡＸ|℡|"
    r"\bE-?mail\b|メール\s*[:：]|[\w.+-]{1,64}@[\w-]{1,63}\.|https?://|\bwww\.|\+\d{1,3}[\s(-]\d",
    re.I,
)
_COMPANY = re.compile(
    r"株式会社|有限会社|合同会社|㈱|大学|研究所|事業部|[部課室係]\s|Inc\.|Ltd\.?|LLC|GmbH|Corp"
)
_WANTED = re.compile(  # what stands in a need's own sections, never in a signature
    r".*(?:予算|期間|課題|条件|目的|ニーズ|希望|仕様|納期|要件|用途|背景|概要|相談|budget|deadline|require|"
    r"condition|need\b|specification|background)",
    re.I,
)
_BULLET = re.compile(r"^\s*(?:[・•●■◆○□▪➢※]|[-*]\s|[(（]?\d{1,2}[)）.．、])")
_CLOSING = re.compile(
    r"^\s*+(?:(?:best|kind|warm|warmest|many)?\s*+(?:regards|wishes|thanks)|sincerely(?: yours)?|yours "
    r"(?:sincerely|truly|faithfully)|respectfully|cheers|with (?:best|kind) regards|thank you(?: very much)?)"
    r"\s*+[,.!]?\s*+$",
    re.I,
)
_DEVICE = re.compile(
    r"^\s*(?:Sent from my .{2,40}|.{0,10}(?:iPhone|iPad|Android|Galaxy|Xperia|スマートフォン|スマホ|"
    r"Outlook|Gmail|Yahoo!?メール|Windows \d+ 版のメール).{0,20}から送信(?:されました)?。?|"
    r"Get Outlook for .{2,20}|.{0,20}Outlook for .{2,20}を入手|Sent from (?:Mail|Outlook).{0,30})\s*"
    r"(?:<https?://[^>]*>)?\s*$",
    re.I,
)
_DISCLAIMER = re.compile(
    r"(?:this (?:e-?mail|message).{0,200}confidential|confidentiality notice|intended recipient|"
    r"(?:本|この)(?:電子)?メール(?:は|に|の|及び).{0,80}(?:機密|秘密|宛先|受信者|名宛人|削除))",
    re.I | re.S,
)


@dataclass(frozen=True)
class OwnWords:
    """What a mail says itself, and whether something of it was left out."""

    text: str
    left_out: bool


def own_words(body: str, *, is_forwarded: bool = False) -> OwnWords:
    """Return a mail's text without quotation and signature; what was forwarded is part of it."""
    lines = [line.rstrip() for line in body.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    text = "\n".join(_own_lines(lines, is_forwarded=is_forwarded)).strip("\n")
    return OwnWords(text, _letters(text) < _letters(body))


def _own_lines(lines: list[str], *, is_forwarded: bool = False, depth: int = 0) -> list[str]:
    own, thread = _without_thread(lines)
    own = _without_signature(_unquoted_only(own))
    if thread and (is_forwarded or not _says_something(own)):
        inner = _without_headers(thread)
        if depth < _MAX_FORWARDS:
            inner = _own_lines(inner, depth=depth + 1)
        return [*own, "", *dropwhile(lambda line: not line, inner)]
    if not _says_something(own):  # all of it is quoted: that is what was sent on
        return _without_signature([_QUOTE_MARKS.sub("", line) for line in lines])
    return own


def _without_thread(lines: list[str]) -> tuple[list[str], list[str]]:
    """Return the lines before an older message that follows as a whole, and that message."""
    for number, line in enumerate(lines):
        if len(line) > _MAX_LINE_CHARS:
            continue
        if _FORWARDED.match(line):
            return lines[:number], lines[number + 1 :]
        if _begins_headers(lines, number):
            end = number
            while end and (not lines[end - 1].strip() or _RULE.match(lines[end - 1])):
                end -= 1
            return lines[:end], lines[number:]
    return lines, []


def _begins_headers(lines: list[str], number: int) -> bool:
    """Tell the block From, Sent, To, Subject that Outlook sets above an older message."""
    if not _HEADERS["from"].match(lines[number]):
        return False
    block = [line for line in lines[number : number + 12] if line.strip()][:7]
    found = {name for name, form in _HEADERS.items() if any(form.match(line) for line in block)}
    return len(found & {"date", "to", "subject"}) >= 2


def _without_headers(lines: list[str]) -> list[str]:
    """Return a forwarded message without the block of headers that it begins with, if it does."""
    at = 0
    while at < len(lines) and not lines[at].strip():
        at += 1
    begun = at
    while at < len(lines) and lines[at].strip() and at - begun < 12:
        at += 1
    block = lines[begun:at]
    named = [any(form.match(line) for form in _HEADERS.values()) for line in block]
    if not named or not named[0]:
        return [_QUOTE_MARKS.sub("", line) for line in lines]
    last = max(n for n, is_named in enumerate(named) if is_named)
    return [_QUOTE_MARKS.sub("", line) for line in lines[begun + last + 1 :]]


def _unquoted_only(lines: list[str]) -> list[str]:
    """Return the lines that are not quoted, without those that say whom the next ones quote."""
    kept = list[str]()
    for line in lines:
        if _QUOTED.match(line):
            while kept and not kept[-1].strip():
                kept.pop()
            _drop_attribution(kept)
        else:
            kept.append(line)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _drop_attribution(kept: list[str]) -> None:
    """Take off the last line or two lines if they say who wrote what is quoted below."""
    for count, form in ((2, _ATTRIBUTION_OF_TWO_LINES), (1, _ATTRIBUTION)):
        last = " ".join(line.strip() for line in kept[-count:])
        if len(kept) >= count and len(last) <= _MAX_LINE_CHARS and form.match(last):
            del kept[-count:]
            return


def _without_signature(lines: list[str]) -> list[str]:
    """Return the lines before the signature, and before what is added below it."""
    lines = _trimmed(lines)
    cut = _signature_start(lines)
    return _trimmed(lines[:cut])


def _signature_start(lines: list[str]) -> int:
    """Return the number of the line that a signature begins with, or how many lines there are."""
    full, left = len(lines), _count(lines)
    for number, line in enumerate(lines):
        if left <= 2 * MAX_SIGNATURE_LINES and _DASHES.match(line):
            return number
        left -= bool(line.strip())
    lines = lines[: _without_additions(lines)]
    first = max(len(lines) - 2 * MAX_SIGNATURE_LINES, 0)
    for number in range(first, len(lines)):
        tail = lines[number:]
        if _count(tail) > MAX_SIGNATURE_LINES or len(lines[number]) > _MAX_LINE_CHARS:
            continue
        below = tail[1:]
        if _is_border(lines[number]) and _is_signature(below):
            return number
        if _CLOSING.match(lines[number]) and not any(len(one) > 100 for one in below):
            return number
        if number and not lines[number - 1].strip() and _is_plain_signature(tail):
            return number
    return len(lines) if len(lines) < full else full


def _is_border(line: str) -> bool:
    """Tell a line of ornaments, or one that has a company's name behind them."""
    names = _COMPANY.search(line) or _CONTACT.search(line)
    return bool(_ORNAMENT.match(line) or (_OPENING_ORNAMENT.match(line) and names))


def _is_signature(lines: list[str]) -> bool:
    """Tell lines below an ornament that say who wrote and how to answer, not what is wanted."""
    said = [line[:_MAX_LINE_CHARS] for line in lines if line.strip() and not _ORNAMENT.match(line)]
    contacts = [line for line in said if _CONTACT.search(line)]
    others = [line for line in said if line not in contacts]
    if any(_is_need(line) for line in others) or not said:
        return False
    names = any(_COMPANY.search(line) for line in said)
    return bool(contacts) or (names and len(said) <= 6)


def _is_need(line: str) -> bool:
    if _COMPANY.search(line):
        return False
    is_prose = len(line) > 30 and line.rstrip().endswith(("。", "！"))
    return is_prose or any(form.match(line) for form in (_WANTED, _BULLET, _OPENING_ORNAMENT))


def _is_plain_signature(lines: list[str]) -> bool:
    """Tell a last paragraph that is a signature without any mark: a name, and ways to answer."""
    said = [line[:_MAX_LINE_CHARS] for line in lines if line.strip()]
    marks = sum(bool(_CONTACT.search(line)) for line in said)
    prose = any(line.rstrip().endswith(("。", "？", ".", "?")) and len(line) > 25 for line in said)
    wants = any(_is_need(line) and not _CONTACT.search(line) for line in said)
    has_gap = any(not line.strip() for line in lines)
    return 2 <= len(said) <= 2 * marks + 3 and marks >= 2 and not (prose or wants or has_gap)


def _without_additions(lines: list[str]) -> int:
    """Return how many lines are left without what devices and companies add at the end."""
    end, started = len(lines), len(lines)
    while end:
        while end and not lines[end - 1].strip():
            end -= 1
        if end and len(lines[end - 1]) <= 100 and _DEVICE.match(lines[end - 1]):
            end = started = end - 1
            continue
        start = end
        while start and lines[start - 1].strip():
            start -= 1
        paragraph = "\n".join(lines[start:end])[:5_000]
        if end and len(paragraph) > 40 and _DISCLAIMER.search(paragraph):
            end = started = start
        else:
            break
    return started


def _trimmed(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]


def _count(lines: list[str]) -> int:
    return sum(1 for line in lines if line.strip())


def _says_something(lines: list[str]) -> bool:
    return any(map(str.isalnum, "".join(lines)))


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
