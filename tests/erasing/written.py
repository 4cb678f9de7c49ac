"""Somebody whose words stand everywhere, and how one looks for them afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import zstandard
from django.db import connection, transaction

from annotation import drafts, memberships, queue
from annotation.models import Role
from preferences.actions import flags, judgments
from preferences.models import Batch, Campaign, Comparison, Judgment, SealedRows
from tests import factories
from tests.preferences.refusals import everything
from webapp.accounts import tokens
from webapp.accounts.models import Scope, User

SECRET = "Rumpelstiltskin"


@dataclass
class World:
    """A sealed batch of six comparisons; the person asked one, gave reasons on one, and improved a response of one."""

    campaign: Campaign
    person: User
    batch: Batch
    asked: Comparison
    judged: Comparison
    edited: Comparison


def world() -> World:
    campaign = factories.campaign()
    factories.manager(campaign)
    person = factories.annotator(campaign)
    User.objects.filter(pk=person.pk).update(email=f"{SECRET}@example.org", first_name=SECRET, last_name=SECRET)
    person.refresh_from_db()
    asked = factories.comparison(campaign, text=f"Who is {SECRET} one?", by=person)
    factories.judge(asked)
    judged = factories.comparison(campaign)
    first = factories.judge(judged, person, rationale=f"{SECRET} first.")
    _revise(first, f"{SECRET} again.")
    edited = factories.comparison(campaign)
    _edit(factories.judge(edited, person), f"{SECRET} wrote this.")
    flags.raise_flag(comparison=edited, by=person, reason="broken", note=f"{SECRET} flags.")
    for _ in range(3):
        factories.judged_comparison(campaign)
    batch = factories.batch(campaign, comparisons=0)
    _write_beside(campaign, person)
    return World(campaign, person, batch, asked, judged, edited)


def _revise(judgment: Judgment, rationale: str) -> None:
    opinion = judgments.Opinion(factories.verdict(judgment.comparison.campaign.the_scale, 2), rationale=rationale)
    with transaction.atomic():
        held = factories.held(judgment.comparison)
        judgments.revise(
            judgment=judgment, comparison=held, by=judgment.annotator, opinion=opinion, guideline=judgment.guideline
        )


def _edit(judgment: Judgment, text: str) -> None:
    with transaction.atomic():
        held = factories.held(judgment.comparison)
        judgments.edit_chosen(judgment=judgment, comparison=held, by=judgment.annotator, text=text)


def _write_beside(campaign: Campaign, person: User) -> None:
    """Demonstrations, a draft, the note of a skip, and a dialogue in another campaign."""
    showing = factories.demonstrations_campaign()
    memberships.add(user=person, campaign=showing, role=Role.ANNOTATOR, by=None)
    factories.reads(person, showing)
    factories.approved_demonstration(showing, by=person, exchanges=[(f"{SECRET}?", f"{SECRET}!")])
    factories.returned_demonstration(showing, by=person, exchanges=[(f"And {SECRET}?", "No.")], feedback=SECRET)
    tokens.issue(user=person, name=f"{SECRET}'s laptop", scopes=[Scope.JUDGE], days=1, by=person)
    drafts.keep(about=campaign, fields={"text": f"{SECRET} began"}, by=person)
    held = factories.assignment(campaign, person)
    queue.skip(key=held.key, by=person, reason="other", note=f"{SECRET} skips")


def where_it_stands(word: str = SECRET) -> set[str]:
    """The tables in which the word can be read, accounts and the rows of batches among them."""
    found = {name for name, row in everything() if word.lower() in row.lower()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user AS stored WHERE stored::text ILIKE %s", [f"%{word}%"])
        found |= {"User"} if cursor.fetchone()[0] else set()
    kept = [zstandard.decompress(part.data).lower() for part in SealedRows.objects.all()]
    return found | ({"SealedRows"} if any(word.lower().encode() in lines for lines in kept) else set())
