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
    import socket
    import threading

    import uvicorn

    from enmusubi.api.app import create_app
    from enmusubi.api.live import live_recommender
    from enmusubi.matcher.catalogue.catalogue import open_catalogue
    from enmusubi.matcher.errors import EnmusubiError, SettingsError
    from enmusubi.matcher.settings import load_settings

    settings = load_settings()
    address = (host or settings.server.host, port or settings.server.port)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise SettingsError(
                f"{address[0]}:{address[1]} cannot be listened on ({error.strerror}). "
                "Choose another port with --port."
            ) from error
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    live = live_recommender(settings)

    def warm_up() -> None:
        try:
            live.get()
            print(f"Ready: http://{address[0]}:{address[1]}/", flush=True)
        except EnmusubiError as error:
            print(f"Not ready yet: {error}", flush=True)

    with open_catalogue(settings.catalogue_url) as catalogue:
        app = create_app(live, catalogue, settings)
        print(f"Enmusubi on http://{address[0]}:{address[1]}/, loading the index …", flush=True)
        threading.Thread(target=warm_up, daemon=True).start()
        uvicorn.run(app, host=address[0], port=address[1], log_config=None, access_log=False)
