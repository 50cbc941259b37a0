"""Leads affiliations to organisations that the catalogue knows, and gives what is left as a department."""

from dataclasses import replace

from catalogue.identity.affiliations import Workplace, read_affiliation
from catalogue.identity.organisation_names import organisation_keys
from catalogue.records.drafts import (
    ORGANISATIONS,
    RESEARCHERS,
    Draft,
    PrintedAffiliation,
    Value,
    organisation_id,
)
from catalogue.records.lookups import Lookups
from enmusubi.language import JAPANESE, detect_language


class Places:
    """What the affiliations of one batch turned out to name: the first draft that has one decides.

    So the organisation that is made of an affiliation and the person who works there agree, although
    the organisation is known by then.
    """

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups
        self._found: dict[PrintedAffiliation, Workplace | None] = {}
        self._seen: dict[int, tuple[PrintedAffiliation, Workplace | None]] = {}

    def settled(self, draft: Draft) -> Draft:
        """Return a draft with the organisation that is known in place of the one that was guessed.

        An organisation that came with an id keeps it: the id says more than words do.
        """
        printed = draft.affiliation
        if not printed:
            return draft
        place = self._place(printed)
        return _placed(draft, printed, place) if place else draft

    def _place(self, printed: PrintedAffiliation) -> Workplace | None:
        # Most drafts of one place share one object, which is found faster than by what stands in it.
        if seen := self._seen.get(id(printed)):
            return seen[1]
        if printed not in self._found:
            self._found[printed] = known_place(printed, self._lookups)
        self._seen[id(printed)] = printed, self._found[printed]
        return self._found[printed]


def known_place(printed: PrintedAffiliation, lookups: Lookups) -> Workplace | None:
    """Return the known organisation and the unit that an affiliation names, or None.

    None, too, where it is what the words alone told: it is found by its name, and keeps the id under
    which it came when nobody knew it.
    """
    guessed = {key for name in printed.names for key in organisation_keys(name, "")}
    for text in printed.texts:
        place, owners = lookups.places(read_affiliation(text))
        if owners:
            return None if guessed & organisation_keys(place.organisation, "") else place
    return None


def _placed(draft: Draft, printed: PrintedAffiliation, place: Workplace) -> Draft:
    values: dict[str, Value] = dict(draft.values)
    if values.get("organisation_id") == printed.guessed_id:
        values["organisation_id"] = organisation_id(place.organisation)
        if draft.table == ORGANISATIONS:
            values |= _sided("name", place.organisation)
    if draft.table == RESEARCHERS and printed.takes_department and place.department:
        values |= _sided("department", place.department)
    return replace(draft, values=values)


def _sided(field: str, text: str) -> dict[str, Value]:
    """Return the text under the column of its language, the other one empty."""
    sides = f"{field}_ja", f"{field}_en"
    own = sides[detect_language(text) != JAPANESE]
    return {side: text if side == own else None for side in sides}
