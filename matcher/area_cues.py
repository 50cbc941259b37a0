"""The cues by which a need's text shows its area, in both languages, with weights set by judgement.

A weight is what the cue adds to the log-odds of "competitive": +1.5 alone makes 82 %, -1.5 makes 18 %.
They weren't fitted: no collection says which area its needs are in. Strong cues (2 and more) name the
matter itself, such as exclusive rights; weak ones (below 1) go with it more often than not.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Cue:
    """A rule: its name, what it adds to the log-odds, and its patterns (normalised lower case)."""

    name: str
    weight: float
    japanese: re.Pattern[str]
    english: re.Pattern[str]


def _cue(name: str, weight: float, japanese: str, english: str) -> Cue:
    return Cue(name, weight, re.compile(japanese), re.compile(rf"\b(?:{english})"))


CUES = (
    _cue(
        "names-competitive",
        3.0,
        r"(?<!非)(?<!前)競争領域(?!では?な)",
        r"(?<!non-)(?<!pre-)competitive (?:area|domain|region)",
    ),
    _cue(
        "exclusive-rights",
        2.5,
        r"独占(?!禁止)|専用実施権|優先実施権",
        r"exclusiv(?:e|ity)\b.{0,20}\b(?:rights?|licen[cs]|agreement|use|contract|basis)|exclusivity\b"
        r"|sole (?:rights?|licen[cs]|use)",
    ),
    _cue(
        "secrecy",
        2.0,
        r"秘密保持|守秘|\bnda\b|社外秘|極秘|営業秘密|企業秘密|ノウハウ(?:を|の)(?:守|秘|流出)"
        r"|社名は(?:非公開|伏せ|出さ)|他社に知られ",
        r"trade secrets?|confidential|non-?disclosure|ndas?\b|proprietary|in secret|keep .{0,25}secret"
        r"|anonymously",
    ),
    _cue(
        "own-rights",
        1.5,
        r"特許(?:を|の|で)?(?:共同)?(?:出願|取得|取り|権利化|網|ポートフォリオ|戦略)|権利化|知的?財(?:産)?(?:権)?"
        r"(?:を|の)?(?:確保|取得|独占|保護|戦略|帰属)|共同出願|自社特許|他社特許|特許回避",
        r"(?:file|secure|obtain|hold|own|protect\w*) .{0,25}\bpatents?|patent (?:application|portfolio|"
        r"protection|filing|position)|patentable|patented|(?:own|secure|retain) .{0,20}intellectual "
        r"property|ip (?:ownership|rights)",
    ),
    _cue(
        "launch",
        1.5,
        r"発売|上市|市場投入|市場に投入|製品化|商品化|新製品|新商品|販売開始|売り出|事業化",
        r"launch\w* .{0,30}\b(?:product|service|model|line|brand|market)|(?:product|market|commercial) "
        r"launch|go-?to-?market|(?:bring|put|get)\w* .{0,30}\b(?:to|on the) market|commerciali[sz]"
        r"|new products?\b|on sale\b|time to market",
    ),
    _cue(
        "rivals",
        1.5,
        r"競合(?!する利益)|他社(?:より|との|製品|品|に先|を)|差別化|市場シェア|シェア(?:を|の)(?:拡大|奪|獲得)|競争力|優位(?:性|に)",
        r"competitors?\b|rivals?\b|market share|differentiat\w+ .{0,20}\b(?:our|ourselves|product|brand)"
        r"|competitive (?:advantage|edge)|ahead of other",
    ),
    _cue(
        "costs",
        1.0,
        r"(?:原価|コスト|単価|製造費|材料費)(?!.{0,6}(?:便益|構造の研究)).{0,12}(?:削減|低減|下げ|以下|半減|半分|抑え|割|円|目標)"
        r"|コストダウン|採算|利益率|歩留",
        r"cost (?:targets?|reduction|down|per unit)|unit costs?|(?:cut|reduc|lower|halv)\w* .{0,30}\b"
        r"(?<!computational )(?<!computation )(?<!training )costs?\b"
        r"|profit(?:s|able|ability)?\b|margins?\b|per (?:piece|unit)\b",
    ),
    _cue(
        "mass-production",
        1.5,
        r"量産|生産ライン|製造ライン|増産|生産性の?(?:向上|を)|月産|年産",
        r"mass[- ]produc|(?:production|manufacturing|assembly) lines?|(?:series|volume) production"
        r"|units (?:a|per) (?:month|year)",
    ),
    _cue(
        "own-product",
        1.0,
        r"(?:当社|自社|弊社|我が社)(?:の)?(?:主力|次期|次世代|独自|看板|の?新型|製品|商品|ブランド|技術|の装置)",
        r"our (?:own |main |flagship |next |new |best-selling )*(?:products?|brand|flagship|lineup"
        r"|catalogue)\b",
    ),
    _cue(
        "customers",
        0.8,
        r"(?:顧客|取引先|納入先|ユーザー企業)(?:から|の要求|の要望|の仕様|向け)|受注",
        r"customer (?:specification|requirement|order|demand)s?|our customers?|oems?\b",
    ),
    _cue(
        "names-non-competitive",
        -3.0,
        r"非競争領域|協調領域|競争前|プレコンペティティブ",
        r"non-?competitive|pre-?competitive",
    ),
    _cue(
        "publication",
        -2.0,
        r"共著|論文(?:として|を|に|で|化)?(?:共同で)?(?:公開|公表|発表|投稿|執筆|まとめ)|(?:成果|結果|データ)(?:は|を|も)?.{0,6}"
        r"(?:公開|公表|共有)|学会(?:で|に|へ)?(?:の)?(?:共同)?(?:発表|報告)|オープン(?:アクセス|ソース|データ|サイエンス)|誰でも使える",
        r"(?:joint|shared|open) (?:publication|paper|article)s?|co-?author|publish|open[- ](?:access|"
        r"source|data|science)|publicly available|made public|freely available|conference (?:paper|talk)s?",
    ),
    _cue(
        "basic-research",
        -1.5,
        r"基礎(?:的な)?(?:研究|科学|理論)|(?:原理|現象|機構|メカニズム|仕組み)(?:の|を)(?:解明|理解|明らか)|学術的|学理|真理",
        r"(?:basic|fundamental|curiosity-driven) (?:\w+ )?(?:research|science|stud|understanding|question)"
        r"|underlying mechanisms?|elucidat|blue[- ]sky|academic interest",
    ),
    _cue(
        "standards",
        -1.5,
        r"標準化|国際標準|業界標準|規格(?:化|づくり|作り|の?策定|案)|ガイドライン|共通(?:の)?(?:規格|仕様|指標|ルール|試験)|試験法の(?:統一|確立)",
        r"standardi[sz]|(?:international|industry|common|iso|jis) standards?|guidelines?\b|harmoni[sz]"
        r"|common (?:test|metric|specification|protocol)s?|interoperab",
    ),
    _cue(
        "survey",
        -1.0,
        r"(?:実態|動向|文献|意識|現状|現地|聞き取り|アンケート)(?:を|の)?調査|アンケート|白書|現状(?:を|の)把握",
        r"surveys?\b|questionnaires?\b|literature review|interviews? with|white paper|field stud(?:y|ies)",
    ),
    _cue(
        "consortium",
        -2.0,
        r"コンソーシアム|業界(?:全体|団体|共通|横断)|産学官|協議会|研究会|(?:各社|複数の?企業|数社|同業)(?:が|で|と|の)|共通基盤|組合",
        r"consorti|industry-wide|whole industry|(?:trade|industry) association|working group"
        r"|(?:several|multiple|many|with other) (?:companies|firms)|(?:shared|common) (?:platform|database)",
    ),
    _cue(
        "public-benefit",
        -1.0,
        r"社会(?:課題|貢献|的な課題)|公共|公益|自治体|地域(?:社会|住民|貢献|の(?:活性|課題|人))|sdgs|被災|防災|行政|住民|市民",
        r"public (?:good|benefit|interest|health|polic)|municipalit|local (?:communit|government|resident|"
        r"authorit)|societal|social (?:issue|problem|good)|sdgs|non-?profit|disaster|citizens?\b",
    ),
    _cue(
        "education",
        -1.5,
        r"人材(?:の)?育成|(?:教育|研修)(?:プログラム|講座|教材|の場|を|に)|講義|講座|出前授業|インターン|勉強会|学生(?:の|と|向け|を|が|に)|子ども(?:たち|向け)"
        r"|セミナー|学び直し",
        r"training (?:programme|program|course)s?|educat|curricul|internships?|endowed chair|students?\b"
        r"|lectures?\b|seminars?\b|school|teach",
    ),
    _cue(
        "shared-methods",
        -0.8,
        r"安全性の?評価|(?:評価|測定|試験|分析)(?:方法|手法|法)の(?:確立|共通|整備|比較)|環境(?:影響|負荷の評価)|リスク評価",
        r"safety (?:assessment|evaluation)|(?:reference|benchmark) (?:material|data|test)|environmental "
        r"(?:impact|assessment)|risk assessment|round[- ]robin",
    ),
)
