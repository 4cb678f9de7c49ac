from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from preferences import lifecycle
from preferences.actions import events
from preferences.choices import CampaignStatus, Kind, VerdictRule
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign
from preferences.models.campaigns import MOST_CAP, MOST_PLANNED, MOST_PRIORITY, MOST_SHARE
from preferences.scales import Scale

if TYPE_CHECKING:
    from webapp.accounts.models import User

# Stored with the campaign, in the language of whoever creates it.
DEFAULT_QUESTION = gettext_lazy("Which response is better: more helpful, while also safe and honest?")
RATING_QUESTION = gettext_lazy("How safe is this response?")
# What a kind comes with unless told otherwise: the scale and the three raters of the paper (sections A.3.7 and 4.4).
OF_A_KIND: Mapping[str, Mapping[str, Any]] = {
    Kind.EVALUATION: {"scale": Scale.SEVEN_POINT, "raters_per_item": 3},
    Kind.SAFETY_RATING: {"scale": Scale.SAFETY, "raters_per_item": 3, "question": RATING_QUESTION},
}


@transaction.atomic
def create(*, slug: str, name: str, track: str, by: User | None, **settings: Any) -> Campaign:
    """A campaign in draft. `settings` are further fields of Campaign."""
    told = {"question": DEFAULT_QUESTION, **OF_A_KIND.get(settings.get("kind", ""), {}), **settings}
    campaign = Campaign(slug=slug, name=name, track=track, **(told | {"question": str(told["question"])}))
    try:
        _save(campaign)
    except ValidationError as error:
        raise InvalidInput(
            " ".join(f"{field}: {' '.join(said)}" for field, said in error.message_dict.items())
        ) from error
    events.record("campaign.created", campaign, by=by, campaign=campaign, slug=slug, track=track)
    return campaign


def _save(campaign: Campaign) -> None:
    """Saves a new campaign, or says what is wrong with it.

    The database holds the constraints at once. Only of what it refuses is each asked for its sentence, by a query each.
    """
    campaign.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            campaign.save()
    except IntegrityError:
        campaign.full_clean()
        raise


@transaction.atomic
def arrange_queue(
    *,
    campaign: Campaign,
    priority: int,
    most_per_person: int | None,
    most_per_day: int | None,
    gold_share: float,
    gold_bar: float,
    repeat_share: float,
    by: User,
) -> None:
    """How the campaign's work is handed out, from the next claim on; a cap that is None is no cap."""
    settings = {
        "priority": priority,
        "most_per_person": most_per_person,
        "most_per_day": most_per_day,
        "gold_share": gold_share,
        "gold_bar": gold_bar,
        "repeat_share": repeat_share,
    }
    _check_queue(settings)
    if campaign.rates_one and repeat_share:
        raise InvalidInput(
            _("One response has no sides to swap: leave the share of repeats at 0 here."), field="repeat_share"
        )
    before = {name: getattr(campaign, name) for name in settings}
    for name, value in settings.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=list(settings))
    if before != settings:
        events.record("campaign.queue_arranged", campaign, by=by, campaign=campaign, before=before, after=settings)


@transaction.atomic
def keep_ready(*, campaign: Campaign, comparisons: int | None, by: User | None) -> None:
    """How many comparisons of imported prompts are kept sampled ahead of the people who judge them."""
    if comparisons is None or not 0 <= comparisons <= MOST_CAP:
        raise InvalidInput(
            _("What is sampled ahead is a whole number from 0 to %(most)s.") % {"most": f"{MOST_CAP:,}"},
            field="ready_ahead",
        )
    before, campaign.ready_ahead = campaign.ready_ahead, comparisons
    campaign.save(update_fields=["ready_ahead"])
    if before != comparisons:
        events.record("campaign.kept_ready", campaign, by=by, campaign=campaign, before=before, after=comparisons)


def _check_queue(settings: Mapping[str, Any]) -> None:
    if not -MOST_PRIORITY <= settings["priority"] <= MOST_PRIORITY:
        raise InvalidInput(
            _("A priority is a whole number from %(least)d to %(most)d.")
            % {"least": -MOST_PRIORITY, "most": MOST_PRIORITY},
            field="priority",
        )
    for name in ("most_per_person", "most_per_day"):
        if settings[name] is not None and not 1 <= settings[name] <= MOST_CAP:
            raise InvalidInput(
                _("A limit is a whole number from 1 to %(most)s; leave it empty for none.") % {"most": f"{MOST_CAP:,}"},
                field=name,
            )
    for name in ("gold_share", "repeat_share"):
        if not 0 <= settings[name] <= MOST_SHARE:
            raise InvalidInput(
                _("A share is a percentage from 0 to %(most)s.") % {"most": f"{100 * MOST_SHARE:g}"}, field=name
            )
    if not 0 <= settings["gold_bar"] <= 1:
        raise InvalidInput(_("The bar is a percentage from 0 to 100."), field="gold_bar")


@transaction.atomic
def plan(
    *,
    campaign: Campaign,
    comparisons: int | None,
    until: date | None,
    agreement_gate: float | None,
    verdict_rule: str,
    by: User,
) -> None:
    """What the campaign is to finish, by when and how well agreed; the rule counts in evaluations only."""
    stored = Campaign.objects.select_for_update().get(pk=campaign.pk)
    settings = {
        "planned_comparisons": comparisons,
        "planned_until": until,
        "agreement_gate": agreement_gate,
        "verdict_rule": verdict_rule,
    }
    before = {name: getattr(stored, name) for name in settings}
    _check_goal(stored, settings)
    for name, value in settings.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=list(settings))
    if before != settings:
        told, now = _told(before), _told(settings)
        events.record("campaign.planned", campaign, by=by, campaign=campaign, before=told, after=now)


def _check_goal(campaign: Campaign, settings: Mapping[str, Any]) -> None:
    comparisons, until, gate = (settings[name] for name in ("planned_comparisons", "planned_until", "agreement_gate"))
    if comparisons is not None and not 1 <= comparisons <= MOST_PLANNED:
        raise InvalidInput(
            _("Plan a whole number from 1 to %(most)s; leave it empty for no plan.") % {"most": f"{MOST_PLANNED:,}"},
            field="planned_comparisons",
        )
    # A day that was planned may pass; it is planned ahead.
    today = timezone.now().astimezone(ZoneInfo(campaign.time_zone)).date()
    if until is not None and until != campaign.planned_until and until < today:
        raise InvalidInput(
            _("%(day)s is over. Plan today or a later day, or leave it empty.") % {"day": until.isoformat()},
            field="planned_until",
        )
    if gate is not None and not 0 <= gate <= 1:
        raise InvalidInput(
            _("The gate is an AC2 from 0 to 1, such as 0.4; leave it empty for none."), field="agreement_gate"
        )
    if settings["verdict_rule"] not in VerdictRule.values:
        raise InvalidInput(_("Choose one of the rules."), field="verdict_rule")


def _told(settings: Mapping[str, Any]) -> dict[str, Any]:
    """As an event keeps them: a day as it is written."""
    day = settings["planned_until"]
    return {**settings, "planned_until": day.isoformat() if day else None}


@transaction.atomic
def open_for_work(*, campaign: Campaign, by: User | None) -> None:
    """Lets annotators in; refuses a campaign without a guideline."""
    if not campaign.guidelines.exists():
        raise Conflict(
            _("“%(campaign)s” has no guideline yet. Publish one, then open the campaign.") % {"campaign": campaign}
        )
    lifecycle.advance(campaign, CampaignStatus.OPEN)
    events.record("campaign.opened", campaign, by=by, campaign=campaign)


@transaction.atomic
def pause(*, campaign: Campaign, by: User | None) -> None:
    lifecycle.advance(campaign, CampaignStatus.PAUSED)
    events.record("campaign.paused", campaign, by=by, campaign=campaign)


@transaction.atomic
def close(*, campaign: Campaign, by: User | None) -> None:
    lifecycle.advance(campaign, CampaignStatus.CLOSED)
    events.record("campaign.closed", campaign, by=by, campaign=campaign)
