"""`enmusubi bench`: how fast this installation is; each measurement is a command."""

import json
from typing import TYPE_CHECKING

import typer

from cli.commands.bench_run import compare, run
from cli.telling import tell
from enmusubi.messages import Message

if TYPE_CHECKING:
    from catalogue.records.catalogue import Catalogue
    from matcher.encoder.encoder import Encoder
    from matcher.passages import Passage

SAMPLE = 200  # seeds of the catalogue whose texts are encoded

bench = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
bench.command()(run)
bench.command()(compare)


@bench.callback()
def measurements() -> None:
    """Measure how fast this installation is.

    \b
    Example: enmusubi bench encoder
             enmusubi bench run --quick
    """


@bench.command()
def encoder(as_json: bool = typer.Option(False, "--json", help="Print JSON.")) -> None:
    """Measure the encoder on texts of the catalogue, and what all of it will take.

    Nothing is stored. Run it while nothing else does. Example: enmusubi bench encoder
    """
    from dataclasses import asdict

    from cli.progress import preparing
    from cli.wiring import encoder_of, opened
    from enmusubi.settings import load_settings
    from matcher.encoder.speed import SHORT_TOKENS, measure_encoder

    loaded = encoder_of(load_settings())
    with opened() as catalogue:
        passages, n_seeds, sampled = _sample(catalogue, loaded)
    with preparing():
        speed = measure_encoder(loaded, passages)
    whole_s = n_seeds * speed.seconds / sampled if sampled else 0.0
    if as_json:
        rates = {"texts_a_second": speed.texts_a_second, "tokens_a_second": speed.tokens_a_second}
        print(json.dumps(asdict(speed) | rates | {"seeds": n_seeds, "seconds_for_all": whole_s}))
        return
    told = {
        "texts": f"{speed.texts_a_second:.1f}",
        "tokens": f"{speed.tokens_a_second:,.0f}",
        "share": f"{100 * speed.share:.0f}",
        "ceiling": f"{speed.ceiling / 1e9:.0f}",
        "precision": loaded.precision,
    }
    tell(
        Message(
            "%(texts)s passages and %(tokens)s tokens a second: %(share)s %% of what this processor "
            "multiplies (%(ceiling)s GFLOP/s, %(precision)s).",
            told,
        )
    )
    short = {
        "count": SHORT_TOKENS,
        "ms": f"{speed.short_ms:.1f}",
        "least": f"{speed.short_ceiling_ms:.1f}",
    }
    tell(
        Message(
            "A need of %(count)s tokens takes %(ms)s ms, at the processor's limit %(least)s.", short
        )
    )
    if sampled:
        whole = {"seeds": f"{n_seeds:,}", "minutes": f"{whole_s / 60:.1f}"}
        tell(Message("All %(seeds)s seeds take %(minutes)s minutes.", whole))
    else:
        tell(Message("The catalogue is empty; made-up texts were encoded."))


def _sample(catalogue: "Catalogue", loaded: "Encoder") -> tuple[list["Passage"], int, int]:
    """Return the passages of a sample of the catalogue's seeds, or of made-up texts; the number of seeds
    that have text, and of those in the sample, none where texts were made up."""
    from cli.measuring.encoding import made_up_passages
    from enmusubi.language import clean_text

    seeds = catalogue.read_corpus().seeds
    seeds = seeds[(seeds["title"] != "") | (seeds["text"] != "")]
    chosen = seeds.iloc[:: max(1, len(seeds) // SAMPLE)].head(SAMPLE)
    passages = [
        passage
        for title, text in zip(chosen["title"], chosen["text"], strict=True)
        for passage in loaded.split(clean_text(title), clean_text(text))
    ]
    if not passages:
        return made_up_passages(loaded, SAMPLE), 0, 0
    return passages, len(seeds), len(chosen)
