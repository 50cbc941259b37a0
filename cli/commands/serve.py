"""`enmusubi serve`: the API and the page on one address."""

from typing import TYPE_CHECKING

import typer

from cli.telling import tell
from enmusubi.messages import Message

if TYPE_CHECKING:
    from fastapi import FastAPI

    from enmusubi.settings import Settings

STOP_TIMEOUT_S = 10  # for the threads beside the requests, once those have ended


def serve(
    host: str = typer.Option("", "--host", help="Address; empty: server.host of the settings."),
    port: int = typer.Option(0, "--port", min=0, max=65535, help="Port; 0: server.port."),
    engine: str = typer.Option(
        "",
        "--engine",
        help="What an index in shards answers from: local or ray; empty: cluster.engine.",
    ),
) -> None:
    """Serve the page for people and the API for the portal until interrupted.

    A new index version is taken over without a restart. Example: enmusubi serve --port 8080
    """
    from cli.wiring import with_cluster
    from enmusubi.settings import load_settings

    settings = with_cluster(load_settings(), engine)
    host, port = host or settings.server.host, port or settings.server.port
    _check_address(host, port)  # before the service is imported, which takes seconds
    answer_requests(settings, host, port)


def answer_requests(settings: "Settings", host: str, port: int) -> None:
    """Open the catalogue, answer requests, and load the index meanwhile."""
    import threading

    from api.app import create_app
    from api.dependencies import LOCAL_PATH
    from api.observability.request_log import configure_logs
    from catalogue.records.catalogue import open_catalogue
    from enmusubi.errors import EnmusubiError
    from office.accounts.local_token import local_token
    from office.accounts.sealed_secrets import seal_secrets
    from office.accounts.users import Users
    from office.live_recommender import live_recommender
    from office.privacy.rights import finish_forgetting

    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    configure_logs(settings.server.log_format)
    live = live_recommender(settings)

    def warm_up() -> None:
        try:
            live.get()
            tell(Message("Ready: %(address)s", {"address": address}))
        except EnmusubiError as error:
            tell(Message("Not ready yet: %(reason)s", {"reason": error.message}))

    with open_catalogue(settings.catalogue_url) as catalogue:
        finish_forgetting(catalogue, settings)  # a kill may have come between rows and files
        seal_secrets(catalogue, settings.sealing)  # of an older version, or restored from one
        app = create_app(live, catalogue, settings)
        tell(Message("Enmusubi on %(address)s, loading the index …", {"address": address}))
        if settings.sign_in.mode == "auto" and not Users(catalogue).any():
            link = f"{address}{LOCAL_PATH[1:]}?token={local_token(settings.data_dir)}"
            tell(Message("On this computer, open %(link)s", {"link": link}))
        warming = threading.Thread(target=warm_up, daemon=True)
        warming.start()
        _listen(app, settings, host, port)
        warming.join(STOP_TIMEOUT_S)  # native code that still loads would break off with a noise
        tell(Message("Stopped."))


def _listen(app: "FastAPI", settings: "Settings", host: str, port: int) -> None:
    """Answer requests until told to stop; then end what runs, within the settings' time."""
    import signal

    import uvicorn

    from api.middleware.connections import protocol_of
    from office.background import Background

    # uvicorn raises SIGTERM once more when requests have ended: taken as Ctrl-C, it comes back
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    services = app.state.services
    background = Background(
        services.matching,
        on_message=services.metrics.message_tried,
        on_job=services.metrics.job_ended,
        on_mail=services.metrics.mail_tried,
    )
    background.start()
    app.state.refusals.start()
    try:
        uvicorn.run(
            app,
            host=host,
            port=port,
            forwarded_allow_ips=settings.server.forwarded_allow_ips,
            timeout_graceful_shutdown=settings.server.shutdown_s,
            http=protocol_of(settings.server),
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="off",
        )
    finally:
        app.state.refusals.stop()  # first: whoever stops the service may not wait for the jobs
        background.stop(STOP_TIMEOUT_S)


def _check_address(host: str, port: int) -> None:
    """Raise SettingsError unless the address can be listened on."""
    import socket

    from enmusubi.errors import SettingsError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                "%(host)s:%(port)s cannot be listened on (%(reason)s). Choose another port "
                "with --port.",
                host=host,
                port=port,
                reason=error.strerror,
            ) from error
