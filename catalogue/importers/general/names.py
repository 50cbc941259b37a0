"""A person's names in a record: spellings in several scripts in one field go to the columns of theirs."""

from catalogue.identity.name_spellings import columns_of, spellings
from catalogue.importers.values import LIST_SEPARATOR
from catalogue.records.drafts import Value
from enmusubi.language import LOST_LETTER

NAMES = ("name_ja", "name_kana", "name_en")


def spread_names(parsed: dict[str, Value]) -> None:
    """Take names that hold several spellings apart, in place; those without a column are aliases.

    A column that has a name of its own keeps it.
    """
    for column in NAMES:
        text = str(parsed.get(column) or "")
        found = spellings(text) if LOST_LETTER not in text else []
        if len(found) < 2:  # one spelling stays as it is written
            continue
        columns, others = columns_of(found)
        own = columns.pop(column, None)
        parsed.pop(column)
        if own:
            parsed[column] = own
        for other, name in columns.items():
            if parsed.setdefault(other, name) != name:
                others.append(name)
        listed = [*filter(None, str(parsed.get("aliases") or "").split(LIST_SEPARATOR)), *others]
        if listed:
            parsed["aliases"] = LIST_SEPARATOR.join(dict.fromkeys(listed))
