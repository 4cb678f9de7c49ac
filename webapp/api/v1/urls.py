from __future__ import annotations

from django.urls import path

from webapp.api.v1.agreement import CampaignAgreement
from webapp.api.v1.batches import Batches, Exports, OneBatch, OneOrder, Statistics
from webapp.api.v1.campaigns import Campaigns, OneCampaign, Progress
from webapp.api.v1.claims import ClaimGuideline, Claims, Flag, Heartbeat, OneClaim, Reclaim, Skip
from webapp.api.v1.comparisons import Comparisons, ManyComparisons, OneComparison
from webapp.api.v1.dialogues import (
    ClaimTurn,
    DialogueHeartbeat,
    Dialogues,
    EndDialogue,
    NextTurn,
    OneDialogue,
    RetryTurn,
)
from webapp.api.v1.events import Events, OneEvent
from webapp.api.v1.exports import File, OneExport, PublicSets
from webapp.api.v1.feedback import AnswerFeedback, Feedback, OneFeedback
from webapp.api.v1.guidelines import Guidelines, OneGuideline
from webapp.api.v1.invitations import Invitations, OneInvitation
from webapp.api.v1.judgments import EditedResponse, Judgments, OneJudgment, Submit
from webapp.api.v1.my_campaigns import MyCampaigns, MyGuideline, MyHeartbeat
from webapp.api.v1.people import (
    OnePerson,
    OneRole,
    PausePerson,
    PauseRole,
    People,
    ResumePerson,
    ResumeRole,
    Roles,
)
from webapp.api.v1.prompts import ManyPrompts, OnePrompt, Prompts, RetirePrompt
from webapp.api.v1.reward_models import Accuracies, OneRewardModel, RewardModels
from webapp.api.v1.reward_scores import OneScores, Scores
from webapp.api.v1.sampling_requests import (
    CancelSampling,
    OneSamplingRequest,
    Replays,
    RetrySampling,
    SamplingRequests,
)
from webapp.api.v1.variants import Checks, OneVariant, Retire, Variants
from webapp.api.v1.webhooks import Deliveries, OneWebhook, Webhooks

urlpatterns = [
    path("campaigns/", Campaigns.as_view(), name="api_campaigns"),
    path("campaigns/<slug:slug>/", OneCampaign.as_view(), name="api_campaign"),
    path("campaigns/<slug:slug>/progress/", Progress.as_view(), name="api_progress"),
    path("campaigns/<slug:slug>/agreement/", CampaignAgreement.as_view(), name="api_agreement"),
    path("campaigns/<slug:slug>/guidelines/", Guidelines.as_view(), name="api_guidelines"),
    path("campaigns/<slug:slug>/guidelines/<int:version>/", OneGuideline.as_view(), name="api_guideline"),
    path("campaigns/<slug:slug>/prompts/", ManyPrompts.as_view(), name="api_many_prompts"),
    path("prompts/", Prompts.as_view(), name="api_prompts"),
    path("prompts/<int:pk>/", OnePrompt.as_view(), name="api_prompt"),
    path("prompts/<int:pk>/retire/", RetirePrompt.as_view(), name="api_retire_prompt"),
    path("campaigns/<slug:slug>/webhooks/", Webhooks.as_view(), name="api_webhooks"),
    path("webhooks/<int:pk>/", OneWebhook.as_view(), name="api_webhook"),
    path("webhooks/<int:pk>/deliveries/", Deliveries.as_view(), name="api_deliveries"),
    path("variants/", Variants.as_view(), name="api_variants"),
    path("variants/<int:pk>/", OneVariant.as_view(), name="api_variant"),
    path("variants/<int:pk>/retire/", Retire.as_view(), name="api_retire_variant"),
    path("variants/<int:pk>/checks/", Checks.as_view(), name="api_variant_checks"),
    path("sampling-requests/", SamplingRequests.as_view(), name="api_sampling_requests"),
    path("sampling-requests/<int:pk>/", OneSamplingRequest.as_view(), name="api_sampling_request"),
    path("sampling-requests/<int:pk>/retry/", RetrySampling.as_view(), name="api_retry_sampling"),
    path("sampling-requests/<int:pk>/cancel/", CancelSampling.as_view(), name="api_cancel_sampling"),
    path("campaigns/<slug:slug>/replays/", Replays.as_view(), name="api_replays"),
    path("reward-models/", RewardModels.as_view(), name="api_reward_models"),
    path("reward-models/<uuid:pk>/", OneRewardModel.as_view(), name="api_reward_model"),
    path("reward-models/<uuid:pk>/accuracies/", Accuracies.as_view(), name="api_accuracies"),
    path("reward-models/<uuid:pk>/scores/", Scores.as_view(), name="api_scores"),
    path("reward-scores/<uuid:pk>/", OneScores.as_view(), name="api_one_scores"),
    path("people/", People.as_view(), name="api_people"),
    path("people/<slug:pseudonym>/", OnePerson.as_view(), name="api_person"),
    path("people/<slug:pseudonym>/pause/", PausePerson.as_view(), name="api_pause_person"),
    path("people/<slug:pseudonym>/resume/", ResumePerson.as_view(), name="api_resume_person"),
    path("people/<slug:pseudonym>/roles/", Roles.as_view(), name="api_roles"),
    path("people/<slug:pseudonym>/roles/<int:pk>/", OneRole.as_view(), name="api_role"),
    path("people/<slug:pseudonym>/roles/<int:pk>/pause/", PauseRole.as_view(), name="api_pause_role"),
    path("people/<slug:pseudonym>/roles/<int:pk>/resume/", ResumeRole.as_view(), name="api_resume_role"),
    path("invitations/", Invitations.as_view(), name="api_invitations"),
    path("invitations/<int:pk>/", OneInvitation.as_view(), name="api_invitation"),
    path("events/", Events.as_view(), name="api_events"),
    path("events/<int:pk>/", OneEvent.as_view(), name="api_event"),
    path("batches/", Batches.as_view(), name="api_batches"),
    path("batches/<uuid:pk>/", OneBatch.as_view(), name="api_batch"),
    path("batches/<uuid:pk>/statistics/", Statistics.as_view(), name="api_batch_statistics"),
    path("batches/<uuid:pk>/exports/", Exports.as_view(), name="api_batch_exports"),
    path("sealing-orders/<uuid:pk>/", OneOrder.as_view(), name="api_sealing_order"),
    path("public-sets/", PublicSets.as_view(), name="api_public_sets"),
    path("exports/<uuid:pk>/", OneExport.as_view(), name="api_export"),
    path("exports/<uuid:pk>/files/<path:name>", File.as_view(), name="api_export_file"),
    path("comparisons/", Comparisons.as_view(), name="api_comparisons"),
    path("comparisons/<uuid:key>/", OneComparison.as_view(), name="api_comparison"),
    path("campaigns/<slug:slug>/comparisons/", ManyComparisons.as_view(), name="api_many_comparisons"),
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
    path("dialogues/", Dialogues.as_view(), name="api_dialogues"),
    path("dialogues/<int:pk>/", OneDialogue.as_view(), name="api_dialogue"),
    path("dialogues/<int:pk>/turns/", NextTurn.as_view(), name="api_dialogue_turns"),
    path("dialogues/<int:pk>/claim/", ClaimTurn.as_view(), name="api_dialogue_claim"),
    path("dialogues/<int:pk>/retry/", RetryTurn.as_view(), name="api_dialogue_retry"),
    path("dialogues/<int:pk>/heartbeat/", DialogueHeartbeat.as_view(), name="api_dialogue_heartbeat"),
    path("dialogues/<int:pk>/end/", EndDialogue.as_view(), name="api_dialogue_end"),
    path("feedback/", Feedback.as_view(), name="api_feedback"),
    path("feedback/<uuid:key>/", OneFeedback.as_view(), name="api_one_feedback"),
    path("feedback/<uuid:key>/answer/", AnswerFeedback.as_view(), name="api_feedback_answer"),
    path("my/campaigns/", MyCampaigns.as_view(), name="api_my_campaigns"),
    path("my/campaigns/<slug:slug>/guideline/", MyGuideline.as_view(), name="api_my_guideline"),
    path("my/campaigns/<slug:slug>/heartbeat/", MyHeartbeat.as_view(), name="api_my_heartbeat"),
]
