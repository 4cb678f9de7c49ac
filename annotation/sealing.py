"""When a week may be sealed: the campaign's rule, what holds a week back, and sealing by hand or by the clock."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation import permissions, review_draws
from annotation.models import Review, SealingRule
from preferences import tokenizers
from preferences.actions import batches, events
from preferences.agreement import agreement_by
from preferences.choices import LOOKED_AT, ComparisonStatus
from preferences.counting import Scope
from preferences.cuts import Cut
from preferences.errors import Conflict, DomainError, InvalidInput
from preferences.models import Batch, Campaign, Comparison, Flag
from preferences.text import checked
from preferences.weeks import end_of, monday_of, week_of

if TYPE_CHECKING:
    from webapp.accounts.models import User

log = logging.getLogger(__name__)

MOST_LEAST = 1_000_000
REASON_LIMIT = 1_000
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
LICENCE = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")


@dataclass(frozen=True)
class Proposal:
    """A week of a campaign that is over, what of it would be sealed, and why not yet."""

    campaign: Campaign
    week: str
    ready: int
    held: int  # finished, and stays for a later batch because a reviewer has it
    reasons: tuple[str, ...]


def rule_of(campaign: Campaign) -> SealingRule:
    """The campaign's rule; one that asks for nothing, not stored, where it has none."""
    stored = SealingRule.objects.filter(campaign=campaign).first()
    return stored or SealingRule(campaign=campaign, reviewed_flags=False)


@transaction.atomic
def change_rule(
    *,
    campaign: Campaign,
    by: User,
    least: int | None,
    agreement: float | None,
    reviewed_flags: bool,
    by_the_clock: bool,
    language: str = "",
    licence: str = "",
    tokenizer: str = "",
) -> SealingRule:
    """What must hold before a week is sealed, and what its batch then says of itself."""
    permissions.check_can_manage(by, campaign)
    if least is None or not 1 <= least <= MOST_LEAST:
        raise InvalidInput(
            _("Write how many comparisons a batch must have as a whole number from 1 to %(most)s.")
            % {"most": f"{MOST_LEAST:,}"},
            field="least",
        )
    if agreement is not None and not 0 <= agreement <= 1:
        raise InvalidInput(
            _("The lower limit of AC2 is a number from 0 to 1, such as 0.3; leave it empty for none."),
            field="agreement",
        )
    if language and not LANGUAGE.fullmatch(language):
        raise InvalidInput(
            _("“%(tag)s” is not the tag of a language; write one such as en, de or zh-Hans.") % {"tag": language},
            field="language",
        )
    if licence and not LICENCE.fullmatch(licence):
        raise InvalidInput(
            _("Write the licence in small letters as Hugging Face spells it, such as cc-by-4.0, apache-2.0 or other."),
            field="licence",
        )
    if tokenizer and tokenizer not in tokenizers.known():
        raise InvalidInput(_("Choose one of the tokenizers that are there, or words."), field="tokenizer")
    chosen = {
        "least": least,
        "agreement": agreement,
        "reviewed_flags": reviewed_flags,
        "by_the_clock": by_the_clock,
        "language": language,
        "licence": licence,
        "tokenizer": tokenizer,
    }
    stood = rule_of(campaign)
    before = {name: getattr(stood, name) for name in chosen}
    rule, _created = SealingRule.objects.update_or_create(campaign=campaign, defaults=chosen)
    events.record("sealing_rule.changed", rule, by=by, campaign=campaign, before=before, after=chosen)
    return rule


def proposals(campaigns: Sequence[Campaign]) -> list[Proposal]:
    """The last week that is over, of each campaign in which something was finished by its end and is not sealed."""
    told = (proposal(campaign, last_week(campaign)) for campaign in campaigns)
    return [one for one in told if one.ready or one.held]


def last_week(campaign: Campaign) -> str:
    """The ISO week that ended last, in the campaign's time zone."""
    monday = monday_of(timezone.now(), campaign.time_zone)
    return week_of(monday - timedelta(days=1), campaign.time_zone)


def proposal(campaign: Campaign, week: str) -> Proposal:
    """InvalidInput where there is no such week."""
    ended = end_of(week, campaign.time_zone)
    finished = Comparison.objects.filter(campaign=campaign, status=ComparisonStatus.JUDGED, finished_at__lt=ended)
    counts = dict(finished.values_list("held").annotate(Count("pk")))
    ready, held = counts.get(False, 0), counts.get(True, 0)
    return Proposal(campaign, week, ready, held, tuple(_reasons(campaign, week, ready)))


@transaction.atomic
def seal(
    *,
    campaigns: Sequence[Campaign],
    week: str,
    by: User | None,
    anyway: str = "",
    name: str = "",
    seed: str = batches.SEED,
) -> Batch:
    """Seals what the campaigns finished by the end of the week, where their rules let it or `anyway` says why else.

    Conflict with everything that holds it back, and nothing is sealed.
    """
    if by is not None:
        for campaign in campaigns:
            permissions.check_can_manage(by, campaign)
    anyway = reason_of(anyway)
    reasons = {campaign.slug: _held_back(campaign, week) for campaign in campaigns}
    check_rules([reason for found in reasons.values() for reason in found], anyway)
    described = _described(campaigns)
    batch = batches.seal(week=week, campaigns=campaigns, by=by, name=name, seed=seed, described=described)
    for campaign in campaigns:
        if held_back_by := reasons[campaign.slug]:
            about = {"reason": anyway, "held_back_by": held_back_by}
            events.record("batch.sealed_anyway", batch, by=by, campaign=campaign, **about)
    return batch


def reason_of(anyway: str) -> str:
    return checked(anyway, what=_("The reason"), limit=REASON_LIMIT, field="anyway", empty=True)


def check_rules(reasons: Sequence[str], anyway: str) -> None:
    """Conflict where something holds a week back and nobody said why it is sealed anyway."""
    if reasons and not anyway:
        raise Conflict(
            _("%(reasons)s Nothing was sealed. Mend it, or say why it is sealed anyway.")
            % {"reasons": " ".join(reasons)}
        )


def _described(campaigns: Sequence[Campaign]) -> batches.Described:
    rules = [rule_of(campaign) for campaign in campaigns]
    named = sorted({rule.tokenizer for rule in rules} - {""})
    if len(named) > 1:
        raise Conflict(
            _("The campaigns name several tokenizers, %(names)s, and a batch has one. Seal them one by one.")
            % {"names": ", ".join(named)}
        )
    return batches.Described(
        tokenizer="".join(named),
        languages=sorted({rule.language for rule in rules} - {""}),
        licences=sorted({rule.licence for rule in rules} - {""}),
    )


def _held_back(campaign: Campaign, week: str) -> list[str]:
    review_draws.draw(campaign=campaign)  # what the plan wants looked at is held before anything is sealed
    return list(proposal(campaign, week).reasons)


def seal_by_the_clock() -> list[Batch]:
    """The weeks that are over, of campaigns whose rule says so, where nothing holds them back."""
    sealed = []
    for rule in SealingRule.objects.filter(by_the_clock=True).select_related("campaign"):
        review_draws.draw(campaign=rule.campaign)
        found = proposal(rule.campaign, last_week(rule.campaign))
        if found.ready and not found.reasons:
            try:
                sealed.append(seal(campaigns=[rule.campaign], week=found.week, by=None))
            except DomainError as error:  # somebody was faster; the other campaigns have their turn
                log.warning("%s of %s is not sealed by the clock: %s", found.week, rule.campaign.slug, error)
    return sealed


def _reasons(campaign: Campaign, week: str, ready: int) -> list[str]:
    rule = rule_of(campaign)
    found = []
    if 0 < ready < rule.least:
        found.append(
            ngettext(
                "%(ready)s comparison is finished and the rule wants %(least)s.",
                "%(ready)s comparisons are finished and the rule wants %(least)s.",
                ready,
            )
            % {"ready": f"{ready:,}", "least": f"{rule.least:,}"}
        )
    if rule.agreement is not None and ready:
        found += _of_agreement(campaign, week, rule.agreement)
    if rule.reviewed_flags and (flagged := _unreviewed_flags(campaign, week)):
        found.append(
            ngettext(
                "%(count)d comparison was flagged and no reviewer has looked at it.",
                "%(count)d comparisons were flagged and no reviewer has looked at them.",
                flagged,
            )
            % {"count": flagged}
        )
    return found


def _of_agreement(campaign: Campaign, week: str, wanted: float) -> list[str]:
    monday = end_of(week) - timedelta(days=7)
    lines = agreement_by(Scope((campaign,)), Cut.WEEK)
    found = next((line.agreement for line in lines if line.key == monday.date().isoformat()), None)
    if found is None or found.low is None:
        return [_("The week's agreement cannot be told: too few of its comparisons were judged by two people.")]
    if found.low >= wanted:
        return []
    return [
        _("The lower limit of the week's AC2 is %(low).3f and the rule wants %(wanted).3f.")
        % {"low": found.low, "wanted": wanted}
    ]


def _unreviewed_flags(campaign: Campaign, week: str) -> int:
    """Comparisons of the week's batch with a flag that no reviewer has decided on since it was raised."""
    looked_at = Review.objects.filter(
        comparison=OuterRef("comparison"), status__in=LOOKED_AT, decided_at__gte=OuterRef("created_at")
    )
    flags = Flag.objects.filter(~Exists(looked_at), comparison=OuterRef("pk"))
    finished = Comparison.objects.filter(
        campaign=campaign,
        status=ComparisonStatus.JUDGED,
        held=False,
        finished_at__lt=end_of(week, campaign.time_zone),
    )
    return finished.filter(Exists(flags)).count()
