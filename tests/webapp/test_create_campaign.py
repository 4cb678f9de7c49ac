"""create_campaign: what a kind comes with unless told otherwise, and a sentence for what makes no sense."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from preferences.models import Campaign

pytestmark = pytest.mark.django_db


def made(*arguments: str) -> tuple[str, str, str, int]:
    call_command("create_campaign", "one", *arguments, stdout=None)
    campaign = Campaign.objects.get(slug="one")
    return campaign.kind, campaign.track, campaign.scale, campaign.raters_per_item


@pytest.mark.parametrize(
    ("arguments", "facts"),
    [
        ("--track helpfulness", ("preference", "helpfulness", "eight_point", 1)),
        ("--track safety --scale two_point --raters 2", ("preference", "safety", "two_point", 2)),
        ("--kind evaluation --track helpfulness", ("evaluation", "helpfulness", "seven_point", 3)),
        ("--kind evaluation --track helpfulness --scale three_point", ("evaluation", "helpfulness", "three_point", 3)),
        ("--kind safety_rating", ("safety_rating", "safety", "safety", 3)),
        ("--kind safety_rating --raters 5", ("safety_rating", "safety", "safety", 5)),
        ("--kind red_team --turns 5", ("red_team", "safety", "eight_point", 1)),
    ],
)
def test_a_kind_comes_with_its_track_scale_and_raters(arguments: str, facts: tuple[str, str, str, int]) -> None:
    assert made(*arguments.split()) == facts


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("", "Say which track “one” is of: --track helpfulness or safety"),
        ("--kind evaluation", "Say which track"),
        ("--kind evaluation --track helpfulness --scale eight_point", "needs a scale with a tie"),
        ("--kind safety_rating --scale seven_point", "that kind has no other scale"),
        ("--kind safety_rating --turns 3", "no dialogue to go on with"),
        ("--track safety --scale safety", "it belongs to the kind “safety rating”"),
    ],
)
def test_what_makes_no_sense_is_a_sentence_and_makes_nothing(arguments: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        made(*arguments.split())
    assert not Campaign.objects.exists()
