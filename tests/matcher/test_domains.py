"""Fields of research: the list, what codes say; what a classifier says."""

import json
from pathlib import Path

import numpy as np
import pytest

from enmusubi.errors import StorageError
from enmusubi.language import detect_language
from matcher.centring import centre, centred_as_shipped
from matcher.domains import classifier
from matcher.domains.classifier import Domains
from matcher.domains.taxonomy import field_of_code, load_taxonomy
from matcher.encoder.encoder import PASSAGE, unit

FIELDS = load_taxonomy().fields
DATA = Path(classifier.__file__).parent


def test_every_field_has_both_languages_and_an_id_of_its_own():
    assert 40 <= len(FIELDS) <= 70
    assert len({field.id for field in FIELDS}) == len(FIELDS)
    for field in FIELDS:
        for text in (field.name_ja, field.about_ja):
            assert detect_language(text) == "ja", field.id
        for text in (field.name_en, field.about_en):
            assert text.isascii() and len(text) > 2, field.id
    for names in ([f.name_ja for f in FIELDS], [f.name_en for f in FIELDS]):
        assert len(set(names)) == len(names)


def test_every_field_is_in_a_group_and_every_group_has_fields():
    groups = load_taxonomy().groups
    assert {field.group for field in FIELDS} == {group.id for group in groups}
    assert len({group.id for group in groups}) == len(groups)
    assert all(group.name_ja and group.name_en for group in groups)


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("ipc:C08L 1/02", "polymers-textiles"),
        ("ipc:c08l", "polymers-textiles"),
        ("ipc:A61K 6/80", "dentistry"),
        ("ipc:A61K 61/00", "pharmacy"),
        ("fi:G06N 3/08@A", "artificial-intelligence"),
        ("fterm:4J002AB01", "polymers-textiles"),
        ("kaken:26030", "metals-composites"),
        ("kaken:26020", "inorganic-materials"),
        ("kaken:57", "dentistry"),
        ("kaken:1257", "surgery"),
        ("kaken:1", None),
        ("ipc:Z99", None),
        ("openalex:T10123", None),
        ("made-up:7", None),
        ("", None),
    ],
)
def test_a_code_stands_for_a_field_or_for_none(code, field):
    assert field_of_code(code) == field


def test_every_field_that_a_code_stands_for_is_in_the_list():
    ids = {field.id for field in FIELDS}
    codes = json.loads((DATA / "codes.json").read_text("utf-8"))
    for table in (*codes.values(), json.loads((DATA / "fterm_groups.json").read_text("utf-8"))):
        assert set(table.values()) <= ids
    assert set(json.loads((DATA / "kaken_nodes.json").read_text("utf-8"))) == ids


def test_the_shipped_files_are_small_and_hold_codes_without_names():
    assert sum(path.stat().st_size for path in DATA.glob("*.npz")) < 300_000
    for name in ("codes", "fterm_groups", "kaken_nodes"):
        assert (DATA / f"{name}.json").read_text("utf-8").isascii()


def made_up_domains() -> Domains:
    ids = load_taxonomy().ids
    weights = np.zeros((len(ids), 4))
    weights[0, :3], weights[1, :3] = (50, 0, 0), (0, 50, 0)
    return Domains(ids, weights, temperature=1.0, threshold=0.6)


def test_a_text_near_a_field_has_it_and_one_between_two_is_unsure():
    domains = made_up_domains()
    vectors = np.array([[1, 0, 0], [0, 1, 0], [0.7, 0.7, 0], [0, 0, 0]], dtype=np.float32)
    assert domains.decide(vectors) == [domains.ids[0], domains.ids[1], None, None]
    probabilities = domains.probabilities(vectors)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_allclose(probabilities[3], 1 / len(domains.ids))


def test_no_texts_have_no_fields():
    domains = made_up_domains()
    assert domains.decide(np.zeros((0, 3))) == []
    assert domains.probabilities(np.zeros((0, 3))).shape == (0, len(domains.ids))


def test_a_saved_classifier_says_the_same(tmp_path):
    domains = made_up_domains()
    domains.save(tmp_path / "c.npz", "0123456789abcdef")
    loaded = Domains.load("0123456789abcdef", tmp_path / "c.npz")
    vectors = np.eye(3)
    np.testing.assert_allclose(loaded.probabilities(vectors), domains.probabilities(vectors))
    assert (loaded.usable, loaded.threshold) == (True, 0.6)


def test_with_another_encoder_everything_is_unsure(tmp_path):
    made_up_domains().save(tmp_path / "c.npz", "0123456789abcdef")
    domains = Domains.load("another", tmp_path / "c.npz")
    assert not domains.usable
    assert domains.decide(np.eye(3)) == [None] * 3
    np.testing.assert_allclose(domains.probabilities(np.eye(3)), 1 / len(domains.ids))
    with pytest.raises(ValueError, match="without weights"):
        domains.save(tmp_path / "d.npz", "another")


def test_a_damaged_classifier_says_what_to_do(tmp_path):
    (tmp_path / "c.npz").write_bytes(b"no such thing")
    with pytest.raises(StorageError, match="fit_domains"):
        Domains.load("any", tmp_path / "c.npz")


def test_a_field_has_a_name_in_each_language():
    domains = made_up_domains()
    assert domains.name("dentistry", "ja") == "歯科"
    assert domains.name("dentistry", "en") == "Dentistry"


def test_a_catalogues_centre_is_exchanged_for_the_shipped_one():
    rng = np.random.default_rng(0)
    raw = unit(rng.standard_normal((6, 8)).astype(np.float32) + 2)
    languages = ["ja", "en"] * 3
    own = {f"passage_{name}": raw[i::2].mean(axis=0) for i, name in enumerate(("ja", "en"))}
    shipped = {name: mean * 0.5 for name, mean in own.items()}
    changed = centred_as_shipped(
        centre(raw, languages, PASSAGE, own), languages, PASSAGE, own, shipped
    )
    np.testing.assert_allclose(changed, centre(raw, languages, PASSAGE, shipped), atol=1e-5)
    assert not centred_as_shipped(np.zeros((1, 8)), ["ja"], PASSAGE, own, shipped).any()
