"""Legal forms of organisations, which are no part of their names: 国立大学法人, 株式会社, Co., Ltd. …"""

JAPANESE_FORMS = (
    r"(?:国立|公立)大学法人|学校法人|準学校法人|大学共同利用機関法人|(?:国立|特定国立)研究開発法人|(?:地方)?独立行政法人"
    r"|(?:公益|一般|特例)?(?:財団|社団)法人|(?:社会|特定|特別)?医療法人(?:社団|財団)?|社会福祉法人|宗教法人"
    r"|特定非営利活動法人|認定?NPO法人|NPO法人|特殊法人|認可法人|(?:株式|有限|合同|合資|合名|相互)会社"
    r"|\((?:株|有|同|資|名|独|地独|国研|国|公|大|学|財|社|医|公財|一財|公社|一社|福|特非)\)"
)
PUBLIC_BODY_FORMS = (  # forms that nobody writes as a part of the name
    r"(?:国立|公立)大学法人|準?学校法人|大学共同利用機関法人|(?:特定)?国立研究開発法人|(?:地方)?独立行政法人"
    r"|\((?:独|地独|国研|国|公|大|学)\)"
)
_LATIN_FORM_WORDS_LIST = """
inc incorporated corp corporation co company ltd limited llc llp kk gk gmbh plc ag sa bv nv ab oy
spa pty pte
"""
LATIN_FORM_WORDS = frozenset(_LATIN_FORM_WORDS_LIST.split())
LATIN_PUBLIC_FORMS = (  # of several words, before or after the name
    r"(?:national|public|prefectural) university corporation|nat(?:l\.?|\.)? univ\.? corp\.?"
    r"|(?:national|local)? ?(?:incorporated administrative|independent administrative) (?:agency|institution)"
    r"|national research and development agency|inter-?university research institute corporation"
    r"|(?:general|public interest)? ?incorporated (?:foundation|association)|kabushiki[ -]?kaisha"
    r"|(?:incorporated )?educational (?:institution|corporation|foundation)"
)
