"""Who is who is told with an effort that grows with the people asked about, not with the catalogue."""

from catalogue.identity import entity_resolution
from catalogue.importers.registry import import_files
from catalogue.records.catalogue import open_catalogue
from tests.support.databases import new_sqlite

ASKED = 20
STEPS = 100  # of SQLite's machine at a time


def steps_with(works, put, folder):
    """Return how long SQLite works to compare the first people with their co-authors."""
    header = "researcher_id,name_en\n"
    people = "".join(f"r{n},Hana {letters(n)}\n" for n in range(works))
    seeds = "".join(f"s{n},paper,A work of number {n},r{n}\n" for n in range(works))
    with open_catalogue(new_sqlite(folder / f"{works}.sqlite")) as catalogue:
        import_files(catalogue, "general", [put(f"people{works}.csv", header + people)])
        seeds = "seed_id,kind,title,researcher_ids\n" + seeds
        import_files(catalogue, "general", [put(f"seeds{works}.csv", seeds)])
        count = 0

        def note() -> int:
            nonlocal count
            count += 1
            return 0

        with catalogue.reading() as connection:
            connection.connection.dbapi_connection.set_progress_handler(note, STEPS)
            asked = [f"r{n}" for n in range(ASKED)]
            assert entity_resolution._pairs_of_one_seed(connection, asked) == set()
            connection.connection.dbapi_connection.set_progress_handler(None, 0)
    return count


def letters(number):
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:05d}").title()


def test_co_authors_are_compared_without_reading_all_public_seeds(put, tmp_path):
    few, many = steps_with(200, put, tmp_path), steps_with(2_000, put, tmp_path)
    assert 0 < many < 2 * few
