"""The pages of demonstrations, of who writes and of who reviews them."""

from __future__ import annotations

from preferences.choices import Track
from tests import factories
from webapp.accounts.models import User

UNBROKEN = "A long word: " + "x" * 300
SAID = [("What is a lease?", UNBROKEN), (UNBROKEN, "Nothing else.")]


def demonstrators(author: User) -> list[str]:
    made = factories.demonstrations_campaign(slug="written", track=Track.SAFETY)
    factories.reads(author, made)
    returned = factories.returned_demonstration(made, by=author, feedback=UNBROKEN)
    approved = factories.approved_demonstration(made, by=author, exchanges=SAID)
    waiting = factories.demonstration(made, exchanges=SAID)
    decided = factories.approved_demonstration(made)
    factories.demonstrations_campaign(slug="quiet")
    return [
        "/",
        "/overview/",
        "/campaigns/written/demonstrate/?sent=1",
        f"/demonstrations/{returned.pk}/",
        f"/demonstrations/{approved.pk}/",
        f"/demonstrations/{waiting.pk}/review/",
        f"/demonstrations/{decided.pk}/review/",
        "/campaigns/quiet/demonstrations/",
    ]
