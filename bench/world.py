"""Who works on what: two campaigns, one on each track, and their annotators; made by the actions."""

from __future__ import annotations

from dataclasses import dataclass, field

from annotation import memberships, readings
from annotation.models import Role
from preferences.actions import campaigns, guidelines, variants
from preferences.choices import Track
from preferences.models import Campaign, Guideline, Variant
from webapp.accounts import actions as accounts
from webapp.accounts.models import User

ANNOTATORS = 50
RATERS_PER_ITEM = 3
MAX_TURNS = 4
GUIDELINE = """\
# What to look for

Choose the response that helps more **while it is also honest and safe**. Read both to the end before you choose.

| Before all | Then | Last |
| --- | --- | --- |
| Is it true? | Does it answer what was asked? | Is it well written? |
"""


@dataclass(frozen=True)
class World:
    campaigns: list[Campaign]
    guidelines: list[Guideline]  # of the campaign in the same place
    variants: list[Variant]
    annotators: list[User] = field(default_factory=list)

    def annotator(self, name: str) -> User:
        """Somebody who may work on both campaigns and has read their guidelines."""
        person = accounts.create(username=name, password=None, by=None)
        for campaign, guideline in zip(self.campaigns, self.guidelines, strict=True):
            memberships.add(user=person, campaign=campaign, role=Role.ANNOTATOR, by=None)
            readings.confirm(guideline=guideline, by=person)
        return person


def make(*, tracks: int = 2, raters_per_item: int = RATERS_PER_ITEM, annotators: int = ANNOTATORS) -> World:
    opened, published = [], []
    sampled = [variants.register(name=f"bench-{name}", engine="tiny", by=None) for name in ("early", "late")]
    for track in (Track.HELPFULNESS, Track.SAFETY)[:tracks]:
        campaign = campaigns.create(
            slug=f"bench-{track}",
            name=f"Bench, {track.label}",
            track=track,
            raters_per_item=raters_per_item,
            max_turns=MAX_TURNS,
            by=None,
        )
        published.append(guidelines.publish(campaign=campaign, text=GUIDELINE, by=None))
        campaigns.open_for_work(campaign=campaign, by=None)
        opened.append(campaign)
    world = World(opened, published, sampled)
    world.annotators.extend(world.annotator(f"bench-{number}") for number in range(annotators))
    return world


def there() -> World:
    """What `make` made, in another process."""
    opened = list(Campaign.objects.order_by("pk"))
    published = [campaign.guidelines.get() for campaign in opened]
    people = User.objects.filter(username__startswith="bench-").order_by("pk")
    return World(opened, published, list(Variant.objects.order_by("pk")), list(people))
