"""What nobody foresaw: answered with 500, logged without the message, which may quote a need."""

import logging
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import ErrorAnswer
from enmusubi import messages
from enmusubi.messages import N_

DETAIL = N_("The server failed on this request. Where it failed was logged; the request was not.")
_log = logging.getLogger(__name__)


class Failures:
    """Middleware that turns an unexpected exception into an answer and a line in the log.

    The log names the exception's type and the lines of code it passed, never its text.
    """

    def __init__(self, app: ASGIApp, *, answer: ErrorAnswer) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI asks."""
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception as error:
            places = "".join(traceback.format_tb(error.__traceback__))
            _log.error("unexpected %s at\n%s", type(error).__name__, places)
            if scope["type"] == "http" and not started:
                await self._answer(scope, 500, messages.Message(DETAIL))(scope, receive, send)
