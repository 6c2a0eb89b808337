"""Several ports of one server, which tell apart what arrives."""

from starlette.types import ASGIApp, Receive, Scope, Send


class OnItsOwnPort:
    """Sends what arrives on one port to one application, and everything else to the other."""

    def __init__(self, app: ASGIApp, port: int, there: ASGIApp) -> None:
        self._app = app
        self._port = port
        self._there = there

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_there = scope["type"] == "http" and (scope.get("server") or (None, None))[1] == self._port
        await (self._there if is_there else self._app)(scope, receive, send)
