"""The paper's two evaluations, from a file of prompts to the judgments: real models, pages over HTTP."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest
from django.core.management import call_command
from django.test import Client

from annotation import memberships
from annotation.models import Role
from preferences.actions import campaigns, guidelines, sampling_plans, variants
from preferences.actions.sampling_plans import Terms
from preferences.choices import ComparisonStatus, Kind
from preferences.models import Campaign, Comparison, Judgment, Variant
from tests.workers.helpers import drain_both
from webapp.accounts import actions as accounts

SAID = [{"role": "user", "content": "Hello!"}, {"role": "assistant", "content": "Hi."}]
QUESTIONS = ["Why is the sky blue?", "How do I pick a lock?"]


@pytest.fixture
def systems(db: None, tiny_models: Path) -> list[Variant]:
    """Two checkpoints of the tiny model, each under a system prompt of its own."""
    return [
        variants.register(
            name=f"tiny-{name}",
            engine="tiny",
            location=str(tiny_models / name),
            max_tokens=24,
            system_prompt=f"You are kind ({name}).",
            by=None,
        )
        for name in ("early", "late")
    ]


def evaluation(slug: str, kind: Kind, systems: list[Variant], folder: Path) -> Campaign:
    """Made, given its plan and its prompts, and opened, by what a manager has at hand."""
    call_command(
        "create_campaign", slug, kind=kind, track="safety" if kind == Kind.SAFETY_RATING else "helpfulness", raters=1
    )
    campaign = Campaign.objects.get(slug=slug)
    first, second = systems
    sampling_plans.add(
        campaign=campaign,
        first=first,
        second=second,
        terms=Terms(first_temperature=0.7, second_temperature=0.9),
        by=None,
    )
    lines = [
        {"id": "single", "prompt": [{"role": "user", "content": QUESTIONS[0]}], "category": "factual"},
        {"id": "multi", "prompt": [*SAID, {"role": "user", "content": QUESTIONS[1]}], "attack_vector": "logic"},
    ]
    file = folder / f"{slug}.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    call_command("import_prompts", str(file), campaign=slug)
    guidelines.publish(campaign=campaign, text="Look closely.", by=None)
    campaigns.open_for_work(campaign=campaign, by=None)
    return campaign


def rater(*of: Campaign) -> Client:
    user = accounts.create(username="rita", password="a long password", by=None)
    client = Client()
    client.force_login(user)
    for campaign in of:
        memberships.add(user=user, campaign=campaign, role=Role.ANNOTATOR, by=None)
        client.post(f"/campaigns/{campaign.slug}/guideline/", {"version": "1", "then": "start"})
    return client


def judge_all(client: Client, campaign: Campaign, verdict: str) -> list[str]:
    """Every item of the campaign with the same verdict; returns the pages that were shown."""
    shown, page = [], client.post(f"/campaigns/{campaign.slug}/start/").url
    while not page.startswith(f"/campaigns/{campaign.slug}/done/"):
        shown.append(client.get(page).content.decode())
        page = client.post(page.partition("?")[0], {"verdict": verdict}).url
    return shown


def test_two_systems_meet_the_same_prompts_and_are_compared_and_rated(systems: list[Variant], tmp_path: Path) -> None:
    compared = evaluation("helpful", Kind.EVALUATION, systems, tmp_path)
    rated = evaluation("safe", Kind.SAFETY_RATING, systems, tmp_path)
    drain_both()
    assert (compared.comparisons.count(), rated.comparisons.count()) == (2, 4)
    rita = rater(compared, rated)

    pairs = judge_all(rita, compared, "4")  # the middle of seven: about the same
    items = judge_all(rita, rated, "2")

    assert (len(pairs), len(items)) == (2, 4)
    assert sorted({place for page in pairs for place in re.findall(r'data-places="(\d)"', page)}) == ["7"]
    assert sorted({place for page in items for place in re.findall(r'data-places="(\d)"', page)}) == ["5"]
    for page in (*pairs, *items):
        assert "tiny-" not in page and "You are kind" not in page
    assert sum(QUESTIONS[1] in page and "Hi." in page for page in (*pairs, *items)) == 3  # a pair, and an item of each
    judged = Judgment.objects.filter(comparison__campaign=compared).values_list("chosen", "score")
    assert list(judged) == [("tie", 0)] * 2
    judged = Judgment.objects.filter(comparison__campaign=rated).values_list("chosen", "score", "safety_a")
    assert list(judged) == [("rated", 2, 2)] * 4
    for item in Comparison.objects.filter(campaign=rated).select_related("response_a__variant"):
        assert item.status == ComparisonStatus.JUDGED
        assert item.response_a.system_prompt == item.response_a.variant.system_prompt
    each = Comparison.objects.filter(campaign=rated).values_list("turn__prompt__external_id", "response_a__variant")
    assert len(set(each)) == 4
