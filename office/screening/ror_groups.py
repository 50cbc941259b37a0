"""Groups of companies as ROR knows them: the relations `parent` and `child` of a dump in JSON."""

from collections.abc import Iterator, Mapping

from catalogue.importers.reading.json_files import Json, objects_in, text_in
from catalogue.importers.ror import KINDS, read_organisation

PARENT, CHILD = "parent", "child"
COMPANY = KINDS["company"]


def group_pairs(organisation: Json) -> Iterator[Mapping[str, str]]:
    """Yield parent and child of each relation of a company, by names; nothing of other organisations."""
    drafts = read_organisation(organisation).drafts
    values = drafts[-1].values if drafts else {}
    name = str(values.get("name_en") or values.get("name_ja") or "")
    if not name or values.get("kind") != COMPANY:
        return
    for relation in objects_in(organisation, "relationships"):
        kind, other = text_in(relation.get("type")).casefold(), text_in(relation.get("label"))
        if kind == PARENT:
            yield {PARENT: other, CHILD: name}
        elif kind == CHILD:
            yield {PARENT: name, CHILD: other}
