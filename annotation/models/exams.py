"""What an exam is: written once, never changed; a change is a new version of its slug."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from preferences.models import Campaign, Guideline
from preferences.models.constraints import append_only, never_emptied, one_of


class QuestionKind(models.TextChoices):
    CHOICE = "choice", _("Single choice")
    RANKING = "ranking", _("Ranking")
    PAIRWISE = "pairwise", _("Two answers, with a degree")
    LIKERT = "likert", _("Five points")
    WRITTEN = "written", _("Written answer")


class Measure(models.TextChoices):
    """What a pass mark counts; the formulas are in annotation/scoring.py."""

    SHARE = "share", _("Share answered as the reference")
    COUNT = "count", _("Questions answered as the reference")
    AVERAGE = "average", _("Average of five points")


class Exam(models.Model):
    """One version of an exam, with its rules as data."""

    slug = models.SlugField(max_length=80)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    introduction = models.TextField(help_text="Markdown.")
    guideline = models.ForeignKey(
        Guideline,
        on_delete=models.PROTECT,
        null=True,
        related_name="exams",
        help_text="The guideline version that it asks about; none where it belongs to no campaign.",
    )
    attempts = models.PositiveSmallIntegerField(help_text="How often it may be failed before a manager is asked.")
    cool_down_hours = models.PositiveIntegerField(help_text="From a failed attempt until the next.")
    valid_days = models.PositiveIntegerField(null=True, help_text="How long a pass counts; none: for good.")
    sha256 = models.CharField(max_length=64, help_text="Of all that the exam says: the same file is loaded once.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug", "version"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "version"], name="exam_version_once"),
            models.CheckConstraint(
                condition=Q(version__gte=1, attempts__gte=1) & (Q(valid_days__isnull=True) | Q(valid_days__gte=1)),
                name="exam_numbers_positive",
            ),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return self.title


class ExamPart(models.Model):
    """A part is sat in one go, against the server's clock."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    introduction = models.TextField(blank=True, help_text="Markdown.")
    minutes = models.PositiveSmallIntegerField()
    answers_wanted = models.PositiveSmallIntegerField(
        null=True, help_text="How many of the questions are to be answered at least; none: all of them."
    )

    class Meta:
        ordering = ["exam", "number"]
        constraints = [
            models.UniqueConstraint(fields=["exam", "number"], name="exam_part_number_once"),
            models.UniqueConstraint(fields=["id", "exam"], name="exam_part_of_exam"),
            models.CheckConstraint(
                condition=Q(minutes__gte=1) & (Q(answers_wanted__isnull=True) | Q(answers_wanted__gte=1)),
                name="exam_part_numbers_positive",
            ),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"{self.exam}, {self.title}"


class PassMark(models.Model):
    """What one or several parts must reach. A mark that is missed ends the attempt: what follows is not begun."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="marks")
    number = models.PositiveSmallIntegerField()
    parts = ArrayField(models.PositiveSmallIntegerField(), help_text="Numbers of the parts it is taken over.")
    measure = models.CharField(max_length=20, choices=Measure.choices)
    bound = models.DecimalField(max_digits=6, decimal_places=3)
    is_strict = models.BooleanField(default=False, help_text="More than the bound, not just as much.")

    class Meta:
        ordering = ["exam", "number"]
        constraints = [
            models.UniqueConstraint(fields=["exam", "number"], name="pass_mark_number_once"),
            models.CheckConstraint(
                condition=Q(measure=Measure.SHARE, bound__range=(0, 1))
                | Q(measure=Measure.AVERAGE, bound__range=(0, 5))
                | Q(measure=Measure.COUNT, bound__gte=0),
                name="pass_mark_bound",
            ),
            models.CheckConstraint(condition=Q(parts__len__gte=1), name="pass_mark_has_parts"),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"Mark {self.number} of {self.exam}"


class Question(models.Model):
    """`options` and `key` are read by annotation/scoring.py, whose docstring says their form; no page shows a key."""

    part = models.ForeignKey(ExamPart, on_delete=models.PROTECT, related_name="questions")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=QuestionKind.choices)
    text = models.TextField(help_text="Markdown.")
    options = models.JSONField(default=list)
    key = models.JSONField(null=True)

    class Meta:
        ordering = ["part", "number"]
        constraints = [
            models.UniqueConstraint(fields=["part", "number"], name="question_number_once"),
            models.UniqueConstraint(fields=["id", "part"], name="question_of_part"),
            one_of("kind", QuestionKind, name="question_kind"),
            models.CheckConstraint(
                condition=Q(kind=QuestionKind.WRITTEN, key__isnull=True)
                | (~Q(kind=QuestionKind.WRITTEN) & Q(key__isnull=False)),
                name="question_has_key_unless_written",
            ),
        ]
        triggers = [append_only(), never_emptied()]

    def __str__(self) -> str:
        return f"Question {self.number} of {self.part}"


class CampaignExam(models.Model):
    """The campaign's work is for those who passed this exam."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="required_exams")
    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="required_by")
    least_version = models.PositiveSmallIntegerField(
        help_text="The oldest version of the exam whose pass counts: after a change of the guideline, the newest."
    )
    required_at = models.DateTimeField(auto_now_add=True)
    required_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "exam"], name="campaign_exam_once"),
            models.CheckConstraint(condition=Q(least_version__gte=1), name="campaign_exam_least_version"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} requires {self.exam}"
