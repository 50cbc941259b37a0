"""The lexical indexes of all languages, and a need's words ready to be looked for in them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from indexes.columns import Categories
from indexes.lexical import (
    LexicalIndex,
    LinkedTerm,
    Shares,
    WeighedWords,
    WordCounts,
    as_terms,
    joined,
)
from indexes.selection import Selection
from indexes.token_rows import Rows, SampledRows
from indexes.word_search import Hits

FOLDER_NAME = "lexical"


class LexicalIndexes:
    """The lexical indexes of all languages; a row belongs to exactly one."""

    def __init__(self, by_language: Mapping[str, LexicalIndex]) -> None:
        self._by_language = dict(sorted(by_language.items()))

    @classmethod
    def load(
        cls, folder: Path, counts: Mapping[str, WordCounts] = MappingProxyType({})
    ) -> "LexicalIndexes":
        """Read what was built into the folder's subfolders, one a language.

        `counts` are those of all rows where these are a part; languages of rows elsewhere are there, too.
        """
        folders = sorted(p for p in (folder / FOLDER_NAME).iterdir() if p.is_dir())
        elsewhere = {name: LexicalIndex.without_rows(one) for name, one in counts.items()}
        own = {path.name: LexicalIndex.load(path, counts.get(path.name)) for path in folders}
        return cls(elsewhere | own)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have rows."""
        return tuple(self._by_language)

    def __getitem__(self, language: str) -> LexicalIndex:
        return self._by_language[language]

    def of(self, language: str) -> LexicalIndex | None:
        """Return the index of one language, if there are rows in it."""
        return self._by_language.get(language)

    def holds(self, language: str, token: str) -> bool:
        """Say whether the index of a language has the token."""
        index = self._by_language.get(language)
        return index is not None and index.holds(token)


@dataclass(frozen=True)
class LexicalQuery:
    """A need's words by language, ready to be looked for in an index.

    `words` are its own, or what is linked to them in another language.
    """

    indexes: LexicalIndexes
    words: Mapping[str, WeighedWords]

    @classmethod
    def of(
        cls,
        indexes: LexicalIndexes,
        tokens: Mapping[str, Sequence[str]],
        linked: Mapping[str, Sequence[LinkedTerm]] = MappingProxyType({}),
    ) -> "LexicalQuery":
        """Return the query of a need's tokens; in the languages of `linked` that stands in their place."""
        words = {}
        for name in indexes.languages:
            terms = linked[name] if name in linked else as_terms(tokens.get(name, ()))
            words[name] = indexes[name].weigh(terms)
        return cls(indexes, words)

    def search(
        self,
        top_k: int,
        allowed: Selection | None = None,
        languages: Collection[str] | None = None,
    ) -> Rows:
        """Return about `top_k` rows of each language, or of those named, that repeat most of the need."""
        return joined(
            self.indexes[name].search(words, top_k, allowed)
            for name, words in self.words.items()
            if not languages or name in languages
        )

    def hits(
        self, top_k: int, allowed: Selection | None = None, languages: Collection[str] = ()
    ) -> dict[tuple[str, str], Hits]:
        """Return what `search` chooses among, by language and part of its index (see `LexicalIndex.hits`)."""
        return {
            (name, part): found
            for name, words in self.words.items()
            if not languages or name in languages
            for part, found in self.indexes[name].hits(words, top_k, allowed).items()
        }

    def shares(self, rows: Rows, languages: Categories) -> Shares:
        """Return the score of each row; `languages` says of every row there is which language it has."""
        codes = languages.codes[rows]
        scores = np.zeros(len(rows), dtype=np.float32)
        for code, name in enumerate(languages.names):
            if name in self.words:
                own = np.flatnonzero(codes == code)
                scores[own] = self.indexes[name].shares(self.words[name], rows[own])
        return scores

    def shares_of(self, language: str, sampled: SampledRows | None) -> Shares | float:
        """Return the score of each row of a sample of a language; 0 where no word of it is known."""
        if sampled is None or language not in self.words:
            return 0.0
        return self.indexes[language].shares_of(self.words[language], sampled)
