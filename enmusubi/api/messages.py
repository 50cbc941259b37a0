"""The page's texts, in Japanese and English; both languages have the same keys."""

from collections.abc import Mapping

LANGUAGES = ("ja", "en")

MESSAGES: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "title": "縁結び",
        "subtitle": "企業のニーズに応えられる研究者を、根拠とともに見つけます。",
        "need": "ニーズ",
        "need_hint": "何を実現したいか、どんな条件があるかを、日本語か英語で二、三文で書いてください。",
        "need_example": "例:生鮮食品の包装で、酸素と水蒸気を通しにくく、再利用しやすい薄い膜を探しています。",
        "file": "またはファイル(txt、md、docx、pdf)",
        "filters": "絞り込み",
        "institution": "機関",
        "department": "部局",
        "position": "職名",
        "kind": "根拠の種類",
        "field": "分野コード",
        "field_hint": "IPC・Fターム・科研費の区分などの先頭部分(例:C08、kaken:30010)",
        "language": "根拠の言語",
        "ja": "日本語",
        "en": "英語",
        "any": "すべて",
        "since": "年以降",
        "until": "年まで",
        "top": "表示件数",
        "find": "研究者を探す",
        "searching": "探しています…",
        "results": "該当する研究者",
        "considered": "対象 {count} 名",
        "none": "該当する研究者がいません。絞り込みを緩めるか、ニーズを詳しく書いてください。",
        "short": "ニーズが短いため、結果が粗くなることがあります。用途や条件を書き足すと良くなります。",
        "error": "結果を表示できません",
        "advice_empty": "ニーズを一、二文で入力するか、ファイルを選んでください。",
        "advice_file": "ファイルを読み取れません。形式と大きさを確かめるか、文章を貼り付けてください。",
        "advice_entry": "入力内容を確かめて、もう一度お試しください。",
        "advice_busy": "ただいま混み合っています。数秒後にもう一度お試しください。",
        "advice_unavailable": "検索の準備ができていません。続くようなら管理者にお知らせください。",
        "advice_failed": "サーバーで問題が起きました。続くようなら管理者にお知らせください。",
        "strength": "適合の見込み",
        "strength_note": "見込みは、過去の判定に合わせた適合の確率で、ほかの一覧とも比べられます。",
        "answers": "応えている部分",
        "against": "留意点",
        "why": "この順位の理由",
        "why_note": "右に伸びる棒は順位を上げ、左に伸びる棒は下げています。",
        "speaks_for": "順位を上げた",
        "speaks_against": "順位を下げた",
        "source": "出典",
        "private": "入力した文章は保存されず、記録にも残りません。",
        "skip": "本文へ",
        "other_language": "English",
        "index": "索引 {version}・モデル {model}",
        "representative": "代表業績",
        "industry": "企業との共同成果 {count} 件",
        "industry_last": "最新 {year} 年",
        "presentation": "発表",
        "award": "受賞",
        "paper": "論文",
        "patent": "特許",
        "grant": "研究課題",
        "course": "授業",
        "note": "技術資料",
        "profile": "プロフィール",
    },
    "en": {
        "title": "Enmusubi",
        "subtitle": "Finds the researchers who could meet a company's need, and shows why.",
        "need": "Need",
        "need_hint": "Say in two or three sentences, in Japanese or English, what is to be achieved "
        "and under which conditions.",
        "need_example": "Example: We look for a thin film for fresh food that keeps oxygen and "
        "moisture out and is easy to recycle.",
        "file": "Or a file (txt, md, docx, pdf)",
        "filters": "Filters",
        "institution": "Institution",
        "department": "Department",
        "position": "Position",
        "kind": "Kind of evidence",
        "field": "Field code",
        "field_hint": "How it begins: IPC, F-term, KAKEN… (such as C08 or kaken:30010)",
        "language": "Language of evidence",
        "ja": "Japanese",
        "en": "English",
        "any": "Any",
        "since": "Since (year)",
        "until": "Until (year)",
        "top": "Results",
        "find": "Find researchers",
        "searching": "Searching…",
        "results": "Researchers who fit",
        "considered": "{count} considered",
        "none": "Nobody matches. Loosen the filters, or describe the need in more detail.",
        "short": "The need is short, so the list may be rough. Add the use and the conditions.",
        "error": "The list cannot be shown",
        "advice_empty": "Write the need in a sentence or two, or choose a file.",
        "advice_file": "Check the file's kind and size, or paste its text.",
        "advice_entry": "Check what you entered and try again.",
        "advice_busy": "Many people are searching. Try again in a few seconds.",
        "advice_unavailable": "The search is not ready. If this lasts, tell the administrator.",
        "advice_failed": "Something went wrong. If this lasts, tell the administrator.",
        "strength": "Fit",
        "strength_note": "The percentage is a probability of fitting, adjusted to earlier judgements; "
        "it can be compared between lists.",
        "answers": "Answers",
        "against": "To consider",
        "why": "Why this rank",
        "why_note": "Bars to the right raise the rank, bars to the left lower it.",
        "speaks_for": "raises",
        "speaks_against": "lowers",
        "source": "Source",
        "private": "What you enter is neither stored nor logged.",
        "skip": "Skip to content",
        "other_language": "日本語",
        "index": "Index {version}, model {model}",
        "representative": "Representative work",
        "industry": "Works with companies: {count}",
        "industry_last": "latest in {year}",
        "presentation": "Presentation",
        "award": "Award",
        "paper": "Paper",
        "patent": "Patent",
        "grant": "Grant",
        "course": "Course",
        "note": "Technology note",
        "profile": "Profile",
    },
}


def choose_language(asked: str, remembered: str, accepted: str) -> str:
    """Return ja or en: what was asked for, else remembered, else the browser's first of the two.

    `accepted` is an Accept-Language header; where it names neither, the page is in English, and
    in Japanese when there is none.
    """
    for wish in (asked, remembered):
        if wish in LANGUAGES:
            return wish
    wishes = sorted(
        (-_quality(parameters), place, tag.strip().lower().partition("-")[0])
        for place, wish in enumerate(accepted.split(","))
        for tag, _, parameters in [wish.partition(";")]
        if tag.strip()
    )
    known = (language for quality, _, language in wishes if language in LANGUAGES and quality < 0)
    return next(known, "en" if wishes else "ja")


def _quality(parameters: str) -> float:
    try:
        return float(parameters.replace(" ", "").removeprefix("q=") or 1)
    except ValueError:
        return 0.0
