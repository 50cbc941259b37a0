"""The settings of inquiries to researchers: how long their links hold, and how often anybody is asked."""

from pydantic import Field

from enmusubi.service_settings import Section


class InquirySettings(Section):
    """Inquiries to researchers."""

    valid_days: int = Field(
        21, ge=2, le=90, description="Days for which the link in an inquiry can be answered."
    )
    per_person_month: int = Field(
        3,
        ge=1,
        description="Inquiries that a researcher gets within 30 days at most, whoever asks and for "
        "whichever need (docs/inquiries.md).",
    )
