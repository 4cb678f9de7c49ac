from __future__ import annotations

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from webapp.api import errors

urlpatterns = [
    path("v1/", include("webapp.api.v1.urls")),
    path("v1/schema/", SpectacularAPIView.as_view(throttle_classes=[]), name="api_schema"),
    re_path("", errors.not_found, name="api_nothing"),
]
