"""`enmusubi train`: the kinds of models that can be trained, each a command in its own module."""

import typer

from cli.commands.train_encoder import encoder
from cli.commands.train_reranker import reranker

train = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
train.command("encoder")(encoder)
train.command("reranker")(reranker)


@train.callback()
def kinds() -> None:
    """Train a model on your own data.

    Example: enmusubi train encoder collections/faculty --out adapters/faculty --minutes 60
    """
