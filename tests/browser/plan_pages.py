"""What a campaign takes, before it opens and while it runs."""

from __future__ import annotations

from preferences.choices import Kind, Track
from preferences.scales import Scale
from tests import factories

UNBROKEN = "x" * 120


def plans() -> list[str]:
    factories.draft_campaign(slug="studied", name=UNBROKEN, kind=Kind.EVALUATION, scale=Scale.SEVEN_POINT)
    factories.draft_campaign(slug="rated", kind=Kind.SAFETY_RATING, track=Track.SAFETY, scale=Scale.SAFETY)
    running = factories.campaign(slug="running", raters_per_item=2)
    for number in range(12):
        factories.judged_comparison(running, scores=[-3, -3] if number % 3 else [-3, 2])
    return [
        "/campaigns/studied/plan/?share=36&ties=31.5&reach=0.1&raters=9&seconds=36000&wage=1000000&saved=1",
        "/campaigns/rated/plan/",
        "/campaigns/running/plan/?agreement=1",
    ]
