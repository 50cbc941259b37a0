"""`enmusubi works`: which of a researcher's works stand for them, and which are not to be matched."""

import typer

from cli.telling import tell, told, write
from cli.wiring import opened, operator
from enmusubi.messages import Message, word

KIND = "kind"  # the context of the kinds of seeds


def works(
    researcher_id: str = typer.Argument(..., metavar="RESEARCHER", help="The researcher's id."),
    representative: list[str] = typer.Option(
        [], "--represent", metavar="SEED", help="Let this work stand for the researcher."
    ),
    withdrawn: list[str] = typer.Option(
        [], "--withdraw", metavar="SEED", help="Don't match the researcher by this work."
    ),
    cleared: list[str] = typer.Option(
        [], "--clear", metavar="SEED", help="Take back what was chosen for this work."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print JSON."),
) -> None:
    """List a researcher's works, and choose among them; imports don't change these choices.

    Representative works count more in the person's profile. Run `enmusubi index` afterwards.
    Example: enmusubi works HU-0101 --represent W123 --withdraw W456
    """
    import json
    from datetime import UTC, datetime

    from catalogue.records.choices import choose_works, list_works
    from office.access import audit

    asked = {"representative": representative, "withdrawn": withdrawn, "": cleared}
    with opened() as catalogue:
        catalogue.researcher(researcher_id)
        if any(asked.values()):
            with catalogue.writing() as connection:
                for choice, seeds in asked.items():
                    choose_works(connection, researcher_id, seeds, choice, datetime.now(UTC))
                chosen = {choice or "cleared": seeds for choice, seeds in asked.items() if seeds}
                who, what = operator(), "choose works"
                audit.record(connection, who, what, "researcher", researcher_id, **chosen)
        with catalogue.reading() as connection:
            listed = list_works(connection, researcher_id)
    if as_json:
        print(json.dumps(listed, ensure_ascii=False))
        return
    for seed_id, work in listed.items():
        choice = f"  [{told(word('detail', work['choice']))}]" if work["choice"] else ""
        kind = told(word(KIND, work["kind"]))
        write(f"{seed_id}  {kind} {work['year'] or ''}  {work['title']}{choice}")
    count = {"count": len(listed)}
    if any(asked.values()):
        tell(Message("%(count)s works. Next: `enmusubi index`.", count))
    else:
        tell(Message("%(count)s works.", count))
