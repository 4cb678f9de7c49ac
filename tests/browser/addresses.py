"""One address of each page there is, with something on it; and what is wrong with a page that is shown."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from django.utils import timezone
from playwright.sync_api import Page

from annotation import concerns, gold, invitations, leases, memberships, people, pools, queue, reviews
from annotation.models import Assignment, Role
from exports import actions
from preferences.actions import batches, comparisons, flags, guidelines
from preferences.actions import pools as kept
from preferences.choices import Track
from preferences.models import Campaign, Judgment
from preferences.weeks import week_of
from tests import factories
from tests.annotation.quality.at_work import always_left, campaign_of, careful, judgment_of
from tests.browser.exam_pages import exams as exams
from tests.browser.exam_pages import managed as managed
from webapp.accounts.models import User

COLOURS = ["color-contrast", "link-in-text-block"]
WIDTHS = (320, 1024, 2560)
UNBROKEN = "A long word: " + "x" * 300


def defects(page: Page, where: str) -> list[tuple[str, str, Any]]:
    """What an accessibility checker finds; in the dark theme, which changes nothing else, of the colours only.

    In the light theme the widths, too, that the page does not fit.
    """
    if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"):
        return _violations(page, where, {"runOnly": COLOURS})
    found = _violations(page, where, {})
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append((where, f"wider than {width}", []))
    page.set_viewport_size({"width": 1024, "height": 768})
    return found


def _violations(page: Page, where: str, options: dict[str, Any]) -> list[tuple[str, str, Any]]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate(
        "async (options) => (await axe.run({resultTypes: ['violations'], ...options})).violations", options
    )
    return [(where, one["id"], [node["html"] for node in one["nodes"]][:2]) for one in violations]


def managers(campaign: Campaign, directory: Path) -> list[str]:
    """The pages of a manager; exports are written into the directory."""
    for _ in range(3):
        factories.judged_comparison(campaign)
    batch = factories.batch(campaign)
    factories.export(batch)
    for name in ("ready", "lost"):
        actions.write(export=factories.export(batch), out=directory / name)
    (directory / "lost" / "README.md").unlink()
    actions.describe(batch=batch)
    factories.submitted_assignment(campaign)
    factories.evaluation_set(UNBROKEN[:120], UNBROKEN * 4)
    ledger = f"/campaigns/{campaign.slug}/ledger/"
    return [
        "/overview/",
        f"/campaigns/{campaign.slug}/sealing/",
        f"/campaigns/{campaign.slug}/sealing/{week_of(timezone.now())}/",
        "/batches/",
        f"/batches/{batch.pk}/",
        "/evaluation-sets/",
        ledger,
        f"{ledger}?by=batch",
        *agreements(),
        *about_people(campaign),
        *queues(campaign),
        *qualities(),
    ]


def agreements() -> list[str]:
    """Agreement of a campaign with batches, people and a plan; one of its comparisons; agreement of nothing."""
    made = factories.campaign(
        raters_per_item=3, agreement_gate=0.6, planned_comparisons=40, planned_until=date(2031, 1, 1)
    )
    people = [factories.annotator(made) for _ in range(4)]
    for number in range(8):
        scores = [(-4, -3, 4)[number % 3], -4, (-4, 3)[number % 2]]
        at = timezone.now() - timedelta(days=24 - 3 * number)
        one = factories.judged_comparison(
            made, scores=scores, by=people[number % 2 :][:3], finished_at=at, text=f"{number} {UNBROKEN}"
        )
        if number % 3 == 2:
            factories.batch(made, comparisons=0, name=f"{made.slug}-{number}")
    address = f"/campaigns/{made.slug}/agreement/"
    return [address, f"{address}comparisons/{one.pk}/", f"/campaigns/{factories.campaign().slug}/agreement/"]


def queues(campaign: Campaign) -> list[str]:
    """How work is handed out: a pool that has people and work, and gold."""
    ann, boss = factories.annotator(campaign), factories.user("boss-of-pools")
    factories.comparison(campaign)
    pool = kept.create(campaign=campaign, name=UNBROKEN[:100], by=boss)
    pools.add(pool=pool, annotator=ann, by=boss)
    kept.keep(pool=pool, count=1, by=boss)
    known, pair = (factories.judged_comparison(campaign, scores=[-4, -4], text=UNBROKEN) for _ in range(2))
    verdict = factories.verdict(campaign.the_scale, -4)
    gold.make(original=known, verdict=verdict, safety=(4, 4), reason=UNBROKEN, by=boss)
    address = f"/campaigns/{campaign.slug}"
    return [f"{address}/queue/", f"{address}/gold/", f"{address}/gold/?pair={pair.pk}"]


def about_people(campaign: Campaign) -> list[str]:
    """The pages on which a manager sees who works in the campaign."""
    ann = factories.annotator(campaign, "ann.lee")
    described = {"first_name": "Ann", "last_name": "Lee" * 40, "email": "ann@example.org", "vendor": "Fair Work"}
    User.objects.filter(pk=ann.pk).update(**described)
    paused = factories.annotator(campaign)
    memberships.pause(membership=paused.memberships.get(), reason=UNBROKEN, by=None)
    people.pause(user=paused, reason="Asked for a break.", by=None)
    theirs = [f"/people/{who.pseudonym}/" for who in (ann, paused)]
    _made, token = invitations.invite(roles=[(campaign, Role.ANNOTATOR)], by=None, email="bob@example.org")
    return [
        "/events/",
        "/events/?verb=nothing",
        "/people/",
        "/people/?q=nobody",
        *theirs,
        "/people/invitations/",
        f"/invitations/{token}/",
    ]


def qualities() -> list[str]:
    """How people work: everybody, one who is unusual and raised a concern, a judgment of theirs."""
    made, judges, pairs = campaign_of(careful, careful, careful, always_left, pairs=40)
    concerns.propose(campaign=made, by=None)
    address = f"/campaigns/{made.slug}/quality/"
    return [
        address,
        f"{address}?when=all&sort=-sides&opened=1",
        f"{address}{judges[3].pseudonym}/",
        f"{address}{judges[0].pseudonym}/?when=all",
        f"{address}judgments/{judgment_of(judges[3], pairs[0]).pk}/",
        f"/campaigns/{factories.campaign().slug}/quality/",
    ]


def reviewers(campaign: Campaign, reviewer: User) -> list[str]:
    """The pages of review: what waits, one verdict in three ways, raters who disagree, the plan; and what came back."""
    pair = factories.comparison(campaign, text=UNBROKEN)
    factories.judge(pair, score=-4, rationale=UNBROKEN)
    factories.judge(pair, score=3)
    flags.raise_flag(comparison=pair, by=factories.user(), reason="broken", note=UNBROKEN)
    split = factories.judged_comparison(factories.campaign(raters_per_item=2), scores=[-3, 3])
    one = factories.taken_review(pair.judgments.order_by("pk")[0], reviewer)
    other = factories.taken_review(split, reviewer)
    mine = stored_by(reviewer)
    back = factories.taken_review(Judgment.objects.get(pk=mine.judgment_id))
    assert back.reviewer is not None
    reviews.send_back(key=back.key, by=back.reviewer, feedback=UNBROKEN, revision=0)
    return [
        "/",
        "/reviewed/",
        f"/campaigns/{campaign.slug}/review/",
        f"/campaigns/{campaign.slug}/review/plan/",
        f"/campaigns/{back.campaign.slug}/review/plan/",
        f"/reviews/{one.key}/",
        f"/reviews/{one.key}/?do=correct",
        f"/reviews/{one.key}/?do=return",
        f"/reviews/{other.key}/",
        f"/returned/{back.key}/",
    ]


def authors(campaign: Campaign, author: User) -> list[str]:
    """The pages of somebody who writes prompts: waiting, failed, the next turn."""
    factories.reads(author, campaign)
    waiting, failed = factories.turn(campaign, by=author), factories.turn(campaign, by=author)
    comparisons.fail_turn(turn=failed, reason="The model returned an empty answer. Try again, or write another.")
    ready = factories.turn(campaign, by=author)
    factories.comparison(of=ready)
    going_on = factories.dialogue_turns(campaign, ["What is a lease?", UNBROKEN], by=author)[-1]
    factories.judge(factories.comparison(of=going_on, text_a=UNBROKEN), author)
    return [
        "/",
        f"/campaigns/{campaign.slug}/write/?over=complete",
        f"/turns/{waiting.pk}/",
        f"/turns/{failed.pk}/",
        f"/turns/{ready.pk}/",
        f"/dialogues/{going_on.dialogue_id}/",
    ]


def annotators(campaign: Campaign, annotator: User) -> list[str]:
    """The pages of somebody who compares: before, during and after the verdict, given back, and nothing left."""
    open_now = held(campaign, annotator, text=UNBROKEN)
    stored = stored_by(annotator, asks_edit=True)
    skipped = held(factories.campaign(), annotator)
    queue.skip(key=skipped.key, by=annotator, reason="broken")
    expired = held(factories.campaign(), annotator)
    factories.expire(expired)
    leases.return_expired()
    unread = factories.campaign(slug="unread")
    memberships.add(user=annotator, campaign=unread, role="annotator", by=None)
    guidelines.publish(campaign=campaign, text="# Guideline\n\nPrefer what is true.\n\n- one\n- two", by=None)
    return [
        "/",
        "/settings/",
        "/account/tokens/",
        "/campaigns/unread/guideline/",
        f"/campaigns/{campaign.slug}/guideline/?then=start",
        f"/campaigns/{stored.comparison.campaign.slug}/guideline/",
        f"/campaigns/{campaign.slug}/done/",
        f"/campaigns/{campaign.slug}/done/?last={stored.key}",
        f"/compare/{open_now.key}/",
        f"/compare/{open_now.key}/?last={stored.key}",
        f"/compare/{open_now.key}/guideline/",
        f"/compare/{stored.key}/",
        f"/compare/{stored.key}/edit/",
        f"/compare/{skipped.key}/",
        f"/compare/{expired.key}/",
        f"/compare/{sealed_by(annotator).key}/",
    ]


def held(campaign: Campaign, annotator: User, **texts: str) -> Assignment:
    factories.reads(annotator, campaign)
    join(campaign, annotator)
    return factories.assignment(campaign, annotator, comparison=factories.comparison(campaign, **texts))


def join(campaign: Campaign, person: User) -> None:
    """The person becomes an annotator of the campaign, where they are none."""
    if not person.memberships.filter(campaign=campaign).exists():
        memberships.add(user=person, campaign=campaign, role="annotator", by=None)


def stored_by(annotator: User, **settings: Any) -> Assignment:
    assignment = held(factories.campaign(track=Track.HELPFULNESS, **settings), annotator)
    queue.submit(key=assignment.key, by=annotator, answer=queue.Answer(place=2, rationale="Why not."))
    return Assignment.objects.select_related("comparison__campaign").get(pk=assignment.pk)


def sealed_by(annotator: User) -> Assignment:
    stored = stored_by(annotator)
    campaign = stored.comparison.campaign
    week = factories.made_batches.week_of(stored.created_at, campaign.time_zone)
    batches.seal(week=week, campaigns=[campaign], by=None)
    return stored
