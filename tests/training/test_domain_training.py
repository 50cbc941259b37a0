"""Learning the classifier of fields: made-up names with codes of the public classifications."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from enmusubi.errors import UnreadableFileError
from matcher.domains.taxonomy import load_taxonomy
from training.domain_examples import (
    COLUMNS,
    fterm_groups,
    kaken_nodes,
    label_kaken,
    read_examples,
    read_industries,
    read_sentences,
)
from training.domains import (
    Examples,
    choose_threshold,
    fit_domains,
    language_agreement,
    predict,
    report,
)

KAKEN_COLUMNS = (
    "table,valid_from,valid_to,path,parent_path,depth,code_nii,code_mext,name_ja,name_en"
)
KAKEN = f"""{KAKEN_COLUMNS}
saimoku,2014-04-01,,000900,,1,900,,虫歯の学,Toothology
saimoku,2014-04-01,,000900000901,000900,2,901,8401,入れ歯の学(A),False teeth (A)
saimoku,2014-04-01,,000900000902,000900,2,902,8402,歯ぐきの学,Gums
saimoku,1985-04-01,,000910,,1,910,9999,歯ぐきの学,Gums
saimoku,2014-04-01,,000920,,1,920,1102,算譜の学,Programs
saimoku,1985-04-01,,000930,,1,930,7777,なぞの学,Riddles
zantei_bunya,2017-04-01,2018-03-31,003049,,1,3049,05,おきての学およびその関連分野,Rules and related fields
"""
IPC = """code,level,dots,title_en
A,section,,NEEDS
A61C,subclass,,TOOTH DRILLS (drills in general B23B)
A61C 1/00,group,0,Small drills
A61C 1/02,group,1,Very small drills
"""
FTERM = """theme,name_ja,fi_range,deactivated,has_fterms,type,from,to
4C052,歯の削り機,A61C1/00-1/18,0,1,F,,
4J002,樹脂の混ぜもの,C08L1/00,0,1,F,,
"""
JSIC = """code,level,parent,name_ja,name_en
09,middle,E,食べ物づくり,MAKING FOOD
090,minor,09,帳簿係,OFFICES ENGAGED IN ADMINISTRATIVE OR ANCILLARY ACTIVITIES
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"kaken_fields": KAKEN, "ipc_titles": IPC, "fterm_themes": FTERM, "jsic": JSIC}
    for name, content in files.items():
        (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress(content.encode()))
    return tmp_path


def test_names_get_the_field_of_their_code_of_their_twin_or_of_all_below_them(folder):
    frame = pd.read_csv(folder / "kaken_fields.csv.gz", dtype=str, keep_default_na=False)
    labelled = label_kaken(frame).set_index("code_nii")["field"].dropna().to_dict()
    assert labelled == {
        "900": "dentistry",
        "901": "dentistry",
        "902": "dentistry",
        "910": "dentistry",
        "920": "computing",
        "3049": "law",
    }


def test_examples_are_plain_names_in_both_languages(folder):
    examples = read_examples(folder)
    assert tuple(examples.columns) == COLUMNS
    names = examples[~examples["source"].isin(["own", "made-up"])]
    assert set(names["text"]) >= {
        "入れ歯の学",
        "False teeth",
        "Tooth drills",
        "おきての学",
        "Rules",
    }
    assert "Very small drills" not in set(names["text"])
    assert set(examples["field"]) == set(load_taxonomy().ids)
    assert set(read_industries(folder)["text"]) == {"食べ物づくり", "MAKING FOOD"}


def test_every_field_has_a_made_up_sentence_in_each_language():
    sentences = read_sentences()
    assert sentences.groupby("language").size().to_dict() == {
        "en": len(load_taxonomy().ids),
        "ja": len(load_taxonomy().ids),
    }
    assert sentences["text"].is_unique


def test_tables_of_codes_hold_numbers_and_fields_alone(folder):
    assert kaken_nodes(folder)["dentistry"] == [900, 901, 902, 910]
    assert fterm_groups(folder) == {"4C": "dentistry", "4J": "polymers-textiles"}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableFileError, match="kaken_fields"):
        read_examples(tmp_path)


@pytest.fixture(scope="module")
def made_up_examples() -> Examples:
    """Eight texts a field around a direction of its own, four in each language."""
    ids = load_taxonomy().ids
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((len(ids), 128))
    rows, vectors = [], []
    for i, field in enumerate(ids):
        for copy in range(8):
            language, item = ("ja", "en")[copy % 2], f"{field}{copy // 2}"
            rows.append((f"{item}{language}", language, field, "kaken", item, item, "passage"))
            vectors.append(directions[i] + 0.5 * rng.standard_normal(128))
    table = pd.DataFrame(rows, columns=[*COLUMNS, "role"])
    found = np.array(vectors)
    return Examples(table, found / np.linalg.norm(found, axis=1, keepdims=True))


def test_what_can_be_told_apart_is_learnt_and_its_probability_is_sound(made_up_examples):
    domains, held_out = fit_domains(made_up_examples)
    assert held_out["correct"].mean() > 0.95
    assert domains.decide(made_up_examples.vectors[:1]) == [domains.ids[0]]
    assert abs(held_out["probability"].mean() - held_out["correct"].mean()) < 0.1
    figures = report(predict(domains, made_up_examples), domains.threshold)
    assert figures.loc[("kaken", "ja", "passage"), "accuracy"] > 0.95
    assert language_agreement(held_out) > 0.95


def test_the_threshold_is_where_four_of_five_are_right():
    probability = pd.Series([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    correct = pd.Series([True, True, True, False, True, False])
    everything = np.ones(6)
    assert choose_threshold(probability, correct, everything) == 0.5
    assert choose_threshold(probability, ~correct, everything * 0 + [1, 1, 1, 0, 0, 0]) == 1.0
