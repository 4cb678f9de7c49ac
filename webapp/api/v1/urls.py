from __future__ import annotations

from django.urls import path

from webapp.api.v1.batches import Batches, Exports, OneBatch, OneOrder, Statistics
from webapp.api.v1.exports import File, OneExport

urlpatterns = [
    path("batches/", Batches.as_view(), name="api_batches"),
    path("batches/<uuid:pk>/", OneBatch.as_view(), name="api_batch"),
    path("batches/<uuid:pk>/statistics/", Statistics.as_view(), name="api_batch_statistics"),
    path("batches/<uuid:pk>/exports/", Exports.as_view(), name="api_batch_exports"),
    path("sealing-orders/<uuid:pk>/", OneOrder.as_view(), name="api_sealing_order"),
    path("exports/<uuid:pk>/", OneExport.as_view(), name="api_export"),
    path("exports/<uuid:pk>/files/<path:name>", File.as_view(), name="api_export_file"),
]
