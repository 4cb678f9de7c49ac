"""Variants in each of their states, their plans and rounds, as managers see them."""

from __future__ import annotations

from preferences.actions import sampling_plans, variants
from preferences.choices import Position
from preferences.models import Campaign
from tests import factories
from tests.factories.health import FOUND
from tests.factories.temperatures import measured_sweep
from workers import health, rounds

UNBROKEN = "x" * 110


def variant_pages() -> list[str]:
    late = factories.variant("chat-v2-70b", iteration="RLHF-V2", location="/models/rlhf-v2", queue="big")
    early = factories.variant("chat-v1-70b", iteration="RLHF-V1", location="/models/rlhf-v1")
    broken = factories.variant(UNBROKEN, location=f"/models/{UNBROKEN}", system_prompt=UNBROKEN, chat_template=UNBROKEN)
    new = factories.variant("chat-v3-70b", iteration="RLHF-V3", location="http://127.0.0.1:8000/v1#v3", engine="openai")
    gone = factories.variant("chat-v0", iteration="SFT")
    asked = factories.variant("chat-v2-7b", iteration="RLHF-V2")
    for variant in (early, late, new):
        factories.checked(variant, warnings=("The same seed gave another text among others than alone.",))
    factories.checked(broken, f"There is no model.safetensors in /models/{UNBROKEN}.")
    factories.checked(broken, f"There is no folder /models/{UNBROKEN}.", "The disk is full.", info=FOUND)
    health.request(variant=asked, by=None)
    campaign = factories.campaign(name="Everyday questions")
    factories.sampling_plan(campaign, first=late, second=gone, first_temperature=1.2, tuned=True, weight=2)
    factories.sampling_plan(campaign, first=late, second=early, weight=3)
    paused = factories.sampling_plan(campaign, first=broken, second=early)
    sampling_plans.pause(pair=paused, by=None)
    variants.retire(variant=gone, by=None)
    of_rounds = looped()
    return [
        "/variants/",
        "/variants/new/",
        *(f"/variants/{one.pk}/" for one in (late, broken, gone, asked, factories.variant(engine=variants.IMPORTED))),
        f"/campaigns/{campaign.slug}/sampling/",
        f"/campaigns/{factories.red_team_campaign().slug}/sampling/",
        f"/campaigns/{factories.campaign().slug}/sampling/",
        f"/campaigns/{of_rounds.slug}/rounds/",
        f"/campaigns/{factories.campaign().slug}/rounds/",
    ]


def looped(name: str = "Rounds of everyday questions", slug: str = "", *, comparisons: int = 12) -> Campaign:
    """Two rounds: the second variant won two thirds of what it met, the third five sixths."""
    campaign = factories.campaign(name=name, slug=slug)
    boss = factories.manager(campaign)
    boss.pseudonym = "calm-heron-3141"
    boss.save(update_fields=["pseudonym"])
    one, two, three = (factories.variant(f"chat-v{number}", iteration=f"RLHF-V{number}") for number in (1, 2, 3))
    for new, old, lost in ((two, one, 3), (three, two, 6)):
        rounds.open_round(campaign=campaign, new=new, against={old: 1.0}, by=boss, anyway=True)
        for number in range(comparisons):
            made = factories.evaluated(campaign, old, new, [], text_a=f"Old {number}.", text_b=f"New {number}.")
            factories.judge(made, score=-3 if number % lost == 0 else 3, shown_left=Position.A)
        factories.batch(campaign, comparisons=0, name=f"{campaign.slug}-{new.name}")
        factories.trained_reward_model(campaign.track, base=f"/models/{new.name}")
        if new == two:  # the second round asks for sweeps of its own, which wait
            measured_sweep(campaign, variant=new)
    return campaign
