"""Reads TREC qrels: `need_id 0 researcher_id relevance`, separated by tabs or blanks."""

import math
from pathlib import Path

import pandas as pd

from enmusubi.errors import CollectionError
from matcher.tables import NEED_ID, RESEARCHER_ID
from training.fields import id_of
from training.notes import Notes
from training.text_lines import read_lines

RELEVANCE = "relevance"
QRELS_COLUMNS = (NEED_ID, RESEARCHER_ID, RELEVANCE)
_FORM = "`need_id 0 researcher_id relevance`"


def read_qrels(path: Path, notes: Notes | None = None) -> pd.DataFrame:
    """Return a frame with QRELS_COLUMNS, one row a pair, in the file's order.

    Relevance is a whole number; 0 and less are judged not relevant. Of a pair that stands there
    twice the higher judgement counts. Lines of another form are told to `notes` and left out;
    raises CollectionError when no line is left.
    """
    notes = notes or Notes()
    judged: dict[tuple[str, str], int] = {}
    for number, line in read_lines(path):
        fields = (line or "").split()
        pair = (id_of(fields[0]), id_of(fields[2])) if len(fields) == 4 else ("", "")
        relevance = _relevance(fields[3]) if len(fields) == 4 else None
        if relevance is None or not all(pair):
            notes.fault(path, number, f"not {_FORM}")
            continue
        if pair in judged and judged[pair] != relevance:
            notes.fault(path, number, "judging a pair again, the higher relevance counts")
        judged[pair] = max(relevance, judged.get(pair, relevance))
    if not judged:
        raise CollectionError(
            "%(path)s holds no judgements. Expected lines of the form %(form)s.",
            path=path,
            form=_FORM,
        )
    rows = [(need, researcher, relevance) for (need, researcher), relevance in judged.items()]
    return pd.DataFrame(rows, columns=list(QRELS_COLUMNS))


def _relevance(text: str) -> int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    whole = math.isfinite(value) and value.is_integer() and abs(value) < 2**31
    return int(value) if whole else None
