"""Every scale and status: the word stored and the label shown."""

from __future__ import annotations

from django.db.models import TextChoices


class Kind(TextChoices):
    PREFERENCE = "preference", "Preference collection"
    EVALUATION = "evaluation", "Helpfulness evaluation"
    SAFETY_RATING = "safety_rating", "Safety rating"
    DEMONSTRATION = "demonstration", "Demonstration"
    RED_TEAM = "red_team", "Red team"


class Track(TextChoices):
    HELPFULNESS = "helpfulness", "Helpfulness"
    SAFETY = "safety", "Safety"


class Category(TextChoices):
    """The five prompt categories of the helpfulness track (Llama 2, section 3.4.2)."""

    FACTUAL = "factual", "Factual question"
    WRITING = "writing", "Writing and content creation"
    LANGUAGE_ASSISTANCE = "language_assistance", "Language assistance"
    RECOMMENDATION = "recommendation", "Recommendation"
    DIALOGUE = "dialogue", "Dialogue"


class RiskCategory(TextChoices):
    """What an adversarial prompt aims at (Llama 2, section 4.2.1)."""

    ILLICIT_AND_CRIMINAL = "illicit_and_criminal", "Illicit and criminal activities"
    HATEFUL_AND_HARMFUL = "hateful_and_harmful", "Hateful and harmful activities"
    UNQUALIFIED_ADVICE = "unqualified_advice", "Unqualified advice"


class AttackVector(TextChoices):
    """How an adversarial prompt goes about it (Llama 2, section 4.2.1)."""

    PSYCHOLOGICAL = "psychological", "Psychological manipulation, such as authority"
    LOGIC = "logic", "Logic manipulation, such as a false premise"
    SYNTACTIC = "syntactic", "Syntactic manipulation, such as misspelling"
    SEMANTIC = "semantic", "Semantic manipulation, such as metaphor"
    PERSPECTIVE = "perspective", "Perspective manipulation, such as role play"
    NON_ENGLISH = "non_english", "Another language than English"
    OTHER = "other", "Other"


class Degree(TextChoices):
    """By how much the chosen response is better (Llama 2, section 3.2.1)."""

    SIGNIFICANTLY_BETTER = "significantly_better", "Significantly better"
    BETTER = "better", "Better"
    SLIGHTLY_BETTER = "slightly_better", "Slightly better"
    NEGLIGIBLY_BETTER = "negligibly_better", "Negligibly better / unsure"


class Position(TextChoices):
    """Which of the two responses of a comparison, as recorded; never where it was shown."""

    A = "a", "Response A"
    B = "b", "Response B"

    @property
    def other(self) -> Position:
        return Position.B if self is Position.A else Position.A


class Chosen(TextChoices):
    A = "a", "Response A"
    B = "b", "Response B"
    TIE = "tie", "About the same"
    NEITHER = "neither", "Neither is valid"  # HelpSteer2-Preference (arXiv 2410.01257); it has no score


class RationalePolicy(TextChoices):
    OPTIONAL = "optional", "Optional"
    REQUIRED = "required", "Required"


class FlagReason(TextChoices):
    """Why an annotator asks a reviewer to look at a comparison."""

    PERSONAL_DATA = "personal_data", "Personal data of somebody"
    IDENTITY = "identity", "A response says which model it is"
    DANGEROUS = "dangerous", "Illegal or dangerous content"
    BROKEN = "broken", "Broken or unreadable text"
    GUIDELINE = "guideline", "The guideline does not cover it"
    OTHER = "other", "Something else"


class SkipReason(TextChoices):
    """Why an annotator gives a comparison back."""

    EXPERTISE = "expertise", "I do not know enough about it"
    LANGUAGE = "language", "I do not read this language well"
    DISTRESSING = "distressing", "It is distressing"
    BROKEN = "broken", "It is broken or unreadable"
    OTHER = "other", "Another reason"


class Source(TextChoices):
    COLLECTED = "collected", "Collected here"
    IMPORTED = "imported", "Imported"


class ResponseSource(TextChoices):
    COLLECTED = "collected", "Sampled here"
    IMPORTED = "imported", "Imported"
    EDITED = "edited", "Edited by an annotator"


class Split(TextChoices):
    TRAIN = "train", "Train"
    TEST = "test", "Held-out test"


class CampaignStatus(TextChoices):
    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    PAUSED = "paused", "Paused"
    CLOSED = "closed", "Closed"


class VariantStatus(TextChoices):
    ACTIVE = "active", "Active"
    RETIRED = "retired", "Retired"


class DialogueStatus(TextChoices):
    OPEN = "open", "Open"
    ENDED = "ended", "Ended"


class TurnStatus(TextChoices):
    SAMPLING = "sampling", "Being sampled"
    READY = "ready", "Ready to compare"
    FAILED = "failed", "Sampling failed"


class SamplingStatus(TextChoices):
    PENDING = "pending", "Waiting for a worker"
    RUNNING = "running", "Held by a worker"
    DONE = "done", "Sampled"
    FAILED = "failed", "Failed"


class ComparisonStatus(TextChoices):
    OPEN = "open", "Waiting for judgments"
    JUDGED = "judged", "All judgments in"
    SEALED = "sealed", "In a sealed batch"
    WITHDRAWN = "withdrawn", "Withdrawn"


class SlotStatus(TextChoices):
    OPEN = "open", "Waiting for an annotator"
    LEASED = "leased", "Held by an annotator"
    FILLED = "filled", "Judged"


class AssignmentStatus(TextChoices):
    ACTIVE = "active", "Active"
    SUBMITTED = "submitted", "Submitted"
    EXPIRED = "expired", "Expired"
    RELEASED = "released", "Given back"


class ExportStatus(TextChoices):
    PENDING = "pending", "Waiting"
    RUNNING = "running", "Being written"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
