from __future__ import annotations

from django.urls import include, path, re_path

from webapp.api import docs, errors

urlpatterns = [
    path("v1/", include("webapp.api.v1.urls")),
    path("v1/schema/", docs.schema, name="api_schema"),
    path("v1/docs/", docs.docs, name="api_docs"),
    re_path("", errors.not_found, name="api_nothing"),
]
