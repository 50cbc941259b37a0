"""Needs from mail: subject and own words, in whatever encoding, without signature and thread."""

import base64
import struct
import time
from email.message import EmailMessage

import pytest

from catalogue.importers.need_files import NeedDocument, read_need_document
from catalogue.importers.need_files.mail_threads import own_words
from enmusubi.errors import UnreadableFileError
from tests.support.compound_files import compound

PATIENCE_S = 20
NEED = "膜の目詰まりを減らす方法を探しています。"


def document(content: bytes) -> NeedDocument:
    return read_need_document("need.eml", content, max_bytes=20_000_000)


def mail(subject: str, body: str, *, subtype: str = "plain") -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject, "a@midori.example", "b@kasumino.example"
    made.set_content(body, subtype=subtype)
    return made


JAPANESE_SIGNATURE = """
------------------------------------------------
株式会社みどり製作所　技術開発部
佐藤 一郎
〒100-0000 東京都千代田区霞野1-2-3
TEL：03-0000-0000　FAX：03-0000-0001
E-mail：sato@midori.example
------------------------------------------------
"""
SIGNATURES = {
    "a border of dashes": JAPANESE_SIGNATURE,
    "ornaments": "\n◆◇◆◇◆◇◆◇◆◇\nみどり製作所　佐藤\nTel: 03-0000-0000\n◆◇◆◇◆◇◆◇◆◇\n",
    "box drawing": "\n━━━━━━━━━━━━\n○△□株式会社 研究開発センター\n佐藤一郎\nhttps://example.jp/\n━━━━━━━━━━━━",
    "two dashes": "\n-- \n佐藤\n",
    "no border": "\n\n株式会社みどり製作所\n技術開発部 佐藤一郎\nTEL 03-0000-0000\nsato@midori.example\n",
    "an English closing": "\n\nBest regards,\nJohn Smith\nHead of R&D\nAcme Corp.\n+44 20 0000 0000\n",
    "a telephone": "\n\niPhoneから送信\n",
    "a telephone in English": "\n\nSent from my iPhone\n",
    "a disclaimer": "\n\nSincerely,\n\nJane Doe\nHydro Ltd.\n\nThis e-"
    "mail and its attachments are confidential. If you "
    "are not the intended recipient, please delete it.\n",
    "a disclaimer in Japanese": "\n\nこのメールは機密情報を含む場合があります。宛先に心当"
    "たりのない方は削除してください。お手数をおかけします。\n",
}  # fmt: skip
THREADS = {
    "Outlook": "\n-----Original Message-----\nFrom: 森\nSent: Monday"
    ", April 1, 2024\nTo: 佐藤\nSubject: 相談\n\n前の本文",
    "Outlook in Japanese": "\n\n________________________________\n差出人: 森 花"
    "子 <m@x.example>\n送信日時: 2024年4月1日\n宛先: 佐藤\n"
    "件名: Re: 相談\n\n前の本文",
    "Gmail": "\n\n2024年4月1日(月) 10:00 森 花子 <m@kasumino.example>:\n\n> 前の本文\n",
    "Gmail in English": "\n\nOn Mon, Apr 1, 2024 at 10:00 AM Hana Mori <m@"
    "kasumino.example>\nwrote:\n\n> 前の本文\n> more\n",
    "Apple": "\n\n2024/04/01 10:00、森 花子 <m@kasumino.example>のメール:\n\n> 前の本文\n",
    "Thunderbird": "\n\nOn 2024/04/01 10:00, 森 花子 wrote:\n> 前の本文\n>> もっと前\n",
    "full-width marks": "\n\n森さんは書きました:\n＞前の本文\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", SIGNATURES)
def test_a_signature_is_left_out(kind: str) -> None:
    assert own_words(NEED + SIGNATURES[kind]).text == NEED


@pytest.mark.parametrize("kind", THREADS)
@pytest.mark.parametrize("signature", ["", JAPANESE_SIGNATURE])
def test_a_quoted_thread_is_left_out(kind: str, signature: str) -> None:
    words = own_words(NEED + signature + THREADS[kind])

    assert words.text == NEED
    assert words.left_out


def test_answers_between_quoted_lines_stay() -> None:
    body = "森様\n\n> 1. 予算は？\n500万円程度です。\n\n> 2. 期間は？\n2年です。\n"

    assert own_words(body).text.split() == ["森様", "500万円程度です。", "2年です。"]


def test_an_answer_below_what_it_quotes_stays() -> None:
    assert own_words(f"On 2024/04/01, Hana wrote:\n> What?\n\n{NEED}\n").text == NEED


@pytest.mark.parametrize(
    "body",
    [
        "ニーズをお送りします。\n\n-------- 課題 --------\n膜の目"
        "詰まり\n\n-------- 条件 --------\n・80℃\n・予算 500万円\n\n"
        "-------- 連絡先 --------\n技術部 佐藤（sato@midori.example）",
        "課題\n・仕様は https://example.jp/spec\n・膜の目詰まり\n\n条件\n・80℃",
        "背景\n==========\n当社はろ過装置を作っています。\n==========\n予算：500万円\n期間：2年\n連絡先：a@midori.example",
        "We need:\n\n- a film that keeps oxygen out\n- see https://example.com/spec\n- budget: 5 million yen",
        "データはサーバから送信",
        "From: と To: の二つの値を持つ信号を、雑音の中から見つけたい。",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_signature_or_thread_stays(body: str) -> None:
    words = own_words(body)

    assert words.text == body
    assert not words.left_out


@pytest.mark.parametrize(
    "mark", ["---------- Forwarded message ---------", "-----元のメッセージ-----"]
)
def test_what_was_forwarded_is_the_need(mark: str) -> None:
    body = (
        f"下記の相談です。\n\n{mark}\n差出人: 佐藤 <s@midori.examp"
        f"le>\nDate: 2024年4月1日\nSubject: 相談\nTo: b\n\n{NEED}\n"
    )
    read = document(mail("Fwd: 技術相談", body + JAPANESE_SIGNATURE).as_bytes())

    assert read.text == f"技術相談\n\n下記の相談です。\n\n{NEED}"


def test_a_mail_that_only_quotes_is_read_without_the_marks() -> None:
    assert own_words(f"> {NEED}\n> 予算は500万円。\n").text == f"{NEED}\n予算は500万円。"


def test_a_mail_attached_to_an_empty_one_is_the_need() -> None:
    outer = EmailMessage()
    outer["Subject"] = "Fw:"
    outer.add_attachment(mail("内側の相談", NEED))

    assert document(outer.as_bytes()).text == f"内側の相談\n\n{NEED}"


def test_the_plain_text_is_taken_and_attachments_are_counted() -> None:
    made = mail("Re: Re: 技術相談", NEED)
    made.add_alternative("<p>同じ文章のHTML</p>", subtype="html")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="仕様.pdf")
    read = document(made.as_bytes())

    assert read.text == f"技術相談\n\n{NEED}"
    assert [str(note) for note in read.notes] == ["Attached files were not read: 1."]


def test_a_mail_of_html_alone_is_read_as_it_looks() -> None:
    page = (
        "<html><head><title>t</title><style>p{}</style></head><body><div style='display:none'>見えない</div>"
        f"<p>{NEED}</p><table><tr><td>予算</td><td>500万円</td></tr></table><ul><li>80℃<li>安価</ul>"
        "<div>2024年4月1日(月) 10:00 森 &lt;m@x.example&gt;:<br><"
        "/div><blockquote>前の<br>本文</blockquote></body></html>"
    )

    assert document(mail("相談", page, subtype="html").as_bytes()).text.split("\n") == [
        "相談", "", NEED, "", "予算\t500万円", "", "80℃", "安価",
    ]  # fmt: skip


def jis(text: str) -> bytes:
    """Return ISO-2022-JP as mail programs of Windows write it, with ① and ㈱."""
    written, escape = b"", b""
    for character in text:
        lead, *rest = character.encode("cp932")
        if not rest:
            piece, wanted = bytes([lead]), b"\x1b(B"
        else:
            row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + 0x21 + (rest[0] >= 0x9F)
            low = rest[0] - (0x7E if rest[0] >= 0x9F else 0x1F if rest[0] < 0x80 else 0x20)
            piece, wanted = bytes([row, low]), b"\x1b$B"
        written += (b"" if wanted == escape else wanted) + piece
        escape = wanted
    return written + b"\x1b(B"


RARE = "技術①のご相談㈱ 髙橋 Ⅲ"


@pytest.mark.parametrize(
    ("charset", "raw"),
    [
        ("ISO-2022-JP", jis(RARE)),
        ("Shift_JIS", RARE.encode("cp932")),
        ("UTF-8", RARE.encode()),
        ("EUC-JP", "技術のご相談".encode("euc_jp")),
        ("", RARE.encode("cp932")),
        ("no-such-charset", RARE.encode()),
    ],
)
def test_subject_and_body_are_read_in_every_usual_encoding(charset: str, raw: bytes) -> None:
    encoded = f"=?{charset}?B?{base64.b64encode(raw).decode()}?=".encode()
    subject = encoded if charset and charset != "no-such-charset" else raw
    kind = f"text/plain; charset={charset}" if charset else "text/plain"
    content = b"Subject: Re: " + subject + f"\r\nContent-Type: {kind}\r\n\r\n".encode() + raw
    expected = "技術のご相談" if charset == "EUC-JP" else RARE

    assert document(content).text == f"{expected}\n\n{expected}"


def test_flowing_lines_are_joined() -> None:
    head = b"Subject: Film\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\n\r\n"

    read = document(head + b"We look for a film \r\nthat keeps oxygen out.\r\n-- \r\nJohn\r\n")

    assert read.text == "Film\n\nWe look for a film that keeps oxygen out."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"just some words\n", "it has no headers"),
        (b"Subject: x\r\nContent-Type: application/pkcs7-mime\r\n\r\nAAAA", "is encrypted"),
        (b"X: y\r\n\r\n", "holds no text"),
        (
            b"Subject: deep\r\n"
            + b"".join(b"Content-Type: multipart/mixed;"
            b" boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000)),
            "seems to be damaged",
        ),
    ],
)  # fmt: skip
def test_a_mail_that_cannot_be_read_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        document(content)


HOSTILE_PAGES = {
    "tags that never end": b"<a" * 30_000,
    "elements without end": b"<b>" * 20_000 + b"</i>" * 19_000,
    "hidden elements without end": b"<template>" + b"<b>" * 20_000 + b"</i>" * 19_000,
    "comments without end": b"<!--" * 30_000,
    "more tags than a mail has": b"<p>" * 3_000_000,
    "cells of one row": b"<table><tr>" + b"<td>x" * 39_000,
    "quotations in quotations": b"<blockquote>" * 3_000 + b"x<br>" * 3_000,
}


@pytest.mark.parametrize("kind", HOSTILE_PAGES)
def test_a_page_that_is_made_to_take_long_does_not(kind: str) -> None:
    head = b"Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    began = time.monotonic()
    try:
        document(head + HOSTILE_PAGES[kind])
    except UnreadableFileError as refusal:
        assert "seems to be damaged" not in str(refusal)
    assert time.monotonic() - began < PATIENCE_S


ENDLESS_MAILS = {
    "rules of signatures": "--\n" * 100_000,
    "lines of devices": "本文です\n\n" + "Sent from my iPhone\n" * 20_000,
    "mails in mails": "-----Original Message-----\n" * 800 + "膜が詰まります。\n" * 20_000,
}


@pytest.mark.parametrize("kind", ENDLESS_MAILS)
def test_the_own_words_of_a_mail_that_is_made_to_take_long_are_found_soon(kind: str) -> None:
    begun = time.process_time()

    found = own_words(ENDLESS_MAILS[kind])

    assert time.process_time() - begun < 10
    assert ("膜が詰まります。" in found.text) == (kind == "mails in mails")


def test_a_subject_without_end_is_cut() -> None:
    began = time.monotonic()
    read = document(b"Subject: " + b"=?utf-8?q?a?= " * 300_000 + b"\r\n\r\n" + NEED.encode())

    assert read.text.endswith(NEED)
    assert len(read.text) < 1_100
    assert time.monotonic() - began < PATIENCE_S


def outlook(**streams: bytes) -> NeedDocument:
    """Return what is read of a message of Outlook; streams go by the numbers of their properties."""
    named = {f"__substg1.0_{number[1:]}": content for number, content in streams.items()}
    pages = struct.pack("<IIII", 0x3FFD0003, 0, 932, 0)
    content = compound({"__properties_version1.0": bytes(32) + pages, **named})
    return read_need_document("need.msg", content, max_bytes=20_000_000)


def test_a_message_of_outlook_is_read() -> None:
    body = (NEED + JAPANESE_SIGNATURE + THREADS["Outlook"]).encode("utf-16-le")

    read = outlook(p0037001F="RE: 技術相談".encode("utf-16-le"), p1000001F=body)

    assert read.text == f"技術相談\n\n{NEED}"
    assert [str(note) for note in read.notes] == [
        "The mail's signature and what it quotes were left out."
    ]


def test_a_message_in_the_bytes_of_its_code_page_or_as_a_web_page_is_read() -> None:
    subject = "技術①".encode("cp932")

    assert outlook(p0037001E=subject, p1000001E=NEED.encode("cp932")).text == f"技術①\n\n{NEED}"
    page = f"<html><meta charset=utf-8><p>{NEED}</p></html>".encode()
    assert outlook(p0037001E=subject, p10130102=page).text == f"技術①\n\n{NEED}"


def test_what_outlook_alone_can_read_and_what_is_no_mail_is_refused() -> None:
    with pytest.raises(UnreadableFileError, match="Outlook's own format only"):
        outlook(p10090102=b"LZFu" + bytes(100))
    with pytest.raises(UnreadableFileError, match="no mail of Outlook"):
        read_need_document("need.msg", b"From: a@b\n\nx", max_bytes=1000)


def test_an_old_file_of_office_and_a_locked_one_are_told_apart() -> None:
    old, locked = compound({"WordDocument": b"x"}), compound({"EncryptedPackage": b"x"})

    with pytest.raises(UnreadableFileError, match="of an older kind of Office"):
        read_need_document("need.docx", old, max_bytes=20_000_000)
    with pytest.raises(UnreadableFileError, match="locked by a password"):
        read_need_document("need.docx", locked, max_bytes=20_000_000)
