"""Writes an index version of a made-up catalogue of any size, to measure on: no text is encoded.

    generate_version.py FOLDER --passages 100000

What it is made of says `cli/measuring/made_up_catalogue.py`.
"""

import argparse
from pathlib import Path

from cli.measuring.made_up_catalogue import SENTENCES, WORDS_OF_A_PASSAGE
from cli.measuring.made_up_version import generate


def main() -> None:
    """Write the version and say where."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--revision", type=int, default=0, help="1 to 99: one per cent changed")
    parser.add_argument("--sentences", type=int, default=SENTENCES, help="of a passage")
    parser.add_argument(
        "--words", type=int, default=WORDS_OF_A_PASSAGE, help="of a passage, the median"
    )
    given = parser.parse_args()
    version = generate(
        given.folder,
        given.passages,
        revision=given.revision,
        sentences=given.sentences,
        words=given.words,
    )
    print(f"{version.folder}: {version.manifest['counts']['passages']} passages")


if __name__ == "__main__":
    main()
