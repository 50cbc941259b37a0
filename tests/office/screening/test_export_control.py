"""What touches the export control lists is found, with its item, its sentence and what to ask."""

import json
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from enmusubi.errors import StorageError
from matcher.domains.taxonomy import load_taxonomy
from office.screening.export_control import (
    ASK,
    IPC,
    MARGIN,
    MARGIN_IN_FIELD,
    NOTE,
    VECTOR,
    WORDS,
    ExampleVectors,
    ExportControlFinding,
    ScreenedText,
    export_control_findings,
)
from office.screening.export_control_topics import load_topics

NEEDS = Path(__file__).parents[2] / "quality" / "export_control_needs.jsonl"
JAPANESE = "人手が足りません。防弾チョッキに使う軽い繊維を探しています。費用は相談できます。"


def found(text: str, **values: object) -> dict[str, ExportControlFinding]:
    findings = export_control_findings([ScreenedText(text, **values)])  # type: ignore[arg-type]
    return {finding.topic_id: finding for finding in findings}


def needs(half: str) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in NEEDS.read_text("utf-8").splitlines()]
    return [row for row in rows if row["half"] == half]


@pytest.mark.parametrize("half", ["development", "held-out"])
def test_nineteen_of_twenty_listed_needs_show_their_item_and_few_others_are_flagged(
    half: str,
) -> None:
    listed, others, right, alarms = 0, 0, 0, 0
    for row in needs(half):
        flags = [one for one in found(str(row["text"])).values() if one.level == ASK]
        shown = {item for flag in flags for item in flag.items}
        if row["items"]:
            listed += 1
            right += set(row["items"]) <= shown  # type: ignore[call-overload]
        else:
            others += 1
            alarms += bool(flags)

    assert right / listed >= 0.95
    assert alarms / others <= 0.1


def test_a_hundred_needs_of_both_languages_cover_every_item_in_both_halves() -> None:
    halves = {half: needs(half) for half in ("development", "held-out")}
    rows = [row for half in halves.values() for row in half]

    assert Counter(bool(row["items"]) for row in rows) == {True: 50, False: 50}
    for half in halves.values():
        assert {row["language"] for row in half} == {"ja", "en"}
        assert {item.id for item in load_topics().items} == {
            item
            for row in half
            for item in row["items"]  # type: ignore[attr-defined]
        }


def test_the_finding_names_the_sentence_and_what_to_ask() -> None:
    finding = found(JAPANESE)["armour"]

    assert JAPANESE[finding.start : finding.end] == "防弾チョッキに使う軽い繊維を探しています。"
    assert finding.sentence == JAPANESE[finding.start : finding.end]
    assert finding.items[0] == "1" and finding.found_by == (WORDS,) and finding.terms == ("防弾",)
    assert {"classification", "transaction", "end-use", "end-user", "public-knowledge"} <= set(
        finding.checklist
    )
    assert {"basic-research", "people"} <= set(finding.checklist)


def test_the_text_never_stands_in_what_is_logged() -> None:
    text = ScreenedText(JAPANESE)
    (finding,) = export_control_findings([text])

    assert "防弾" not in repr(text) + repr(finding)


def test_words_of_a_rule_count_within_neighbouring_sentences_only() -> None:
    near = "We spin carbon fiber. The parts go into aircraft."
    far = "We spin carbon fiber. It is black. It is light. The parts go into aircraft."

    assert "carbon-fibre" in found(near)
    assert "carbon-fibre" not in found(far)


def test_a_patents_class_is_enough_and_has_no_sentence() -> None:
    finding = found("A holder.", codes=("ipc:F42B 12/02",))["firearms"]

    assert finding.found_by == (IPC,) and finding.start == finding.end == 0
    assert found("A holder.", codes=("ipc:A47G 1/00", "kaken:42B")) == {}


def test_seeds_keep_their_ids_and_their_order() -> None:
    texts = [ScreenedText("A rifle.", "seed-2"), ScreenedText("A sonar.", "seed-1")]

    assert [one.source_id for one in export_control_findings(texts)] == ["seed-2", "seed-1"]


def test_circumstances_are_notes_with_their_own_questions() -> None:
    notes = found("海外子会社の留学生に、未公開のデータを見せます。")

    assert set(notes) == {"abroad", "people", "unpublished"}
    assert {one.level for one in notes.values()} == {NOTE}
    assert "destination" in notes["abroad"].checklist
    assert "public-knowledge" in notes["unpublished"].checklist


def nearness(margin: float) -> tuple[ExampleVectors, np.ndarray]:
    """Return examples and a sentence: near the first topic by that much more than the ordinary one."""
    topics = np.zeros((len(load_topics().topics), 2, 3), dtype=np.float32)
    topics[0, 1] = [1, 0, 0]
    cosine = np.float32(0.4 + margin)
    rest = np.sqrt(1 - cosine**2 - np.float32(0.16))
    sentence = np.array([[cosine, 0.4, rest]], dtype=np.float32)
    return ExampleVectors(topics, np.array([[0, 1, 0]], dtype=np.float32)), sentence


@pytest.mark.parametrize(
    ("margin", "in_field", "expected"),
    [
        (MARGIN + 0.01, False, True),
        (MARGIN - 0.01, False, False),
        (MARGIN_IN_FIELD + 0.01, True, True),
        (MARGIN_IN_FIELD - 0.01, True, False),
    ],
)
def test_a_sentence_near_an_example_is_found_sooner_in_the_topics_field(
    margin: float, in_field: bool, expected: bool
) -> None:
    examples, sentence = nearness(margin)
    topic = load_topics().topics[0]
    fields = topic.fields[:1] if in_field else ()
    text = ScreenedText("Plain words.", places=((0, 12),), vectors=sentence, fields=fields)

    findings = export_control_findings([text], examples=examples)

    assert [(one.topic_id, one.found_by) for one in findings] == (
        [(topic.id, (VECTOR,))] if expected else []
    )
    if expected:
        assert findings[0].sentence == "Plain words."
        assert findings[0].similarity == pytest.approx(0.4 + margin, abs=1e-6)


def test_a_long_text_takes_time_in_proportion_to_its_length() -> None:
    part = "核核核核核の波は反射し、炭素繊維炭素繊維のようにaaaa aaaaと続く。"
    found(part)

    def seconds(text: str) -> float:
        started = time.process_time()
        found(text)
        return time.process_time() - started

    once, tenfold = min(seconds(part * 200) for _ in range(3)), seconds(part * 2000)
    assert tenfold < 40 * once


def test_every_topic_points_to_known_items_fields_and_has_an_example_in_both_languages() -> None:
    known = load_topics()
    items, fields = {item.id for item in known.items}, set(load_taxonomy().ids)

    assert len({one.id for one in (*known.topics, *known.circumstances)}) == len(
        known.topics
    ) + len(known.circumstances)
    for topic in known.topics:
        assert set(topic.items) <= items and topic.items, topic.id
        assert set(topic.fields) <= fields, topic.id
        assert all(topic.examples) and topic.name_ja and topic.name_en, topic.id
        assert all(clause.partition("(")[0] in topic.items for clause in topic.clauses), topic.id
    assert {item for topic in known.topics for item in topic.items} == items


def test_every_example_is_found_by_its_own_topic() -> None:
    for topic in load_topics().topics:
        for example in topic.examples:
            assert topic.id in found(example), (topic.id, example)


def test_no_ordinary_sentence_is_found() -> None:
    for pair in load_topics().contrast:
        for sentence in pair:
            assert [one for one in found(sentence).values() if one.level == ASK] == []


def test_questions_and_sources_belong_together() -> None:
    known = load_topics()

    assert {question.source for question in known.questions} <= {one.id for one in known.sources}
    assert all(source.state for source in known.sources)
    assert all(known.questions_for(kind) for kind in ("topic", "end-use", "abroad", "people"))


def test_an_office_adds_and_replaces_topics(tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    added = {"id": "kites", "items": ["13"], "name_ja": "凧", "name_en": "Kites", "terms": ["kite"]}
    shipped = {"id": "radar", "items": ["10"], "name_ja": "レーダー", "name_en": "Radar"}
    own.write_text(json.dumps({"topics": [added, shipped], "harmless": ["toy kite"]}), "utf-8")
    topics = load_topics(own)

    def ids(text: str) -> list[str]:
        return [
            one.topic_id for one in export_control_findings([ScreenedText(text)], topics=topics)
        ]

    assert ids("A kite.") == ["kites"]
    assert ids("A toy kite.") == ids("A radar.") == []
    assert len(topics.topics) == len(load_topics().topics) + 1


def test_a_damaged_file_of_an_office_is_told(tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_text("[1]", "utf-8")

    with pytest.raises(StorageError, match=r"own\.json"):
        load_topics(own)
