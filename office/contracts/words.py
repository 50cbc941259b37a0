"""What the kinds of contracts are called on the command line."""

from collections.abc import Mapping

CONTRACT_WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {"nda": "秘密保持契約", "joint_research": "共同研究契約", "licence": "ライセンス契約"},
    "en": {
        "nda": "NDA",
        "joint_research": "Joint research contract",
        "licence": "Licence contract",
    },
}
