from __future__ import annotations

import zoneinfo
from functools import cache

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from preferences.choices import CampaignStatus, Kind, RationalePolicy, Track, VerdictRule
from preferences.lifecycle import transition_trigger
from preferences.models.constraints import never_emptied, one_of
from preferences.scales import Scale

MOST_PRIORITY = 1_000
MOST_CAP = 1_000_000
MOST_PLANNED = 1_000_000_000
MOST_SPREAD = 1.0  # of temperatures, to each side
MOST_SHARE = 0.5  # of gold, and of repeats: most work is work


_time_zones = cache(zoneinfo.available_timezones)  # it opens six hundred files


def check_time_zone(name: str) -> None:
    if name not in _time_zones():
        raise ValidationError(_("“%(name)s” is not a time zone; write one such as Europe/Zurich.") % {"name": name})


class Campaign(models.Model):
    """What is collected and how."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.PREFERENCE)
    track = models.CharField(max_length=20, choices=Track.choices)
    scale = models.CharField(max_length=20, choices=Scale.choices, default=Scale.EIGHT_POINT)
    question = models.CharField(max_length=300, help_text="What the annotator is asked above the two responses.")
    raters_per_item = models.PositiveSmallIntegerField(default=1)
    max_turns = models.PositiveSmallIntegerField(default=1)
    lease_seconds = models.PositiveIntegerField(default=900, help_text="How long a claimed comparison is held.")
    rationale = models.CharField(max_length=20, choices=RationalePolicy.choices, default=RationalePolicy.OPTIONAL)
    asks_edit = models.BooleanField(
        default=False,
        help_text="Whether annotators improve the chosen response after the verdict (Llama 3, section 4.2.1).",
    )
    resamples_identity_leaks = models.BooleanField(
        default=False, help_text="Whether a response that says who it is is sampled again."
    )
    priority = models.SmallIntegerField(default=0, help_text="Of two campaigns with work the higher comes first.")
    most_per_person = models.PositiveIntegerField(
        null=True, blank=True, help_text="Comparisons that one person may judge."
    )
    most_per_day = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of these in a day of the campaign's time zone."
    )
    gold_share = models.FloatField(default=0, help_text="Of the comparisons handed out, those whose verdict is known.")
    gold_bar = models.FloatField(
        default=0,
        help_text="Gold accuracy: whose whole interval lies below it works no further until a reviewer looked.",
    )
    repeat_share = models.FloatField(default=0, help_text="Of the comparisons handed out, those shown a second time.")
    ready_ahead = models.PositiveIntegerField(
        default=100,
        db_default=100,
        help_text="Comparisons of imported prompts that are kept sampled before anybody works on them.",
    )
    temperature_spread = models.FloatField(
        default=0,
        db_default=0,
        help_text="Each response is sampled at a temperature drawn from the plan's, this much to each side.",
    )
    verdict_rule = models.CharField(max_length=20, choices=VerdictRule.choices, default=VerdictRule.MEDIAN)
    agreement_gate = models.FloatField(
        null=True, blank=True, help_text="The AC2 that the campaign is to reach: below it somebody acts."
    )
    planned_comparisons = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many the campaign is to finish."
    )
    planned_until = models.DateField(null=True, blank=True, help_text="The last day on which they are to be finished.")
    time_zone = models.CharField(max_length=60, default="UTC", validators=[check_time_zone])
    status = models.CharField(max_length=20, choices=CampaignStatus.choices, default=CampaignStatus.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("kind", Kind, name="campaign_kind"),
            one_of("track", Track, name="campaign_track"),
            one_of("scale", Scale, name="campaign_scale"),
            one_of("status", CampaignStatus, name="campaign_status"),
            one_of("rationale", RationalePolicy, name="campaign_rationale"),
            one_of("verdict_rule", VerdictRule, name="campaign_verdict_rule"),
            models.CheckConstraint(
                condition=(Q(agreement_gate__isnull=True) | Q(agreement_gate__range=(0, 1)))
                & (Q(planned_comparisons__isnull=True) | Q(planned_comparisons__gte=1)),
                name="campaign_plan",
            ),
            models.CheckConstraint(
                condition=Q(raters_per_item__gte=1) & Q(max_turns__gte=1) & Q(lease_seconds__gte=1),
                name="campaign_counts_positive",
            ),
            models.CheckConstraint(
                condition=(Q(most_per_person__isnull=True) | Q(most_per_person__gte=1))
                & (Q(most_per_day__isnull=True) | Q(most_per_day__gte=1)),
                name="campaign_caps_positive",
            ),
            models.CheckConstraint(
                condition=Q(gold_share__range=(0, MOST_SHARE), repeat_share__range=(0, MOST_SHARE))
                & Q(gold_bar__range=(0, 1)),
                name="campaign_shares",
            ),
            models.CheckConstraint(
                condition=Q(temperature_spread__range=(0, MOST_SPREAD)), name="campaign_temperature_spread"
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.RED_TEAM) | Q(track=Track.SAFETY),
                name="campaign_red_team_on_safety",
                violation_error_message=gettext_lazy("Red teaming belongs to the safety track."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.SAFETY_RATING) & ~Q(scale=Scale.SAFETY)
                | Q(kind=Kind.SAFETY_RATING, scale=Scale.SAFETY, track=Track.SAFETY),
                name="campaign_safety_rating_on_its_scale",
                violation_error_message=gettext_lazy(
                    "The safety scale rates one response: it belongs to the kind “safety rating” of the safety track, "
                    "and that kind has no other scale."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.SAFETY_RATING) | Q(asks_edit=False, repeat_share=0, max_turns=1),
                name="campaign_safety_rating_of_one_response",
                violation_error_message=gettext_lazy(
                    "Where one response is rated nobody chooses one: there is none to improve, no pair to show a "
                    "second time, and no dialogue to go on with."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.EVALUATION) | Q(scale__in=[scale for scale in Scale if scale.has_tie]),
                name="campaign_evaluation_has_a_tie",
                violation_error_message=gettext_lazy(
                    "An evaluation counts wins, ties and losses: it needs a scale with a tie, as seven_point is."
                ),
            ),
        ]
        triggers = [
            never_emptied(),
            transition_trigger(CampaignStatus),
            # Sealed rows name these, and judgments were made under them.
            pgtrigger.ReadOnly(name="identity_stays", fields=["slug", "kind", "track", "scale"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_safety(self) -> bool:
        return self.track == Track.SAFETY

    @property
    def is_red_team(self) -> bool:
        return self.kind == Kind.RED_TEAM

    @property
    def rates_one(self) -> bool:
        """Whether each of its comparisons has one response, which is rated (Llama 2, section 4.4)."""
        return self.kind == Kind.SAFETY_RATING

    @property
    def has_fixed_prompts(self) -> bool:
        """Whether its prompts are a set that is brought in, so that annotators write none (Llama 2, A.3.7 and 4.4)."""
        return self.kind in (Kind.EVALUATION, Kind.SAFETY_RATING)

    @property
    def scores_both(self) -> bool:
        """Whether each of two responses gets a safety score beside the verdict (Llama 2, section 3.2.1)."""
        return self.is_safety and not self.rates_one

    @property
    def the_scale(self) -> Scale:
        return Scale(self.scale)
