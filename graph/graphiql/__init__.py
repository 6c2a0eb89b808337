"""GraphiQL for browsers, without the internet: its bundles come out of an installed package, never from a CDN."""

import json
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from graph.graphiql.examples import EXAMPLES

HERE = Path(__file__).parent
BUNDLES = "graphene_django_graphiql_static"

# What the page may load is named here, and all the rest is refused, should a bundle ever ask for more.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    # The hash is that of the one style element that a dialog adds while it is open, to keep the page from scrolling.
    "style-src": "'self' 'sha256-Y/huXlwoYkVyQlxwSVcCi1RCDGDCSVBzDt0hYP9qlTc='",
    "font-src": "data:",  # GraphiQL's style sheet carries its fonts
    "img-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "; ".join(f"{directive} {sources}" for directive, sources in POLICY.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",  # the same address answers API clients with JSON
    "X-Content-Type-Options": "nosniff",
}


def render() -> str:
    """Write the page, with the examples as inert JSON in it: a policy without inline script allows data blocks."""
    tabs = [{"query": example.query, "variables": json.dumps(example.variables, indent=2)} for example in EXAMPLES]
    template = Template((HERE / "page.html").read_text(encoding="utf-8"))
    return template.substitute(tabs=json.dumps(tabs).replace("<", r"\u003c"))


PAGE = render()


def page(request: Request) -> Response:
    """Answer a browser with the GraphiQL page, which needs no key; it posts to the path that it was served from."""
    return HTMLResponse(PAGE, headers=HEADERS)


class Assets(StaticFiles):
    """Static files that a browser asks about each time: their names carry no version, and 304 is a short answer."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


# By the package's place on disk, found without importing it: it is a Django application.
routes: list[BaseRoute] = [
    Mount("/graphiql", Assets(directory=HERE / "assets", packages=[(BUNDLES, f"static/{BUNDLES}")]), name="graphiql"),
]
