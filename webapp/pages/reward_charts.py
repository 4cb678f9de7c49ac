"""What is drawn of reward models: accuracy over batches, by degree, on unsafe responses; calibration and scores."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from preferences.choices import Degree, Track
from preferences.text import by_number
from webapp.charts import (
    Axis,
    Gate,
    IntervalChart,
    IntervalRow,
    Line,
    LineChart,
    Point,
    Table,
    interval_chart,
    line_chart,
)
from webapp.charts.lines import Tone
from webapp.pages import figures
from workers.models import RewardEvaluation, RewardModel
from workers.rewards.alarms import own
from workers.rewards.evaluation import BINS, STEPS, THRESHOLDS, Counts, Hits

TONES: tuple[Tone, ...] = ("accent", "left", "right", "soft")
CHANCE = 0.5
# Accuracy is read between chance and certainty; what lies below chance is drawn at the end.
AXIS = Axis(0.4, 1.0, (0.4, 0.6, 0.8, 1.0), lambda share: f"{100 * share:.0f}%")


def over_batches(models: Sequence[RewardModel], degree: Degree | None = None) -> LineChart:
    """Figure 6 of Llama 2: accuracy on the held-out rows of each batch, a line for each of the newest models."""
    known = {(one.week, one.batch) for model in models for one in own(model)}
    batches = sorted(known, key=lambda one: (one[0], by_number(one[1])))
    place = {batch: float(number) for number, (_week, batch) in enumerate(batches)}
    found = [(model, one, _hits(one.counted, degree)) for model in models for one in own(model)]
    lines = [
        Line(
            name=_name(model),
            points=[_point(place[one.batch], one.batch, hits) for of, one, hits in found if of == model],
            tone=TONES[number % len(TONES)],
            dashed=number > 0,
        )
        for number, model in enumerate(models)
    ]
    title = _("Accuracy by batch") if degree is None else _("Accuracy by batch: %(degree)s") % {"degree": degree.label}
    return line_chart(
        title=title,
        said=title,
        lines=lines,
        ticks=[(place[batch], batch) for _week, batch in batches],
        y=AXIS,
        gate=Gate(CHANCE, _("chance")),
        table=Table(
            heads=[_("Batch"), _("Reward model"), _("Accuracy"), _("Pairs")],
            rows=[[one.batch, _name(of), figures.share(hits.accuracy), f"{hits.pairs:,}"] for of, one, hits in found],
        ),
    )


def newest_first(track: Track, models: Sequence[RewardModel]) -> IntervalChart:
    """The trained models of a track with their accuracy on all that is held out of it."""
    return interval_chart(
        title=_("Trained models: %(track)s") % {"track": track.label},
        heads=[_("Model"), _("Accuracy"), _("With its interval"), _("Pairs held out"), _("Margin"), _("Trained on")],
        rows=[
            IntervalRow(
                label=model.short,
                interval=figures.drawn(hits.accuracy),
                figures=[figures.share(hits.accuracy), f"{hits.pairs:,}", model.margin, ", ".join(batches_of(model))],
                url=reverse("reward", args=[model.pk]),
            )
            for model in models
            for hits in [total(own(model)).total]
        ],
        axis=AXIS,
        reference=CHANCE,
    )  # fmt: skip


def by_degree(counts: Counts, track: str) -> IntervalChart:
    """Table 8 of Llama 2."""
    rows = [(_("All pairs"), counts.total), *((str(degree.label), counts.of(degree)) for degree in Degree)]
    if "" in counts.degrees:
        rows.append((_("No degree"), counts.degrees[""]))
    return _hits_chart(
        _("Accuracy by degree: %(track)s") % {"track": Track(track).label},
        _("Degree"),
        rows,
        _("The share of held-out pairs in which the model scores the response higher that people chose."),
    )


def by_batch(evaluations: Sequence[RewardEvaluation]) -> IntervalChart:
    rows = [(f"{one.batch} · {Track(one.track).label}", one.counted.total) for one in evaluations]
    return _hits_chart(_("Accuracy by batch"), _("Batch"), rows, "")


def on_safety(counts: Counts) -> IntervalChart:
    """Table 29 of Llama 2: pairs by which of their responses people call unsafe, and which of those are caught."""
    kinds = {
        "safe_unsafe": _("Pairs: safe chosen, unsafe rejected"),
        "safe_safe": _("Pairs: both safe"),
        "unsafe_unsafe": _("Pairs: both unsafe"),
    }
    rows = [
        IntervalRow(label=word, interval=figures.drawn(hits.accuracy),
                    figures=[figures.share(hits.accuracy), f"{hits.pairs:,}"])
        for kind, word in kinds.items() for hits in [counts.safety.get(kind, Hits())]
    ]  # fmt: skip
    for threshold, alarms in zip(THRESHOLDS, counts.alarms, strict=True):
        words = {"threshold": f"{threshold:g}"}
        shares = [
            (_("Unsafe responses below %(threshold)s (recall)") % words, alarms.recall, alarms.unsafe),
            (_("Of those below %(threshold)s unsafe (precision)") % words, alarms.precision,
             alarms.caught + alarms.false),
        ]  # fmt: skip
        rows += [
            IntervalRow(label=word, interval=figures.drawn(share), figures=[figures.share(share), f"{n:,}"])
            for word, share, n in shares
        ]
    return interval_chart(
        title=_("Safe and unsafe responses"),
        heads=[_("What is counted"), _("Share"), _("With its interval"), _("Counted")],
        rows=rows,
        axis=Axis(0.0, 1.0, (0, 0.25, 0.5, 0.75, 1), lambda share: f"{100 * share:g}%"),
        note=_("The reward is the sigmoid of the score; below the threshold it calls a response unsafe."),
    )


def calibration(counts: Counts) -> LineChart:
    """Accuracy against confidence, beside the diagonal on which they are the same."""
    middles = [(one.confidence / one.pairs if one.pairs else None, one) for one in counts.bins]
    known = [(middle, Hits(one.pairs, one.right)) for middle, one in middles if middle is not None]
    error = counts.calibration_error
    return line_chart(
        title=_("Calibration"),
        said=_("How often the model is right, by how sure it is."),
        lines=[
            Line(name=_("The model"), points=[_point(middle, figures.percent(middle), hits) for middle, hits in known]),
            Line(name=_("As sure as right"), points=[Point(x=0.5, y=0.5), Point(x=1.0, y=1.0)], tone="soft",
                 dashed=True, dots=False),
        ],
        ticks=[(tick, f"{100 * tick:.0f}%") for tick in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)],
        y=AXIS,
        table=Table(
            heads=[_("Confidence"), _("Right"), _("Pairs")],
            rows=[[figures.percent(middle), figures.share(hits.accuracy), f"{hits.pairs:,}"] for middle, hits in known],
        ),
        note=_(
            "In %(bins)d bins of the model's confidence, the larger of p and 1 - p. "
            "Expected calibration error: %(error)s."
        )
        % {"bins": BINS, "error": figures.NONE if error is None else figures.percent(error)},
    )  # fmt: skip


def distribution(counts: Counts) -> LineChart:
    """How rewards of the chosen and of the rejected responses are spread (compare figure 27 of Llama 2)."""
    middles = [(step + 0.5) / STEPS for step in range(STEPS)]
    pairs = max(1, counts.total.pairs)
    most = max([*counts.chosen, *counts.rejected, 1]) / pairs
    named = ((_("Chosen"), counts.chosen, TONES[1]), (_("Rejected"), counts.rejected, TONES[2]))
    return line_chart(
        title=_("Distribution of rewards"),
        said=_("Shares of the chosen and of the rejected responses by their reward."),
        lines=[
            Line(name=name, points=[Point(x=x, y=n / pairs) for x, n in zip(middles, numbers, strict=True)], tone=tone,
                 dots=False)
            for name, numbers, tone in named
        ],
        ticks=[(tick, f"{tick:g}") for tick in (0, 0.25, 0.5, 0.75, 1)],
        y=figures.share_axis(most),
        table=Table(
            heads=[_("Reward, from"), _("Chosen"), _("Rejected")],
            rows=[
                [f"{step / STEPS:.2f}", f"{chosen:,}", f"{rejected:,}"]
                for step, (chosen, rejected) in enumerate(zip(counts.chosen, counts.rejected, strict=True))
            ],
        ),
        note=_("Rewards at both ends and none between are a sign of too large a margin."),
    )  # fmt: skip


def total(evaluations: Sequence[RewardEvaluation]) -> Counts:
    return sum((one.counted for one in evaluations), Counts())


def batches_of(model: RewardModel) -> list[str]:
    return [source["batch"] for source in (model.report or {}).get("datasets", [])]


def _hits_chart(title: str, head: str, rows: Sequence[tuple[str, Hits]], note: str) -> IntervalChart:
    return interval_chart(
        title=title,
        heads=[head, _("Accuracy"), _("With its interval"), _("Pairs")],
        rows=[
            IntervalRow(label=label, interval=figures.drawn(hits.accuracy),
                        figures=[figures.share(hits.accuracy), f"{hits.pairs:,}"])
            for label, hits in rows
        ],
        axis=AXIS,
        reference=CHANCE,
        note=note,
    )  # fmt: skip


def _hits(counts: Counts, degree: Degree | None) -> Hits:
    return counts.total if degree is None else counts.of(degree)


def _point(x: float, where: str, hits: Hits) -> Point:
    share = hits.accuracy
    return Point(x=x, y=share.value, low=share.low, high=share.high, said=f"{where}: {figures.share(share)}")


def _name(model: RewardModel) -> str:
    return f"{model.short} · {', '.join(batches_of(model))}"
