"""Whose seed it is: the people that its records name, and what each of them chose to do with it."""

from collections.abc import Mapping, Sequence

from catalogue.records.lookups import Lookups
from catalogue.records.source_records import SourceRecord
from catalogue.records.survivorship import by_precedence
from matcher.records import REPRESENTATIVE

People = dict[
    str, str
]  # researcher → their choice (representative, withdrawn or nothing), in order


def resolve_authorship(
    records: Sequence[SourceRecord], lookups: Lookups, choices: Mapping[tuple[str, str], str]
) -> People:
    """Return the researchers of a seed, those of the winning record first; unknown ones are left out.

    `choices` are the decisions by hand, by home ids of researcher and seed; they beat what sources
    say.
    """
    # Three passes, weakest first. Sources add up to one list of people: a copy that names fewer authors
    # takes none away. A source's choice, and above it a decision by hand, says something only of people
    # who are named; so neither can make someone an author.
    ordered = by_precedence(records)
    people: People = {}
    for record in ordered:
        for reference in record.people:
            if person := lookups.person(reference):
                people.setdefault(person, "")
    for record in ordered:
        for reference in record.chosen_by:
            person = lookups.person(reference)
            if person in people:
                people[person] = REPRESENTATIVE
    # Decisions are kept by home ids, which never change: they follow seeds and people through every
    # join and its undoing.
    homes = {record.home_id for record in records}
    for (researcher_id, seed_id), choice in sorted(choices.items()):
        person = lookups.person(researcher_id)
        if seed_id in homes and person in people:
            people[person] = choice
    return people
