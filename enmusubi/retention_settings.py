"""The settings of how long what is noted of people and their work is kept; the night deletes the rest."""

from pydantic import Field

from enmusubi.service_settings import Section


class RetentionSettings(Section):
    """How long things are kept, in days from when they were made; 0: for ever."""

    audit_days: int = Field(3_650, ge=0, description="Entries of the audit trail.")
    shown_lists_days: int = Field(
        1_825, ge=0, description="Match lists that were shown, but for those with a judgement."
    )
    rejections_days: int = Field(
        180, ge=0, description="Rows that imports did not take, as they stood."
    )
    deliveries_days: int = Field(
        90, ge=0, description="Messages to portals that were delivered or given up."
    )
    mails_days: int = Field(90, ge=0, description="Mails that were sent or given up.")
    kept_answers_days: int = Field(
        2, ge=0, description="Answers kept for requests that are sent again."
    )
    jobs_days: int = Field(90, ge=0, description="Jobs that ended, with their results.")
    sessions_days: int = Field(1, ge=0, description="Sessions and tokens after they ended.")
    nights_days: int = Field(730, ge=0, description="Reports of nights.")
    uploads_days: int = Field(90, ge=0, description="Uploaded files and files of rejected rows.")
