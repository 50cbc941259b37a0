"""Whether the service has what it needs, from folder to re-ranker: for `doctor` and for the pages."""

import shutil
import stat
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, make_url

from catalogue.database.models import QUEUED
from catalogue.database.schema import current_revision
from catalogue.identity.decisions import count_pairs
from catalogue.records.catalogue import Catalogue
from catalogue.records.consistency import check_catalogue
from catalogue.records.import_runs import unfinished_runs
from enmusubi.errors import EnmusubiError, ModelUnavailableError, SettingsError
from enmusubi.messages import N_, THINGS, Message, listed, verbatim, word
from enmusubi.private_files import open_mode, open_to_others
from enmusubi.settings import Settings, local_time
from indexes.errors import IndexFault
from indexes.versions import open_current
from matcher.encoder.default_model import default_model_folder, is_intact, verify_default_model
from matcher.encoder.loading import DEFAULT_MODEL
from matcher.encoder.packed_e5 import packed_model_path
from matcher.sharding.opening import open_whole
from office.accounts.sealed_secrets import look_at_secrets
from office.configured import configured_reranker
from office.mail.queue import GIVEN_UP, UNCERTAIN, WAITING, count_mails
from office.mail.smtp import MailRefused, mail_server

ONE_PAIR = N_("%(count)s pair may be one person: `enmusubi identities` lists them")
SEVERAL_PAIRS = N_("%(count)s pairs may be one person: `enmusubi identities` lists them")
OK, MISSING, NOTE = "ok", "missing", "note"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: `state` is ok, missing or note, `detail` what was found."""

    name: str
    state: str
    detail: Message


def check_folder(settings: Settings) -> Check:
    """Say whether the data folder can be written, and how much is free."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir):
            free = shutil.disk_usage(settings.data_dir).free / 1e9
        found = {"folder": settings.data_dir, "free": f"{free:.0f}"}
        return Check("data folder", OK, Message("%(folder)s, %(free)s GB free", found))
    except OSError as error:
        detail = Message(
            "%(folder)s: %(reason)s; name another with ENMUSUBI_DATA_DIR",
            {"folder": settings.data_dir, "reason": error.strerror},
        )
        return Check("data folder", MISSING, detail)


def check_private(settings: Settings) -> Check:
    """Say whether other users of the machine can read the data folder, or what is cached of texts.

    The encoder in the cache is no secret; the vectors of confidential works beside it are.
    """
    found = open_to_others(settings.data_dir)
    cached = [p for p in settings.cache_dir.glob("*") if p.is_file() and open_mode(p)]
    if cached:
        told = {"folder": settings.cache_dir, "count": len(cached)}
        detail = Message(
            "others on this machine can read %(count)s files of the cache: run chmod go= %(folder)s/*.*",
            told,
        )
        return Check("privacy", MISSING, detail)
    if not found:
        return Check("privacy", OK, Message("the data folder is its owner's alone"))
    told = {"folder": settings.data_dir, "count": len(found)}
    detail = Message(
        "others on this machine can reach %(count)s files and folders: run chmod -R go= %(folder)s",
        told,
    )
    return Check("privacy", MISSING, detail)


def check_settings_file(settings: Settings, path: Path) -> Check:
    """Say whether everybody on the machine can read a settings file that holds a secret."""
    kept = (settings.sign_in.oidc.client_secret, settings.mail.password)
    has_secret = any(secret.get_secret_value() for secret in kept)
    has_secret |= make_url(settings.catalogue_url).password is not None
    if has_secret and open_mode(path) & stat.S_IROTH:
        detail = Message(
            "others on this machine can read the secrets in %(file)s: run chmod o= %(file)s, or keep "
            "secrets in files of their own (docs/operations.md)",
            {"file": path},
        )
        return Check("settings", MISSING, detail)
    return Check("settings", OK, verbatim(path) if path.exists() else Message("no file"))


def check_encoder(settings: Settings, *, thorough: bool = True) -> Check:
    """Say whether the encoder is there; `thorough` reads all of it, otherwise sizes are compared."""
    if settings.encoder.model != DEFAULT_MODEL:
        named = Message("%(model)s (checked when it is loaded)", {"model": settings.encoder.model})
        return Check("encoder", NOTE, named)
    folder = default_model_folder(settings.cache_dir)
    try:
        if not folder.exists():
            built = Message(
                "is built on first use from %(file)s", {"file": packed_model_path().name}
            )
            return Check("encoder", NOTE, built)
        if thorough or not is_intact(folder):
            checksum = verify_default_model(folder)[:16]
            found = {"folder": folder, "checksum": checksum}
            return Check("encoder", OK, Message("%(folder)s, checksum %(checksum)s", found))
        return Check("encoder", OK, verbatim(folder))
    except ModelUnavailableError as error:
        return Check("encoder", MISSING, error.message)


def check_rows(catalogue: Catalogue, *, deep: bool = False) -> list[Check]:
    """Say what the catalogue holds and what waits in it; `deep` holds every row to its sources."""
    counts = listed(
        Message(
            "%(count)s %(things)s", {"count": count, "things": word(THINGS, name.replace("_", " "))}
        )
        for name, count in catalogue.counts().items()
    )
    checks = [Check("catalogue", OK, verbatim(counts))]
    with catalogue.reading() as connection:
        revision = {"revision": current_revision(connection)}
        checks.append(Check("schema", OK, Message("revision %(revision)s", revision)))
        if queued := count_pairs(connection)[QUEUED]:
            told = Message(ONE_PAIR if queued == 1 else SEVERAL_PAIRS, {"count": queued})
            checks.append(Check("identities", NOTE, told))
        for run in unfinished_runs(connection):
            told = Message(
                "an import of %(format)s stopped half-way, %(day)s: the same command goes on with it",
                {"format": run.format, "day": f"{run.started_at:%Y-%m-%d}"},
            )
            checks.append(Check("imports", NOTE, told))
        if deep:
            checks += _faults(connection)
    return checks


def _faults(connection: Connection) -> list[Check]:
    faults = check_catalogue(connection)
    told = [
        Message(
            "%(fault)s; restore a backup, or import the files of its sources again",
            {"fault": fault.message},
        )
        for fault in faults
    ]
    return [Check("catalogue", MISSING, one) for one in told] or [
        Check("catalogue", OK, Message("every row is what its sources say"))
    ]


def check_secrets(settings: Settings, catalogue: Catalogue) -> Check:
    """Say whether the secrets of authenticator apps and webhooks are sealed, and their keys are here."""
    sealing = settings.sealing
    found = look_at_secrets(catalogue, sealing)
    values = {**vars(found), "file": sealing.path}
    if found.lost:
        told = Message(
            "%(lost)s of %(count)s cannot be opened: put the keys that sealed them back into %(file)s or "
            "sealing_keys, or reset those second factors and let portals set their webhooks anew",
            values,
        )
        return Check("secrets", MISSING, told)
    if sealing.is_file and open_mode(sealing.path):
        told = Message(
            "others on this machine can read the keys in %(file)s: run chmod go= %(file)s", values
        )
        return Check("secrets", MISSING, told)
    if found.plain:
        told = Message(
            "%(plain)s of %(count)s lie open: `enmusubi serve` seals them when it starts", values
        )
        return Check("secrets", NOTE, told)
    return Check("secrets", OK, Message("%(count)s, all sealed", values))


def check_index(settings: Settings, language: str) -> Check:
    """Say which index version serves, with its time as readers of `language` expect it, or why none can."""
    try:
        snapshot, _ = open_whole(settings.index_dir)
    except EnmusubiError as error:
        return Check("index", MISSING, error.message)
    manifest = snapshot.manifest
    passages, built_at = manifest["counts"]["passages"], str(manifest["built_at"])
    when = local_time(datetime.fromisoformat(built_at), language)
    told = Message(
        "%(version)s, %(passages)s passages, built %(time)s",
        {"version": snapshot.version, "passages": passages, "time": f"{when:%Y-%m-%d %H:%M %Z}"},
    )
    return Check("index", OK, told)


def check_reranker(settings: Settings) -> Check:
    """Say which re-ranker serves."""
    try:
        encoder = str(open_current(settings.index_dir).manifest["model"]["checksum"])
    except (IndexFault, KeyError, TypeError):
        encoder = ""  # told under index
    try:
        serving = configured_reranker(settings, encoder)
    except EnmusubiError as error:
        return Check("re-ranker", MISSING, error.message)
    served = {
        "source": serving.source,
        "kind": serving.reranker.kind,
        "checksum": serving.reranker.checksum,
    }
    if serving.problem:
        detail = Message(
            "%(source)s, %(kind)s, checksum %(checksum)s: %(reason)s",
            {**served, "reason": serving.problem},
        )
        return Check("re-ranker", NOTE, detail)
    return Check("re-ranker", OK, Message("%(source)s, %(kind)s, checksum %(checksum)s", served))


def check_mail_server(settings: Settings) -> Check:
    """Say whether the mail server answers and lets the service sign in; asks it over the network."""
    mail = settings.mail
    if not mail.host:
        return Check(
            "mail server", NOTE, Message("none is set, so no mails are sent (docs/mail.md)")
        )
    place = {"host": mail.host, "port": mail.server_port}
    try:
        with mail_server(mail):
            told = Message("%(host)s:%(port)s answers and takes mails", place)
            return Check("mail server", OK, told)
    except MailRefused as refused:
        reason = refused.fault.message
    except SettingsError as error:
        reason = error.message
    told = Message("%(host)s:%(port)s: %(reason)s", {**place, "reason": reason})
    return Check("mail server", MISSING, told)


def check_mails(catalogue: Catalogue) -> list[Check]:
    """Say how many mails could not be sent; nothing where all is well."""
    with catalogue.reading() as connection:
        counts = count_mails(connection)
    failed = counts[GIVEN_UP] + counts[UNCERTAIN]
    told = Message(
        "%(failed)s could not be sent or may not have arrived, %(waiting)s wait: see Admin › Mail",
        {"failed": failed, "waiting": counts[WAITING]},
    )
    return [Check("mails", NOTE, told)] if failed else []


def quick_checks(settings: Settings, catalogue: Catalogue, language: str) -> list[Check]:
    """Return what can be told in a moment, while the service runs."""
    return [
        check_folder(settings),
        check_encoder(settings, thorough=False),
        *check_rows(catalogue),
        *check_mails(catalogue),
        check_secrets(settings, catalogue),
        check_index(settings, language),
        check_reranker(settings),
    ]
