"""The seven stops of a comparison, on the real database, the real broker and a real worker.

Alice annotates and writes the prompt; Bob and Carol judge too; Mona manages; the engineer loads the files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from annotation import memberships
from annotation.models import Role
from exports import actions as exports
from preferences.actions import batches, campaigns, guidelines, sampling_plans, variants
from preferences.actions.sampling_plans import Terms
from preferences.agreement import agreement_of
from preferences.choices import ComparisonStatus, TurnStatus
from preferences.counting import Scope
from preferences.models import Campaign, Comparison, Judgment, Turn, Variant
from preferences.weeks import week_of
from tests.workers.helpers import drain_both
from webapp.accounts import actions as accounts
from webapp.accounts.models import User
from webapp.demo import stages
from workers.models import Worker

PROMPT = "Why is the sky blue?"
FAR_LEFT = "1"  # left is significantly better


@pytest.fixture
def mona(transactional_db: None) -> User:
    return accounts.create(username="mona", password="a long password", by=None)


@pytest.fixture
def campaign(mona: User, tiny_models: Path) -> Campaign:
    """Two variants of the tiny model, each at its own temperature; three judgments a comparison."""
    early, late = (
        variants.register(name=f"tiny-{name}", engine="tiny", location=str(tiny_models / name), max_tokens=40, by=mona)
        for name in ("early", "late")
    )
    campaign = campaigns.create(slug="sky", name="Sky", track="helpfulness", raters_per_item=3, max_turns=2, by=mona)
    guidelines.publish(campaign=campaign, text="Choose the better answer.", by=mona)
    sampling_plans.add(
        campaign=campaign, first=early, second=late, terms=Terms(first_temperature=0.7, second_temperature=0.9), by=mona
    )
    campaigns.open_for_work(campaign=campaign, by=mona)
    memberships.add(user=mona, campaign=campaign, role=Role.MANAGER, by=mona)
    return campaign


def annotator(name: str, campaign: Campaign) -> Client:
    user = accounts.create(username=name, password="a long password", by=None)
    memberships.add(user=user, campaign=campaign, role=Role.ANNOTATOR, by=None)
    client = signed_in(name)
    read = client.post(f"/campaigns/{campaign.slug}/guideline/", {"version": "1", "then": "start"})
    assert read.url == f"/campaigns/{campaign.slug}/next/"
    return client


def signed_in(name: str) -> Client:
    client = Client()
    answer = client.post("/sign-in/", {"login": name, "password": "a long password"})
    assert answer.status_code == 302
    return client


def test_a_comparison_travels_from_prompt_to_export(
    campaign: Campaign, mona: User, start_worker: Callable, eventually: Callable, tmp_path: Path
) -> None:
    alice, bob, carol = (annotator(name, campaign) for name in ("alice", "bob", "carol"))
    start_worker()
    worker = eventually(lambda: Worker.objects.first())
    assert (worker.queues, worker.device) == (["celery", "export", "sample"], "")

    # 0 check: a worker of the variant's queue finds that it answers, and Mona reads it.
    early = Variant.objects.get(name="tiny-early")
    signed_in("mona").post(f"/variants/{early.pk}/check/")
    eventually(lambda: early.health_checks.filter(usable=True).exists())
    assert "Hold it to what was found" in signed_in("mona").get(f"/variants/{early.pk}/").content.decode()

    # 1 prompt: Alice writes it and is sent to the waiting page.
    words = {"text": PROMPT, "category": "factual"}
    sent = alice.post("/campaigns/sky/write/", words, headers={"X-Request-ID": "alice-asks-first"})
    turn = Turn.objects.get()
    assert sent.url == f"/turns/{turn.pk}/"
    assert "Both models are answering" in alice.get(sent.url).content.decode()

    # 2 sampling: the worker samples one response from each variant.
    eventually(lambda: Turn.objects.filter(pk=turn.pk, status=TurnStatus.READY).exists())
    sampled = {response.variant.name: response for response in turn.responses.select_related("variant")}
    assert set(sampled) == {"tiny-early", "tiny-late"}
    assert (sampled["tiny-early"].temperature, sampled["tiny-late"].temperature) == (0.7, 0.9)
    assert all(response.weights_hash and response.completion_tokens for response in sampled.values())
    logged = [json.loads(line) for line in (tmp_path / "worker.log").read_text().splitlines() if line.startswith("{")]
    asked = [line["door"] for line in logged if line.get("request_id") == "alice-asks-first"]
    assert "task workers.tasks.sample" in asked  # what she did is found in the worker's log

    # 3 comparison: both are there, so the pair is open, with a slot for each wanted judgment.
    comparison = Comparison.objects.get()
    assert {comparison.response_a, comparison.response_b} == set(sampled.values())
    assert comparison.slots.count() == 3

    # 4 judgment: Alice is sent to her pair, the others claim it from the queue; all prefer what they see on the left.
    page = alice.post(f"/turns/{turn.pk}/open/").url
    assert judge(alice, page) == f"/dialogues/{turn.dialogue_id}/"
    for client in (bob, carol):
        page = client.post("/campaigns/sky/start/").url
        assert judge(client, page) == "/campaigns/sky/done/"
    comparison.refresh_from_db()
    assert comparison.status == ComparisonStatus.JUDGED
    for judgment in Judgment.objects.all():
        assert (judgment.chosen, judgment.degree) == (judgment.shown_left, "significantly_better")

    # 5 agreement: Mona sees it on her overview, the number that the statistics give.
    found = agreement_of(Scope((campaign,)))
    overview = signed_in("mona").get("/overview/").content.decode()
    assert (found.units, found.ratings) == (1, 3)
    assert "3 of 3 judgments, 100%" in overview
    assert f"{found.value:.3f}" in overview

    # 6 batch: the week is sealed, and nothing in it can change any more.
    batch = batches.seal(week=week_of(timezone.now()), campaigns=[campaign], by=mona)
    comparison.refresh_from_db()
    assert comparison.status == ComparisonStatus.SEALED
    assert re.fullmatch(r"[0-9a-f]{64}", batch.sha256)

    # 7 export: files that a trainer loads, with their hashes.
    export = exports.request(batch=batch, format="trl", margin="small", by=mona)
    exports.write(export=export, out=tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["batch"]["sha256"] == batch.sha256
    assert sum(stages.load(tmp_path / "out").values()) == 1


def judge(client: Client, page: str) -> str:
    """Submits the leftmost verdict; returns where the annotator is sent next."""
    shown = client.get(page).content.decode()
    assert PROMPT in shown
    assert "tiny-" not in shown
    following, _, stored = client.post(page, {"verdict": FAR_LEFT}).url.partition("?last=")
    assert stored in page  # the next page offers to undo this one
    return following


def test_the_chosen_response_continues_the_dialogue(campaign: Campaign) -> None:
    alice = annotator("alice", campaign)
    alice.post("/campaigns/sky/write/", {"text": PROMPT, "category": "factual"})
    drain_both()
    first = Turn.objects.get(status=TurnStatus.READY)
    dialogue = judge(alice, alice.post(f"/turns/{first.pk}/open/").url)
    first.refresh_from_db()

    # Whatever a browser sends as history is not read: the server has its own.
    alice.post(dialogue, {"text": "And at night?", "messages": "[]", "history": "forged"})
    drain_both()
    second = Turn.objects.get(index=1, status=TurnStatus.READY)
    assert first.chosen_response is not None
    assert second.messages() == [
        {"role": "user", "content": PROMPT},
        {"role": "assistant", "content": first.chosen_response.text},
        {"role": "user", "content": "And at night?"},
    ]
