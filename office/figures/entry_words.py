"""What kinds of entries are called in both languages, in files and on pages."""

from catalogue.database.figure_models import (
    CONTRACT,
    INDIRECT,
    INVESTMENT,
    JOINT_PATENT,
    LICENCE,
    REVENUE,
)
from office.cases.case_words import Words

ENTRY_WORDS: Words = {
    "ja": {
        REVENUE: "共創収益", CONTRACT: "契約額", INDIRECT: "間接経費収入",
        LICENCE: "ライセンス収入", INVESTMENT: "民間投資", JOINT_PATENT: "共同出願特許",
    },
    "en": {
        REVENUE: "Co-created revenue", CONTRACT: "Contract amount", INDIRECT: "Indirect income",
        LICENCE: "Licence income", INVESTMENT: "Private investment", JOINT_PATENT: "Joint patents",
    },
}  # fmt: skip
