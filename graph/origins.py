"""Pages of other origins (CORS): which may call, and what they may read of an answer."""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

EXPOSED = ("x-request-id", "ratelimit", "ratelimit-policy", "retry-after", "www-authenticate")


class CrossOrigin:
    """Lets pages of these origins call `app`; `*` means all. Requests of no page pass it by.

    There are no cookies, so a page calls with a key or token of its own and in nobody else's name: it may send any
    header, and never credentials of the browser's.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._for_pages = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=("*",),
            expose_headers=EXPOSED,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_of_a_page = any(name == b"origin" for name, _ in scope["headers"])
        await (self._for_pages if is_of_a_page else self._app)(scope, receive, send)
