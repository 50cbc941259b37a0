"""What estimates say in files, in both languages."""

from collections.abc import Mapping

KIND_WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "people": "人件費", "equipment": "設備・備品費", "facilities": "施設利用料", "travel": "旅費",
        "outsourcing": "外注費", "consumables": "消耗品費", "advice": "学術指導料", "data": "データ利用料",
    },
    "en": {
        "people": "People", "equipment": "Equipment", "facilities": "Use of facilities",
        "travel": "Travel", "outsourcing": "Outsourcing", "consumables": "Consumables",
        "advice": "Fee for advice", "data": "Fee for data",
    },
}  # fmt: skip
STATE_WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {"draft": "下書き", "asked": "確認待ち", "checked": "財務確認済み", "returned": "差し戻し"},
    "en": {
        "draft": "Draft", "asked": "Waits for a check", "checked": "Checked by finance",
        "returned": "Sent back",
    },
}  # fmt: skip
SAID: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "sheet": "見積", "heading": "共同研究費見積書", "case": "案件番号", "company": "企業",
        "university": "大学", "version": "版", "state": "状態", "made": "作成日", "unit": "単価（円）",
        "quantity": "数量", "amount": "金額（円）", "year": "年次", "kind": "費目", "text": "内容",
        "lines": "明細", "sums": "集計（円）", "direct": "直接経費 計", "indirect": "間接経費",
        "strategic": "戦略的産学連携経費", "fees": "学術指導料・データ利用料 計", "net": "税抜 計",
        "tax": "消費税", "total": "合計（税込）", "all": "全年次", "of_year": "{year}年目",
        "fiscal": "{year}年目（{first}年度）", "percent": "{name}（%）",
        "rounding": "端数：明細は単価×数量、間接経費・戦略的産学連携経費は年次の直接経費、"
        "消費税は年次の税抜計に対し、"
        "それぞれ1円未満を切り捨て。学術指導料・データ利用料に間接経費はかけない。",
        "note": "備考",
        "draft": "この版は財務の確認を受けていません。",
    },
    "en": {
        "sheet": "Estimate", "heading": "Estimate of a joint research", "case": "Case",
        "company": "Company", "university": "University", "version": "Version", "state": "State",
        "made": "Written on", "unit": "Unit price (yen)", "quantity": "Quantity",
        "amount": "Amount (yen)", "year": "Year", "kind": "Kind", "text": "What", "lines": "Lines",
        "sums": "Sums (yen)", "direct": "Direct cost", "indirect": "Indirect cost",
        "strategic": "Strategic cost", "fees": "Fees for advice and data", "net": "Without tax",
        "tax": "Consumption tax", "total": "Total, tax included", "all": "All years",
        "of_year": "Year {year}", "fiscal": "Year {year} (FY{first})", "percent": "{name} (%)",
        "rounding": "Rounding: a line is unit price × quantity; indirect and strategic cost are shares of "
        "a year's "
        "direct cost, tax of a year's sum; of each, fractions of a yen are cut off. Fees for advice and data "
        "bear no indirect cost.",
        "note": "Remarks",
        "draft": "Finance has not checked this version.",
    },
}  # fmt: skip

SHORT: Mapping[str, tuple[str, ...]] = {  # of the seven sums, for narrow columns
    "ja": ("直接経費", "間接経費", "戦略経費", "指導・データ", "税抜", "消費税", "税込"),
    "en": ("Direct", "Indirect", "Strategic", "Fees", "Net", "Tax", "Total"),
}


def year_words(year: int, first_year: int, language: str) -> str:
    """Return what a year of an estimate is called, with its fiscal year where that is known."""
    said = SAID[language]
    if not first_year:
        return said["of_year"].format(year=year)
    return said["fiscal"].format(year=year, first=first_year + year - 1)
