"""manage.py agreement: what campaigns collected, the same numbers as on their pages."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from preferences.agreement import agreement_by
from preferences.choices import Kind
from preferences.counting import Scope
from preferences.cuts import Cut
from preferences.models import Batch, Campaign
from preferences.precision import patterns_in_dialogues
from preferences.raters import raters_by
from preferences.scales import Scale
from preferences.stats import fleiss
from preferences.stats.gwet import ac1, ac2
from preferences.stats.weights import linear
from tests import factories
from tests.preferences.counted_by_hand import by_hand, record
from webapp.pages.overview import progress

pytestmark = pytest.mark.django_db


def said(**options: Any) -> str:
    out = io.StringIO()
    call_command("agreement", stdout=out, **options)
    return out.getvalue()


def lines(**options: Any) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in said(json=True, **options).splitlines()]


def test_each_campaign_is_a_line_with_the_numbers_of_its_page() -> None:
    campaigns = sorted(record(), key=lambda one: one.slug)
    factories.campaign(kind=Kind.DEMONSTRATION)
    found = lines()
    assert [line["campaign"] for line in found] == [one.slug for one in campaigns]
    for line, campaign in zip(found, campaigns, strict=True):
        shown = progress(campaign)
        fields = ("coefficient", "value", "se", "low", "high", "percent_agreement", "chance_agreement")
        assert [line[name] for name in fields] == [getattr(shown.agreement, name) for name in fields]
        assert (line["units"], line["ratings"]) == (shown.agreement.units, shown.agreement.ratings)
        assert (line["raters"], line["scale"], line["weights"]) == (shown.annotators, "eight_point", "quadratic")
        assert line["categories"] == [1, 2, 3, 4, 5, 6, 7, 8]
        assert f"{line['value']:.6f}" in said(campaign=campaign.slug)


def test_a_batch_is_named_by_its_week_or_its_name() -> None:
    campaign, _other = record()
    batch = Batch.objects.get()
    patterns = by_hand(Scope((campaign,), (batch,)), None)[1]
    for name in (batch.week, batch.name):
        (line,) = lines(campaign=campaign.slug, batch=name, weights="identity", confidence=0.9)
        expected = ac1(patterns, confidence=0.9)
        assert (line["coefficient"], line["value"], line["low"]) == ("AC1", expected.value, expected.low)
        assert (line["batch"], line["units"], line["confidence"]) == (name, expected.units, 0.9)


def test_every_cut_is_a_line_for_each_part() -> None:
    campaigns = record()
    for by in Cut:
        wide = by in (Cut.CAMPAIGN, Cut.TRACK)
        scopes = [Scope(tuple(campaigns))] if wide else [Scope((one,)) for one in campaigns]
        found = lines(by=by.value)
        assert {(one["part"], one["key"], one["value"], one["units"], one["raters"]) for one in found} == {
            (part.label, part.key, part.agreement.value, part.agreement.units, raters_by(scope, by)[part.key])
            for scope in scopes
            for part in agreement_by(scope, by)
        }
        assert {one["by"] for one in found} == {by.value}


def test_another_coefficient_is_computed_from_the_same_ratings() -> None:
    campaign, _other = record()
    expected = fleiss(by_hand(Scope((campaign,)), None)[1], linear(range(8)))
    (line,) = lines(campaign=campaign.slug, coefficient="fleiss", weights="linear")
    assert (line["coefficient"], line["value"], line["se"]) == ("Fleiss' kappa", expected.value, expected.se)


def test_campaigns_of_several_scales_are_never_one_number() -> None:
    for scale in (Scale.EIGHT_POINT, Scale.SEVEN_POINT):
        factories.judged_comparison(factories.campaign(scale=scale, raters_per_item=2), scores=[-3, 2])
    assert [(one["key"], one["units"]) for one in lines(by="track")] == [("helpfulness", 1)] * 2


def test_nothing_rated_is_said() -> None:
    campaign = factories.campaign()
    (line,) = lines(campaign=campaign.slug)
    assert (line["value"], line["ratings"], line["raters"]) == (None, 0, 0)
    assert f"{campaign.slug}: {line['note']}" in said()
    assert lines(by="turn") == []
    assert "Nothing has been rated yet." in said(by="turn")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"campaign": "none"}, "There is no campaign “none”"),
        ({"batch": "2020-W01"}, "There is no batch “2020-W01”"),
        ({"by": "mood"}, "--by “mood”: write one of campaign, track, batch"),
        ({"weights": "cubic"}, "--weights “cubic”: write one of identity, linear"),
        ({"confidence": 1.0}, "strictly between 0 and 1"),
    ],
)
def test_what_is_not_there_is_a_sentence(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        said(**options)


@pytest.mark.realdata
def test_the_published_pairs_have_one_number_on_the_page_and_in_the_command(
    client: Client, real_data: Path, tmp_path: Path
) -> None:
    campaign = factories.campaign(scale=Scale.THREE_POINT, raters_per_item=3)
    file = tmp_path / "pairs.jsonl"
    call_command("convert_comparisons", "pandalm", str(real_data / "pandalm_testset_v1.json"), out=file)
    call_command("import_comparisons", str(file), campaign=campaign.slug, stdout=io.StringIO())
    shown = progress(Campaign.objects.get()).agreement
    (ac2_line,), (ac1_line,) = lines(weights="quadratic"), lines(weights="identity")
    assert (ac2_line["units"], ac2_line["ratings"], ac2_line["raters"]) == (999, 2997, 3)
    for name in ("value", "se", "low", "high"):
        assert ac2_line[name] == getattr(shown, name)
    client.force_login(factories.manager(campaign))
    page = client.get("/overview/").content.decode()
    assert "{value:.3f} <small>{low:.3f} to {high:.3f}</small>".format(**ac2_line) in page
    patterns = by_hand(Scope((campaign,)), None)[1]
    assert ac2(patterns).value == ac2_line["value"] and ac1(patterns).value == ac1_line["value"]
    assert 0.85 < ac2_line["value"] < ac1_line["value"] < ac1_line["high"] < 1


def test_by_dialogues_the_value_is_the_same_and_the_interval_that_of_dialogues() -> None:
    campaign, _other = record()
    (plain,), (line,) = lines(campaign=campaign.slug), lines(campaign=campaign.slug, cluster="dialogue")
    found = ac2(patterns_in_dialogues(Scope((campaign,))))
    assert (line["se"], line["low"], line["high"]) == (found.se, found.low, found.high)
    assert (
        line["value"] == pytest.approx(plain["value"]) and line["se"] != plain["se"] and line["cluster"] == "dialogue"
    )


def test_clusters_are_dialogues_and_of_the_whole() -> None:
    with pytest.raises(CommandError, match="--cluster “turn”: write dialogue"):
        said(cluster="turn")
    with pytest.raises(CommandError, match="--cluster does not go with --by"):
        said(cluster="dialogue", by="week")
