"""Industries of companies: the 33 sectors of the Tokyo Stock Exchange (東証業種), and three besides.

They say where an office's managers come from. Names are those of the Securities Identification Code
Committee (証券コード協議会); words that offices write instead are beside them.
"""

from dataclasses import dataclass
from functools import cache

from catalogue.importers.values import folded


@dataclass(frozen=True)
class Industry:
    """An industry by its code, its names, and other words for it."""

    code: str
    name_ja: str
    name_en: str
    words: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """Return its name in ja or en."""
        return self.name_ja if language == "ja" else self.name_en


INDUSTRIES = (
    Industry("fishery", "水産・農林業", "Fishery, Agriculture & Forestry",
             ("農業", "水産業", "林業", "agriculture")),
    Industry("mining", "鉱業", "Mining"),
    Industry("construction", "建設業", "Construction", ("建設", "建築", "土木", "ゼネコン")),
    Industry("foods", "食料品", "Foods", ("食品", "飲料", "food", "食品製造業")),
    Industry("textiles", "繊維製品", "Textiles & Apparels", ("繊維", "アパレル", "textiles", "apparel")),
    Industry("paper", "パルプ・紙", "Pulp & Paper", ("製紙", "紙パルプ", "paper")),
    Industry("chemicals", "化学", "Chemicals", ("化学工業", "化学メーカー", "素材", "chemical", "materials")),
    Industry("pharmaceuticals", "医薬品", "Pharmaceutical", ("製薬", "医薬", "pharmaceuticals", "pharma")),
    Industry("oil", "石油・石炭製品", "Oil & Coal Products", ("石油", "oil")),
    Industry("rubber", "ゴム製品", "Rubber Products", ("ゴム", "rubber")),
    Industry("glass", "ガラス・土石製品", "Glass & Ceramics Products",
             ("ガラス", "窯業", "セラミックス", "セメント", "glass", "ceramics")),
    Industry("steel", "鉄鋼", "Iron & Steel", ("製鉄", "鋳造", "steel")),
    Industry("nonferrous", "非鉄金属", "Nonferrous Metals", ("電線",)),
    Industry("metal", "金属製品", "Metal Products", ("金属",)),
    Industry("machinery", "機械", "Machinery", ("機械工業", "産業機械", "工作機械", "機械メーカー")),
    Industry("electric", "電気機器", "Electric Appliances",
             ("電機", "電気", "エレクトロニクス", "半導体", "電子部品", "電機メーカー", "electronics",
              "semiconductors")),
    Industry("transport", "輸送用機器", "Transportation Equipment",
             ("自動車", "自動車部品", "造船", "航空機", "automotive", "automobiles")),
    Industry("precision", "精密機器", "Precision Instruments", ("精密", "医療機器", "medical devices")),
    Industry("products", "その他製品", "Other Products", ("その他製造業", "印刷")),
    Industry("energy", "電気・ガス業", "Electric Power & Gas",
             ("電力", "ガス", "エネルギー", "電力・ガス", "energy", "utilities")),
    Industry("land", "陸運業", "Land Transportation", ("鉄道", "陸運", "物流", "logistics", "railways")),
    Industry("marine", "海運業", "Marine Transportation", ("海運",)),
    Industry("air", "空運業", "Air Transportation", ("空運", "航空")),
    Industry("warehousing", "倉庫・運輸関連業", "Warehousing & Harbor Transportation", ("倉庫", "運輸")),
    Industry("information", "情報・通信業", "Information & Communication",
             ("情報通信業", "情報通信", "IT", "通信", "ソフトウェア", "情報サービス", "software",
              "information technology", "telecommunications")),
    Industry("wholesale", "卸売業", "Wholesale Trade", ("商社", "卸売", "総合商社", "trading", "wholesale")),
    Industry("retail", "小売業", "Retail Trade", ("小売", "流通", "retail")),
    Industry("banks", "銀行業", "Banks", ("銀行", "banking", "bank")),
    Industry("securities", "証券、商品先物取引業", "Securities & Commodity Futures",
             ("証券", "証券業", "ベンチャーキャピタル", "venture capital", "securities")),
    Industry("insurance", "保険業", "Insurance", ("保険", "生命保険", "損害保険")),
    Industry("financing", "その他金融業", "Other Financing Business",
             ("金融", "その他金融", "リース", "finance")),
    Industry("property", "不動産業", "Real Estate", ("不動産",)),
    Industry("services", "サービス業", "Services",
             ("サービス", "コンサルティング", "コンサル", "特許事務所", "法律事務所", "consulting",
              "law firm")),
    Industry("education", "大学・研究機関", "Universities & Research Institutes",
             ("大学", "研究機関", "国立研究開発法人", "教育", "university", "research institute",
              "education")),
    Industry("public", "官公庁・公的機関", "Government & Public Bodies",
             ("官公庁", "公務", "自治体", "省庁", "公的機関", "government", "public sector")),
    Industry("other", "その他", "Other", ("その他の業種",)),
)  # fmt: skip
BY_CODE = {one.code: one for one in INDUSTRIES}


def industry_of(said: str) -> str | None:
    """Return the code of an industry by its code, name or another word; None for one that isn't known."""
    return _by_word().get(_plain(said))


@cache
def _by_word() -> dict[str, str]:
    return {
        _plain(word): one.code
        for one in INDUSTRIES
        for word in (one.code, one.name_ja, one.name_en, *one.words)
    }


def _plain(said: str) -> str:
    folded_text = folded(said).casefold()
    return "".join(character for character in folded_text if character.isalnum())
