"""Words by which an affiliation's parts are told apart: organisations, units of them, subjects, places."""

import re

# What ends the name of an organisation in Japanese, the larger kinds first.
LARGE_BODY = re.compile(
    r"大学校|大学(?!院|校|共同利用|病院|附属|付属)|高等専門学校|短期大学部?|高専(?!門)|研究機構|研究開発機構|総合研究機構"
)
SMALL_BODY = re.compile(
    r"研究所|研究センター|試験場|病院|医療センター|機構|協会|学会|財団|学園|学院|組合|連合会|博物館|センター|高等学校|連盟|公社|事業団"
)
_FIELDS = "医|歯|薬|理|工|農|文|法|経済|教育|情報|看護|保健|生命|環境"
_JAPANESE_UNIT_START = rf"大学院|附属|付属|(?:先端|総合|国際|地域)?(?:{_FIELDS})\w*(?:学部|研究科)"
_JAPANESE_UNIT_END = (
    r"学部|学域|研究科|研究院|研究所|研究部|研究室|研究群|学院|学科|学系|学群|学類|学環|学府|専攻|センター|病院|機構|本部"
    r"|部門|部局|部|課|室|科|系|域|院|講座|分野|グループ|チーム|コース|教室|領域|拠点|支社|支店|支部|工場|事業所|事業部"
    r"|キャンパス|校舎|図書館|博物館|農場|学校|プログラム|ユニット|ラボ|教授|准教授|講師|助教|助手|研究員|所長|学長|総長"
    r"|支援機構|推進室"
)
JAPANESE_UNIT = re.compile(
    rf"^(?:{_JAPANESE_UNIT_START})|(?:{_JAPANESE_UNIT_END})$|^[^(]*+\(.+\)$"  # from the first bracket
)
_PURE_UNIT = re.compile(
    r"^(?:大学院.*|附属.*|付属.*|.{0,12}(?:学部|学域|研究科|研究院|研究室|学科|学系|学群|学類|学府|専攻|部|課|室|科"
    r"|講座|分野|グループ|チーム|コース|教室|本部|部門|キャンパス))$"
)

LATIN_BODY = re.compile(
    r"univ(?:ersit\w*|\.)?|colleges?|coll\.?|academy|polytechnic|kosen", re.IGNORECASE
)
LATIN_SMALLER_BODY = re.compile(
    r"institut\w*|inst\.?|agency|hospital|hosp\.?|foundation|association|society|organi[sz]ation|council"
    r"|museum|observatory|station|laborator\w+|cent(?:er|re)s?|authority|federation|union|ministry|nat(?:iona)?l",
    re.IGNORECASE,
)
_LATIN_UNIT_WORDS_LIST = """
department departments dept division div faculty fac school schools sch graduate grad laboratory lab
laboratories section unit group center centre ctr hospital campus office program programme course
branch bureau library undergraduate doctoral institute inst college research interdisciplinary chair
team headquarters plant works
"""
LATIN_UNIT_WORDS = frozenset(_LATIN_UNIT_WORDS_LIST.split())
# What a unit begins with for sure: `Institute of Science` may be an organisation.
_LATIN_UNIT_STARTS_LIST = """
department departments dept division div faculty fac school schools sch graduate grad section unit
group undergraduate doctoral chair team
"""
LATIN_UNIT_STARTS = frozenset(_LATIN_UNIT_STARTS_LIST.split())
_CONNECTORS_LIST = """
of for and in the on at to & de la für der du des di
"""
CONNECTORS = frozenset(_CONNECTORS_LIST.split())
_SUBJECTS_LIST = """
physics chemistry biology mathematics science sciences engineering medicine medical technology
technologies applied mechanical electrical electronic electronics materials material agriculture
agricultural information informatics economics law education pharmacy pharmaceutical dentistry
dental nursing letters arts environmental environment computer computing systems system studies life
health earth civil architecture chemical biochemistry bioscience biosciences biotechnology
psychology sociology history literature philosophy management business commerce policy statistics
surgery pediatrics neurology psychiatry radiology pathology anatomy physiology genetics astronomy
geology geography oceanography fisheries forestry veterinary nanotechnology robotics energy nuclear
aerospace urban planning design music humanities social political international communication
communications media molecular cellular general internal clinical public advanced fundamental
frontier natural human
"""
SUBJECTS = frozenset(_SUBJECTS_LIST.split())
# After a known name these make another organisation of it.
_OTHER_BODIES_LIST = """
foundation press association society corporation company union federation council cooperative co-op
holdings hospital hospitals museum
"""
OTHER_BODIES = frozenset(_OTHER_BODIES_LIST.split())


def is_japanese_unit(text: str) -> bool:
    """Whether a text that follows an organisation's name is a part of it: 大学院工学研究科, 総務部."""
    return bool(JAPANESE_UNIT.search(text))


def is_pure_unit(text: str) -> bool:
    """Whether a text names a unit and no organisation, such as 工学部 and 大学院理学研究科."""
    return bool(_PURE_UNIT.match(text)) and not LARGE_BODY.search(text.removeprefix("大学院"))
