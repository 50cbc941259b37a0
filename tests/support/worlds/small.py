"""A university, its two researchers, and two needs."""

from pathlib import Path

from catalogue.records.catalogue import Catalogue
from catalogue.records.drafts import NEEDS, ORGANISATIONS, RESEARCHERS, Draft
from enmusubi.errors import EnmusubiError


def furnish(catalogue: Catalogue, folder: Path) -> None:
    """Write the university, its researchers and two needs."""
    outcomes = catalogue.write(
        [
            Draft(ORGANISATIONS, {
                "organisation_id": "hu", "name_ja": "星ヶ野大学", "name_en": "Hoshigano University",
            }),
            Draft(RESEARCHERS, {
                "researcher_id": "R-01", "name_ja": "森 花", "name_en": "Hana Mori",
                "organisation_id": "hu", "department_ja": "材料工学科",
            }),
            Draft(NEEDS, {
                "need_id": "N-01", "title": "薄い膜", "text": "食品包装の膜を探しています。",
            }),
            Draft(NEEDS, {"need_id": "N/2 %", "text": "A thin film for packaging."}),
        ],
        source="test",
    )  # fmt: skip
    refused = [outcome for outcome in outcomes if outcome.change == "refused"]
    if refused:
        raise EnmusubiError(f"the test's rows were refused: {refused}")
