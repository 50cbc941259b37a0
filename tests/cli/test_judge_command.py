"""`enmusubi judge`, and what `match` notes: by command, by file, listed for people and programs."""

import json

import pytest
from sqlalchemy import select

from catalogue.records.catalogue import open_catalogue
from catalogue.records.drafts import NEEDS, RESEARCHERS, SEEDS, Draft
from cli import wiring
from cli.main import run
from cli.wiring import operator
from office.access.audit import ENTRY

pytestmark = pytest.mark.exhaustive("postgresql")  # its SQL is the same on both

HUSHED = "a zeppelin that picks ripe fruit"


@pytest.fixture
def url(catalogue_url):
    """A catalogue with two people and a need, once of each kind of database."""
    people = [Draft(RESEARCHERS, {"researcher_id": f"r{n}", "name_en": f"P {n}"}) for n in (1, 2)]
    texts = {"r1": "Soft fingers pick ripe fruit.", "r2": "薄膜の欠陥を光で検査する。"}
    seeds = [
        Draft(SEEDS, {"seed_id": f"s-{who}", "kind": "paper", "text": text}, people=(who,))
        for who, text in texts.items()
    ]
    need = Draft(NEEDS, {"need_id": "n1", "text": HUSHED})
    with open_catalogue(catalogue_url) as catalogue:
        catalogue.write([*people, *seeds, need], source="office")
    return catalogue_url


@pytest.fixture
def enmusubi(url, tmp_path, monkeypatch, capsys, word_encoder):
    """A function that runs a command on that catalogue: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENMUSUBI_DATABASE_URL", url)
    monkeypatch.setenv("ENMUSUBI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ENMUSUBI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(wiring, "encoder_of", lambda settings: word_encoder)

    def call(*arguments):
        code = run(arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def judged(enmusubi, *options):
    return json.loads(enmusubi("judge", "--list", "--json", *options)[1])


def test_a_match_is_judged_at_the_rank_at_which_it_was_shown(enmusubi, url):
    assert enmusubi("index")[0] == 0
    assert enmusubi("match", HUSHED)[0] == 0
    assert enmusubi("match", "--need", "n1", "--top", "2", "--json")[0] == 0
    with open_catalogue(url) as catalogue:
        assert catalogue.counts()["shown_lists"] == 1  # the text is no need of the catalogue
    code, out, _ = enmusubi("judge", "n1", "r1", "--stage", "NDA", "--by", "mori")
    assert (code, out) == (0, "Recorded: r1 for n1, last shown at rank 1.\n")
    assert enmusubi("judge", "n1", "r1", "--suitable", "--by", "mori")[1].startswith("Known alr")
    (row,) = judged(enmusubi)
    assert (row["verdict"], row["stage"], row["rank"], row["list_id"]) == ("suitable", "nda", 1, 1)
    assert row["judged_at"].endswith("Z")


def test_who_judges_by_command_stands_in_the_trail(enmusubi, url):
    for _ in range(2):  # what is known already is no change
        enmusubi("judge", "n1", "r1", "--suitable", "--by", "mori")
    with open_catalogue(url) as catalogue, catalogue.reading() as connection:
        rows = connection.execute(select(ENTRY)).mappings().all()
    [(actor, action, need_id)] = [(r["actor"], r["action"], r["object_id"]) for r in rows]
    assert (actor, action, need_id) == (operator().owner, "judge", "n1")


def test_judgements_are_listed_by_need_and_with_those_that_were_superseded(enmusubi):
    enmusubi("judge", "n1", "r1", "--suitable")
    assert enmusubi("judge", "n1", "r1", "--not-suitable", "too-early", "--json")[0] == 0
    enmusubi("judge", "n1", "r2", "--stage", "dialogue")
    out = enmusubi("judge", "--list")[1]
    assert "n1  r1  not suitable (too early), 20" in out
    assert "n1  r2  suitable, dialogue, 20" in out
    assert "2 judgements." in out
    assert "3 judgements." in enmusubi("judge", "--history")[1]
    assert len(judged(enmusubi, "n1", "r2")) == 1
    assert judged(enmusubi, "n9") == []


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["n1", "r1"], 2, "Give --suitable, --not-suitable REASON or --stage STAGE"),
        (["n1", "r1", "--suitable", "--not-suitable", "conflict"], 2, "Give --suitable"),
        (["n1", "r1", "--suitable", "--list"], 2, "Give --suitable"),
        (["n1", "--suitable"], 2, "needs the ids of a need and of a researcher"),
        (["n1", "r1", "--not-suitable", "bad luck"], 1, "reason: not one of too_early"),
        (["n1", "r1", "--stage", "lunch"], 1, "stage: not one of discovery"),
        (["n9", "r1", "--suitable"], 1, "only needs of the catalogue can be judged"),
        (["n1", "r9", "--suitable"], 1, "No researcher has the id 'r9'"),
        (["--import", "nowhere.csv"], 1, "There is no file nowhere.csv"),
    ],
)
def test_what_cannot_be_recorded_says_why(enmusubi, arguments, code, told):
    found, _, err = enmusubi("judge", *arguments)
    assert found == code
    assert told in " ".join(err.replace("│", " ").split())


GOOD_AND_BAD = """need_id,researcher_id,verdict,reason,stage,judged_by,judged_at
n1,r1,Suitable,,,森,2031/04/01
n1,r2,not suitable,Wrong field,,mori,2020-04-02 13:05
n1,r2,not suitable,,,mori,
n1,,suitable,,,,
n9,r1,suitable,,,,
n1,r9,suitable,,,,
n1,r1,a zeppelin,,,,
n1,r1,,,nda,,1 Abril
n1,r1,suitable,,,,2020-04-02 25:05
n1,r1,,,,,
n1,r1,suitable,,,,2020-04-02,a,b
n1,r1,,,nda,,R2.4.3
"""
FAULTS = [
    (2, "judged_at", "in the future"),
    (4, "reason", "missing; why not suitable?"),
    (5, "researcher_id", "missing"),
    (6, "need_id", "No need has the id 'n9'"),
    (7, "researcher_id", "No researcher has the id 'r9'"),
    (8, "verdict", "not one of suitable, not_suitable"),
    (9, "judged_at", "not a date such as"),
    (10, "judged_at", "not a time such as"),
    (11, "verdict", "neither a verdict"),
    (12, "", "9 cells, the header has 7"),
]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_a_files_good_rows_go_in_and_the_others_are_named(enmusubi, tmp_path, encoding):
    (tmp_path / "judged.csv").write_bytes(GOOD_AND_BAD.encode(encoding))
    code, out, _ = enmusubi("judge", "--import", "judged.csv", "--json")
    report = json.loads(out)
    assert (code, report["read"], report["added"], report["unchanged"]) == (0, 12, 2, 0)
    told = [(r["row"], r["field"], r["reason"]) for r in report["rejections"]]
    assert [fault[:2] for fault in told] == [fault[:2] for fault in FAULTS]
    for (_, _, reason), (_, _, expected) in zip(told, FAULTS, strict=True):
        assert expected in reason
    assert "zeppelin" not in out
    rows = {row["researcher_id"]: row for row in judged(enmusubi)}
    assert (rows["r1"]["stage"], rows["r1"]["origin"]) == ("nda", "file")
    assert rows["r1"]["judged_at"].startswith("2020-04-0")
    assert (rows["r2"]["reason"], rows["r2"]["judged_by"]) == ("wrong_field", "mori")


def test_the_same_file_twice_changes_nothing(enmusubi, tmp_path):
    (tmp_path / "judged.csv").write_text(GOOD_AND_BAD, "utf-8")
    enmusubi("judge", "--import", "judged.csv")
    before = judged(enmusubi, "--history")
    out = enmusubi("judge", "--import", "judged.csv")[1]
    assert "12 rows read: 0 judgements added, 2 known already, 10 rejected." in out
    assert "  judged.csv, row 5, researcher_id: missing" in out
    assert judged(enmusubi, "--history") == before


def test_a_file_of_which_nothing_can_be_taken_fails(enmusubi, tmp_path):
    (tmp_path / "judged.csv").write_text("need_id,researcher_id,verdict\nn9,r1,suitable\n", "utf-8")
    assert enmusubi("judge", "--import", "judged.csv")[0] == 1


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("need_id,verdict", "no column researcher_id"),
        ("need_id,researcher_id,reason", "no column verdict (or stage)"),
        ("need_id,researcher_id,verdict,text", "columns that judgements don't have: text"),
    ],
)
def test_columns_that_are_missing_or_strange_are_named(enmusubi, tmp_path, header, told):
    (tmp_path / "judged.csv").write_text(f"{header}\nn1,r1,suitable,x\n", "utf-8")
    code, _, err = enmusubi("judge", "--import", "judged.csv")
    assert code == 1
    assert told in err


def test_the_doctor_counts_judgements(enmusubi):
    enmusubi("judge", "n1", "r1", "--suitable")
    assert "0 shown lists, 1 judgements" in enmusubi("doctor")[1]
