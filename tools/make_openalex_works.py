"""Writes made-up OpenAlex works to measure imports with: make_openalex_works.py N OUT.jsonl.gz.

What they are like says `cli/measuring/made_up_works.py`.
"""

import argparse
from pathlib import Path

from cli.measuring.made_up_works import write_works


def main() -> None:
    """Write the works, one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n_works", type=int)
    parser.add_argument("path", type=Path)
    arguments = parser.parse_args()
    write_works(arguments.n_works, arguments.path)


if __name__ == "__main__":
    main()
