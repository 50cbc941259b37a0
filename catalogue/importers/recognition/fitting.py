"""How well a column fits a role: by its name, by its values, and by what speaks against it."""

import re

from catalogue.importers.recognition.headers import nearness, plain, without_script
from catalogue.importers.recognition.layout import Label
from catalogue.importers.recognition.roles import LEFT_OUT, PEOPLE, ROLES, Role
from catalogue.importers.recognition.values_seen import Seen

SAME = 0.99  # a name that is one of the role's
_EXACTLY, _TOGETHER = (
    0.15,
    0.02,
)  # what such a name adds, and what one adds that is so with its group
_BY_NAME, _BY_VALUES = 0.65, 0.35
_VETO = 0.3  # of what a column must hold
_CLEAR = 0.8  # the share of values that tells a role without a name
_UNFILLED = 0.9
_ALONE = {  # roles that values alone can tell, and how surely
    "email": 0.6, "orcid": 0.6, "doi": 0.6, "kana": 0.55, "position": 0.5, "name": 0.43, "department": 0.43,
    "application": 0.55, "posted_on": 0.43, "budget": 0.0, "page": 0.43, "url": 0.43, "extension": 0.43,
}  # fmt: skip
_BY_SCRIPT = 0.97  # of the nearness of the rest of a name
_OF_SCRIPT = {  # in which script the names of a role are, and how its columns are called without that
    "name": ("ja", "name"), "family": ("ja", "family"), "given": ("ja", "given"), "kana": ("kana", "name"),
    "family_kana": ("kana", "family"), "given_kana": ("kana", "given"), "name_en": ("en", "name"),
    "family_en": ("en", "family"), "given_en": ("en", "given"),
}  # fmt: skip
_COUNTED = frozenset({"number", "docket", "erad", "person_number", "year", "extension"})
_CODED = frozenset({
    "number", "docket", "erad", "person_number", "orcid", "researchmap", "need_id", "researcher_id",
    "doi", "ipc", "kind", "area",
})  # fmt: skip
_FLAGS = frozenset({
    "visibility", "confidentiality", "status", "verdict", "stage", "area", "kind", "reason",
})  # fmt: skip
_CODE = re.compile(r"(?:コード|(?<=[一-龠])cd|[a-z]code)$")


def score_of(label: Label, seen: Seen, name: str, role: Role) -> float:
    """Return how well a column fits a role, from 0: by its name, its values, or both."""
    by_name = max((_named(reading, name, role) for reading in label.readings), default=0.0)
    left_out = max((nearness(reading, LEFT_OUT) for reading in label.readings), default=0.0)
    if _cannot_be(label, seen, name, role) or left_out > by_name:
        return 0.0
    by_values = seen.share(role.looks)
    if not by_name:
        is_year = name == "extension" and seen.share("year") >= _CLEAR
        return _ALONE.get(name, 0.0) if by_values >= _CLEAR and not is_year else 0.0
    if not seen.filled:
        return by_name * _UNFILLED
    together = max((nearness(reading, role.names) for reading in label.readings[1:]), default=0.0)
    bonus = (_TOGETHER if together >= SAME else 0.0) + (_EXACTLY if by_name >= SAME else 0.0)
    return _BY_NAME * by_name + _BY_VALUES * by_values + bonus


def _named(reading: str, name: str, role: Role) -> float:
    """Return how near a column's name is to a role's: 教員氏名（英字） is a name, in English."""
    near = nearness(reading, role.names)
    if role is not ROLES[PEOPLE].get(name) or name not in _OF_SCRIPT or near >= SAME:
        return near
    script, base = _OF_SCRIPT[name]
    rest, said = without_script(reading)
    if not said:
        return near
    if said != script:
        return near * _BY_SCRIPT * _BY_SCRIPT
    return max(near, _BY_SCRIPT * nearness(rest, ROLES[PEOPLE][base].names))


def _cannot_be(label: Label, seen: Seen, name: str, role: Role) -> bool:
    """Whether a role is out of question: of codes, of yes and no, of another's people, of a count of rows."""
    if _is_code(label) and name not in _CODED:
        return True
    if seen.share("flag") >= _CLEAR and name not in _FLAGS:
        return True
    if name == "manager" and seen.share("guest") > _VETO:  # 山本様 is of the company
        return True
    lacks = bool(seen.filled and role.must and seen.share(role.must) < _VETO)
    return lacks or (seen.is_running and name in _COUNTED)


def _is_code(label: Label) -> bool:
    """Whether a column is said to hold codes of something: 部局コード, 職種CD."""
    return any(
        _CODE.search(text) and not text.startswith("担当")  # 担当CD is a coordinator
        for text in map(plain, label.readings)
    )
