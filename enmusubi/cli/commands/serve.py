"""`enmusubi serve`: the API and the page on one address."""

import typer


def serve(
    host: str = typer.Option("", "--host", help="Address; empty: server.host of the settings."),
    port: int = typer.Option(0, "--port", min=0, max=65535, help="Port; 0: server.port."),
) -> None:
    """Serve the page for people and the API for the portal until interrupted.

    A new index version is taken over without a restart. Example: enmusubi serve --port 8080
    """
    import logging
    import threading

    import uvicorn

    from enmusubi.api.app import create_app
    from enmusubi.api.live import live_recommender
    from enmusubi.matcher.catalogue.catalogue import open_catalogue
    from enmusubi.matcher.errors import EnmusubiError
    from enmusubi.matcher.settings import load_settings

    settings = load_settings()
    host, port = host or settings.server.host, port or settings.server.port
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    _check_address(host, port)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    live = live_recommender(settings)

    def warm_up() -> None:
        try:
            live.get()
            print(f"Ready: {address}", flush=True)
        except EnmusubiError as error:
            print(f"Not ready yet: {error}", flush=True)

    with open_catalogue(settings.catalogue_url) as catalogue:
        app = create_app(live, catalogue, settings)
        print(f"Enmusubi on {address}, loading the index …", flush=True)
        threading.Thread(target=warm_up, daemon=True).start()
        uvicorn.run(
            app,
            host=host,
            port=port,
            forwarded_allow_ips=settings.server.forwarded_allow_ips,
            log_config=None,
            access_log=False,
            ws="none",
            lifespan="off",
        )


def _check_address(host: str, port: int) -> None:
    """Raise SettingsError unless the address can be listened on."""
    import socket

    from enmusubi.matcher.errors import SettingsError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"{host}:{port} cannot be listened on ({error.strerror}). "
                "Choose another port with --port."
            ) from error
