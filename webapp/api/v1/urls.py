from __future__ import annotations

from django.urls import path

from webapp.api.v1.batches import Batches, Exports, OneBatch, OneOrder, Statistics
from webapp.api.v1.claims import ClaimGuideline, Claims, Flag, Heartbeat, OneClaim, Reclaim, Skip
from webapp.api.v1.exports import File, OneExport
from webapp.api.v1.judgments import EditedResponse, Judgments, OneJudgment, Submit

urlpatterns = [
    path("batches/", Batches.as_view(), name="api_batches"),
    path("batches/<uuid:pk>/", OneBatch.as_view(), name="api_batch"),
    path("batches/<uuid:pk>/statistics/", Statistics.as_view(), name="api_batch_statistics"),
    path("batches/<uuid:pk>/exports/", Exports.as_view(), name="api_batch_exports"),
    path("sealing-orders/<uuid:pk>/", OneOrder.as_view(), name="api_sealing_order"),
    path("exports/<uuid:pk>/", OneExport.as_view(), name="api_export"),
    path("exports/<uuid:pk>/files/<path:name>", File.as_view(), name="api_export_file"),
    path("claims/", Claims.as_view(), name="api_claims"),
    path("claims/<uuid:key>/", OneClaim.as_view(), name="api_claim"),
    path("claims/<uuid:key>/heartbeat/", Heartbeat.as_view(), name="api_claim_heartbeat"),
    path("claims/<uuid:key>/judgment/", Submit.as_view(), name="api_claim_judgment"),
    path("claims/<uuid:key>/skip/", Skip.as_view(), name="api_claim_skip"),
    path("claims/<uuid:key>/flag/", Flag.as_view(), name="api_claim_flag"),
    path("claims/<uuid:key>/reclaim/", Reclaim.as_view(), name="api_claim_reclaim"),
    path("claims/<uuid:key>/guideline/", ClaimGuideline.as_view(), name="api_claim_guideline"),
    path("judgments/", Judgments.as_view(), name="api_judgments"),
    path("judgments/<uuid:key>/", OneJudgment.as_view(), name="api_judgment"),
    path("judgments/<uuid:key>/edited-response/", EditedResponse.as_view(), name="api_edited_response"),
]
