"""What the API says of itself: its schema, and Swagger UI, which reads it. Public, as the source is."""

from __future__ import annotations

from functools import cache

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import etag, require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

from webapp.api.operations import etag_of


def _is_json(request: HttpRequest) -> bool:
    return request.GET.get("format") == "json"


@cache
def _schema(is_json: bool) -> bytes:
    """Made once in a process: it takes longer than anything else that anybody may ask for."""
    renderer = OpenApiJsonRenderer() if is_json else OpenApiYamlRenderer()
    with translation.override("en"):
        made = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
        rendered: bytes = renderer.render(made, renderer_context={})
    return rendered


@require_safe
@etag(lambda request: etag_of(_schema(_is_json(request))))
def schema(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1, as YAML, or as JSON with ?format=json."""
    is_json = _is_json(request)
    kind = "application/vnd.oai.openapi" + ("+json" if is_json else "")
    return HttpResponse(_schema(is_json), content_type=f"{kind}; charset=utf-8")


@require_safe
@csp_update({"img-src": ["data:"], "trusted-types": ["dompurify"]})  # its arrows; its own cleaner of texts
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI; Redoc would need styles and a picture of elsewhere, which our policy refuses."""
    return render(request, "api_docs.html")
