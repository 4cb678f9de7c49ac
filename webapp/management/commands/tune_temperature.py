from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from preferences.choices import CampaignStatus, SweepStatus, VariantStatus
from preferences.errors import DomainError
from preferences.models import Campaign, Variant
from preferences.stats import expected_max
from workers.models import TemperatureSweep
from workers.temperature import actions, results, work


class Command(BaseCommand):
    help = (
        "Samples a variant at a grid of temperatures, scores the answers with the newest reward model of the "
        "campaign's track, and writes the best temperature into the campaign's sampling plan, where it follows sweeps."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--variant", required=True, metavar="NAME")
        parser.add_argument("--campaign", metavar="SLUG", help="whose prompts and plan; needed where several have it")
        parser.add_argument("--answers", type=int, default=actions.ANSWERS, help="to each prompt (%(default)s)")
        parser.add_argument(
            "--prompts", type=int, default=actions.PROMPTS, help="drawn of the campaign's (%(default)s)"
        )
        parser.add_argument(
            "--grid", type=float, nargs="+", default=list(actions.GRID), metavar="T", help="(0.1 0.2 … 1.5)"
        )
        parser.add_argument("--best-of", type=int, metavar="N", help="of how many answers the best counts (at most 10)")
        parser.add_argument("--seed", type=int, help="of the draw of prompts and of the answers")

    def handle(self, *, variant: str, campaign: str | None, **options: Any) -> None:
        names = ("answers", "prompts", "grid", "best_of", "seed")
        try:
            found = _variant(variant)
            sweep = actions.request(
                variant=found,
                campaign=_campaign(found, campaign),
                by=None,
                **{name: options[name] for name in names},
            )
        except DomainError as error:
            raise CommandError(str(error)) from None
        work.tune(sweep, tell=self.tell)
        sweep.refresh_from_db()
        if sweep.status != SweepStatus.DONE:
            raise CommandError(sweep.reason or "Another worker measures it; see the variant's page.")
        self.say(sweep)

    def tell(self, sweep: TemperatureSweep) -> None:
        done = sweep.swept.order_by("-pk").values_list("temperature", "seconds")
        temperature, seconds = done[0]
        self.stdout.write(f"temperature {temperature:g}, {len(done)} of {len(sweep.grid)}, {seconds:.1f} s")

    def say(self, sweep: TemperatureSweep) -> None:
        found = results.measured(sweep)
        best = results.best(sweep, found)
        means = expected_max(found.rewards, sweep.best_of).mean(axis=1)
        self.stdout.write(f"reward of the best of {sweep.best_of}, mean over {found.rewards.shape[1]} prompts")
        for place, temperature in enumerate(found.grid):
            mark = " T*" if place == best.place else " cannot be told from T*" if best.alike[place] else ""
            self.stdout.write(f"{temperature:>6g}  {means[place]:.4f}  best in {best.shares[place]:.0%}{mark}")
        if best.place in (0, len(found.grid) - 1):
            self.stdout.write("T* is at the end of the grid: a better one may lie beyond. Try a wider --grid.")
        interval = "" if sweep.low is None else f" ({sweep.low:g}-{sweep.high:g})"
        self.stdout.write(f"{sweep.variant}: temperature {sweep.temperature:g}{interval}")


def _variant(name: str) -> Variant:
    try:
        return Variant.objects.get(name=name)
    except Variant.DoesNotExist:
        known = Variant.objects.filter(status=VariantStatus.ACTIVE).order_by("name").values_list("name", flat=True)
        raise CommandError(f"There is no variant “{name}”; the active ones are: {', '.join(known)}.") from None


def _campaign(variant: Variant, slug: str | None) -> Campaign:
    if slug is not None:
        try:
            return Campaign.objects.get(slug=slug)
        except Campaign.DoesNotExist:
            raise CommandError(f"There is no campaign “{slug}”.") from None
    campaigns = actions.campaigns_of(variant).exclude(status=CampaignStatus.CLOSED)
    if len(campaigns) != 1:
        names = ", ".join(campaign.slug for campaign in campaigns) or "none"
        raise CommandError(f"Name the --campaign; those whose plan has “{variant}”: {names}.")
    return campaigns[0]
