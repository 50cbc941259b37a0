"""TREC files: runs (`need_id Q0 researcher_id rank score tag`) and qrels (`need_id 0 researcher_id
relevance`), separated by tabs or blanks.
"""

import math
import os
from pathlib import Path

import pandas as pd

from enmusubi.atomic_files import write_atomically
from enmusubi.errors import CollectionError, InputError, StorageError, UnreadableFileError
from matcher.tables import NEED_ID, RANK, RESEARCHER_ID, RUN_COLUMNS, SCORE
from training.reading import Notes, id_of, read_lines

RELEVANCE = "relevance"
QRELS_COLUMNS = (NEED_ID, RESEARCHER_ID, RELEVANCE)
_QRELS_FORM = "`need_id 0 researcher_id relevance`"


def read_qrels(path: Path, notes: Notes | None = None) -> pd.DataFrame:
    """Return a frame with QRELS_COLUMNS, one row a pair, in the file's order.

    Relevance is a whole number; 0 and less are judged not relevant. Of a pair that stands there
    twice the higher judgement counts. Lines of another form are noted in `notes` and left out;
    raises CollectionError when no line is left.
    """
    notes = notes or Notes()
    judged: dict[tuple[str, str], int] = {}
    for number, line in read_lines(path):
        fields = (line or "").split()
        pair = (id_of(fields[0]), id_of(fields[2])) if len(fields) == 4 else ("", "")
        relevance = _relevance(fields[3]) if len(fields) == 4 else None
        if relevance is None or not all(pair):
            notes.fault(path, number, f"not {_QRELS_FORM}")
            continue
        if pair in judged and judged[pair] != relevance:
            notes.fault(path, number, "judging a pair again, the higher relevance counts")
        judged[pair] = max(relevance, judged.get(pair, relevance))
    if not judged:
        raise CollectionError(
            "%(path)s holds no judgements. Expected lines of the form %(form)s.",
            path=path,
            form=_QRELS_FORM,
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


RUN_TAG = "enmusubi"
_RUN_FORM = "`need_id Q0 researcher_id rank score tag`"


def rank_by_score(run: pd.DataFrame) -> pd.DataFrame:
    """Return the run with RUN_COLUMNS, the best score first, ties by researcher id, rank from 1.

    Needs keep the order of their first appearance.
    """
    order = {need_id: place for place, need_id in enumerate(dict.fromkeys(run[NEED_ID]))}
    placed = run.assign(_place=run[NEED_ID].map(order))
    ranked = placed.sort_values(
        ["_place", SCORE, RESEARCHER_ID], ascending=[True, False, True], kind="stable"
    )
    ranked[RANK] = ranked.groupby("_place").cumcount() + 1
    return ranked[list(RUN_COLUMNS)].reset_index(drop=True)


def write_run(run: pd.DataFrame, path: Path) -> None:
    """Write the run to `path`, whole or not at all; scores with all their digits.

    Raises InputError for ids with blanks and for scores that are not numbers, StorageError when
    the file cannot be written.
    """
    ranked = rank_by_score(run)
    _refuse_unwritable(ranked)
    text = "".join(
        f"{need_id} Q0 {researcher_id} {rank} {float(score)!r} {RUN_TAG}\n"
        for need_id, researcher_id, rank, score in ranked.itertuples(index=False, name=None)
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():  # a device or a pipe cannot be replaced
            path.write_text(text, "utf-8")
            return
        write_atomically(path, text.encode())
    except OSError as error:
        raise StorageError(
            "The run cannot be written to %(path)s (%(reason)s). Name a file in a "
            "folder that is writable and has room.",
            path=path,
            reason=error.strerror or error,
        ) from error


def check_writable(path: Path) -> None:
    """Raise StorageError unless a run could be written to `path`: worth knowing before the work."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise StorageError(
            "The run cannot be written to %(path)s: it is a folder, or its folder is not "
            "writable. Name a file with --out.",
            path=path,
        )


def read_run(path: Path) -> pd.DataFrame:
    """Return the run with RUN_COLUMNS, ranked by score as trec_eval does; ties go by id.

    Raises UnreadableFileError that names the first line of another form, or a repeated pair.
    """
    rows: dict[tuple[str, str], float] = {}
    for number, line in read_lines(path):
        fields = (line or "").split()
        score = _number(fields[4]) if len(fields) == 6 else None
        if score is None:
            raise UnreadableFileError(
                "%(path)s, line %(number)s: expected %(form)s.",
                path=path,
                number=number,
                form=_RUN_FORM,
            )
        pair = (fields[0], fields[2])
        if pair in rows:
            raise UnreadableFileError(
                "%(path)s, line %(number)s: researcher %(researcher)s stands twice for need %(need)s.",
                path=path,
                number=number,
                researcher=pair[1],
                need=pair[0],
            )
        rows[pair] = score
    if not rows:
        raise UnreadableFileError(
            "%(path)s is empty. Expected lines of the form %(form)s.", path=path, form=_RUN_FORM
        )
    frame = pd.DataFrame(
        [(*pair, score) for pair, score in rows.items()], columns=[NEED_ID, RESEARCHER_ID, SCORE]
    )
    return rank_by_score(frame)


def _refuse_unwritable(run: pd.DataFrame) -> None:
    for column in (NEED_ID, RESEARCHER_ID):
        for name in dict.fromkeys(run[column]):
            if len(str(name).split()) != 1 or str(name) != str(name).strip():
                raise InputError(
                    "The %(column)s %(id)r holds blanks, which separate the columns of a run. "
                    "Give it an id without blanks.",
                    column=column,
                    id=name,
                )
    unusable = ~run[SCORE].map(math.isfinite)
    if unusable.any():
        need_id, researcher_id = run.loc[unusable, [NEED_ID, RESEARCHER_ID]].iloc[0]
        raise InputError(
            "The score of researcher %(researcher)s for need %(need)s is not a "
            "number, so the run cannot be ranked.",
            researcher=researcher_id,
            need=need_id,
        )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
