"""What the addresses of the API name: mostly what the page beside them does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from preferences.actions import events
from preferences.models import Prompt
from tests import factories
from webapp.api.v1 import pairs, prompts
from webapp.doors import Person
from workers.rewards import scores

if TYPE_CHECKING:
    from tests.webapp.doors.world import World

LIKE = {
    "batch": ("api_batch", "api_batch_statistics", "api_batch_exports"),
    "write_again": ("api_export",),
    "export_file": ("api_export_file",),
    "compare": (
        "api_claim",
        "api_claim_heartbeat",
        "api_claim_judgment",
        "api_claim_skip",
        "api_claim_flag",
        "api_claim_reclaim",
        "api_claim_guideline",
    ),
    "edit": ("api_judgment", "api_edited_response"),
    "dialogue": (
        "api_dialogue",
        "api_dialogue_turns",
        "api_dialogue_claim",
        "api_dialogue_retry",
        "api_dialogue_heartbeat",
        "api_dialogue_end",
    ),
    "returned": ("api_one_feedback", "api_feedback_answer"),
    "ask_replays": ("api_replays",),
    "webhook": ("api_webhook", "api_deliveries"),
    "variant": ("api_variant", "api_retire_variant", "api_variant_checks"),
    "reward": ("api_reward_model", "api_accuracies", "api_scores"),
    "person": ("api_person", "api_pause_person", "api_resume_person", "api_roles"),
    "remove_role": ("api_role", "api_pause_role", "api_resume_role"),
    "withdraw_invitation": ("api_invitation",),
}
ANSWER = {"messages": [{"role": "user", "content": "Why?"}], "response": "Because."}


def arguments(world: World, of_pages: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    here = {"slug": world.campaign.slug}
    run = factories.sampling_run(of=factories.turn(world.campaign))
    model = factories.trained_reward_model()
    events.record("campaign.opened", world.campaign, by=None, campaign=world.campaign)
    return {
        **{name: of_pages[page] for page, names in LIKE.items() for name in names},
        "api_comparison": {"key": factories.comparison(world.campaign).key},
        "api_guideline": {**here, "version": 1},
        "api_one_scores": {"pk": scores.request(model=model, items=[ANSWER], by=world.people[Person.MANAGER]).pk},
        **dict.fromkeys(("api_my_guideline", "api_my_heartbeat"), here),
        **{key: {"pk": _prompt(world)} for key in ("api_prompt", "api_retire_prompt")},
        "api_sampling_request": {"pk": run.pk},
        **{key: {"pk": run.pk} for key in ("api_retry_sampling", "api_cancel_sampling")},
        "api_event": {"pk": world.campaign.events.latest("pk").pk},
    }


def _prompt(world: World) -> int:
    return Prompt.objects.filter(campaign=world.campaign).latest("pk").pk


def sent(world: World) -> dict[tuple[str, str], Any]:
    """What an operation has to be told before who asks matters; of text, lines of JSON."""
    return {
        ("api_campaigns", "POST"): {"slug": "made", "name": "Made", "track": "helpfulness"},
        ("api_comparisons", "POST"): {**pairs.INPUT, "campaign": world.campaign.slug},
        ("api_many_comparisons", "POST"): "{}",
        ("api_prompts", "POST"): {**prompts.LINE, "campaign": world.campaign.slug},
        ("api_sampling_requests", "POST"): {"prompt": _prompt(world)},
        ("api_replays", "POST"): {"variant": world.campaign.sampling_plan.order_by("pk")[0].first_id},
        ("api_many_prompts", "POST"): "{}",
        ("api_batches", "POST"): {"campaign": world.campaign.slug, "week": "2026-W01"},
        ("api_claims", "POST"): {"campaign": world.campaign.slug},
        ("api_claim_judgment", "POST"): {"verdict": 2},
        ("api_claim_skip", "POST"): {"reason": "other"},
        ("api_claim_flag", "POST"): {"reason": "other"},
        ("api_claim_guideline", "POST"): {"version": 1},
        ("api_dialogues", "POST"): {
            "campaign": world.campaign.slug,
            "text": "Why is the sea salty?",
            "category": "factual",
        },
        ("api_dialogue_turns", "POST"): {"text": "And why?"},
        ("api_dialogue_heartbeat", "POST"): {"draft": {"text": "And"}},
        ("api_feedback_answer", "POST"): {"text": "It is so."},
        ("api_my_guideline", "POST"): {"version": 1},
        ("api_my_heartbeat", "POST"): {"draft": {"text": "Why"}},
        ("api_judgment", "PUT"): {"verdict": 2, "revision": 0},
        ("api_edited_response", "PUT"): {"text": "Better."},
    }
