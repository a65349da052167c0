"""What a replica shows beside its routes: the API document, its page, the problem pages.

The page is Swagger UI out of a package: nothing is fetched from another host, and the content
security policy would not let it. Reads can be tried in it, with the client certificate that the
browser has; writes cannot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files
from typing import Any, Final

import orjson

from gateway.problems import TYPES, ProblemType
from gateway.rest.messages import Answer

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_INDEX: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Hospital gateway: API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START: Final = """\
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  supportedSubmitMethods: ["get"],
  validatorUrl: null,
});
"""
_HTML: Final = "text/html; charset=utf-8"


def pages(openapi: Mapping[str, Any]) -> dict[str, Answer]:
    """Ready answers by path, for `openapi` as the API document."""
    return dict(_each(openapi))


def _each(openapi: Mapping[str, Any]) -> Iterator[tuple[str, Answer]]:
    yield "/openapi.json", _answer("application/json", orjson.dumps(openapi))
    yield "/docs/", _answer(_HTML, _INDEX.encode())
    yield "/docs/start.js", _answer("text/javascript; charset=utf-8", _START.encode())
    static = files("openapi_ui_bundles.swagger_ui") / "vendor"
    for name, media_type in (
        ("swagger-ui.css", "text/css; charset=utf-8"),
        ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    ):
        yield f"/docs/{name}", _answer(media_type, (static / name).read_bytes())
    for kind in TYPES.values():
        yield kind.uri, _answer(_HTML, _problem_page(kind).encode())


def _problem_page(kind: ProblemType) -> str:
    title, title_zh = escape(kind.title, quote=False), escape(kind.title_zh, quote=False)
    retry = "may be repeated unchanged" if kind.retryable else "is not worth repeating unchanged"
    retry_zh = "可原样重试" if kind.retryable else "原样重试无意义"
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>'
        f"</head>\n<body>\n<h1>{title}</h1>\n<p>{escape(kind.detail, quote=False)}</p>\n"
        f"<p>Status {kind.status}; the request {retry}.</p>\n"
        f'<section lang="zh">\n<h1>{title_zh}</h1>\n<p>{escape(kind.detail_zh, quote=False)}</p>\n'
        f"<p>状态码 {kind.status}；{retry_zh}。</p>\n</section>\n</body>\n</html>\n"
    )


def _answer(media_type: str, body: bytes) -> Answer:
    headers = (
        ("Content-Type", media_type),
        ("Content-Security-Policy", _POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-cache"),
    )
    return Answer(200, headers, body)
