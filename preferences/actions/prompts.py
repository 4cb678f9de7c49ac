from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Self

from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import BigIntegerField, Exists, F, Func, IntegerField, OuterRef, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from preferences import lifecycle
from preferences import text as texts
from preferences.actions import comparisons, evaluation_sets, events
from preferences.choices import (
    AttackVector,
    CampaignStatus,
    Category,
    DialogueStatus,
    RiskCategory,
    TurnStatus,
)
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Campaign, Dialogue, Prompt, RetiredPrompt, Turn
from preferences.models.prompts import family_of
from preferences.near_duplicates import nearest, sketch

if TYPE_CHECKING:
    from webapp.accounts.models import User


MOST_CANDIDATES = 50
RETIRED = gettext_noop("A manager retired this prompt: it is not asked any more.")
RETIRED_BEFORE = gettext_noop("A manager retired an earlier prompt of this dialogue: it is not asked any more.")


class SharedKeys(Func):
    """How many keys two sketches share: the more, the nearer their prompts are likely to be."""

    template = "cardinality(ARRAY(SELECT unnest(%(expressions)s)))"
    arg_joiner = ") INTERSECT SELECT unnest("
    output_field = IntegerField()


@dataclass(frozen=True)
class Labels:
    """What a prompt is about: categories on the helpfulness track, risk and attack on the safety track."""

    category: str = ""
    second_category: str = ""
    risk_category: str = ""
    attack_vector: str = ""

    @classmethod
    def of(cls, prompt: Prompt) -> Self:
        return cls(**{field.name: getattr(prompt, field.name) for field in fields(cls)})

    def checked(self, campaign: Campaign) -> Labels:
        """Those that belong to the campaign's track; InvalidInput where one is missing."""
        if campaign.is_safety:
            _check_word(self.risk_category, RiskCategory.values, _("Choose the risk category."), "risk_category")
            _check_word(self.attack_vector, AttackVector.values, _("Choose the attack vector."), "attack_vector")
            return Labels(risk_category=self.risk_category, attack_vector=self.attack_vector)
        _check_word(self.category, Category.values, _("Choose the category."), "category")
        if not self.second_category:
            return Labels(category=self.category)
        # Up to two categories, on multi-turn work only (Llama 2, section A.3.7).
        others = [word for word in Category.values if word != self.category] if campaign.max_turns > 1 else []
        _check_word(
            self.second_category,
            others,
            _("Choose another second category, or none: two belong to dialogues of several turns."),
            "second_category",
        )
        return Labels(category=self.category, second_category=self.second_category)


@transaction.atomic
def submit(
    *,
    campaign: Campaign,
    text: str,
    by: User | None,
    category: str = "",
    second_category: str = "",
    risk_category: str = "",
    attack_vector: str = "",
    key: uuid.UUID | None = None,
    pasted: int | None = None,
    active_seconds: float | None = None,
) -> Turn:
    """Stores a prompt as the first turn of a new dialogue, waiting to be sampled.

    A form has a `key`; sent again, it stores nothing and returns the turn of the first time.
    """
    if by is not None:
        check_takes_prompts(campaign)
    one_form_at_a_time(by)
    if earlier := sent_before(key, by):
        return earlier
    prompt = store(
        campaign=campaign,
        text=text,
        by=by,
        labels=Labels(category, second_category, risk_category, attack_vector),
        key=key,
        pasted=pasted,
        active_seconds=active_seconds,
    )
    dialogue = Dialogue.objects.create(campaign=campaign, author=by, family=prompt.family)
    turn = Turn.objects.create(dialogue=dialogue, index=0, prompt=prompt)
    evaluation_sets.note(prompt=prompt, texts=[prompt.text], by=by)
    events.record("prompt.submitted", prompt, by=by, campaign=campaign, dialogue=dialogue.pk)
    return turn


@transaction.atomic
def retire(*, prompt: Prompt, by: User | None) -> bool:
    """It is asked and judged no more, nor are the later turns of its dialogue, which have it in their history.

    What nobody has begun to judge is withdrawn, and the dialogue ends. What somebody has judged, holds or reviews is
    finished, and what is sealed stays. Retired twice, it is retired once; returns whether this was the first time. Call
    while holding its dialogues, and the runs that are being sampled for these turns.
    """
    Prompt.objects.select_for_update(no_key=True).get(pk=prompt.pk)
    if RetiredPrompt.objects.filter(prompt=prompt).exists():
        return False
    RetiredPrompt.objects.create(prompt=prompt, by=by)
    turns = turns_with(prompt).select_for_update(no_key=True, of=("self",)).select_related("dialogue__campaign")
    withdrawn = 0
    for turn in turns.order_by("pk"):
        if turn.status == TurnStatus.SAMPLING:
            comparisons.fail_turn(turn=turn, reason=RETIRED if turn.prompt_id == prompt.pk else RETIRED_BEFORE)
        withdrawn += comparisons.withdraw_untouched(turn=turn)
    lifecycle.advance_many(dialogues_with(prompt), DialogueStatus.OPEN, DialogueStatus.ENDED)
    events.record("prompt.retired", prompt, by=by, campaign=prompt.campaign, withdrawn=withdrawn)
    return True


def dialogues_with(prompt: Prompt) -> QuerySet[Dialogue]:
    """In which it was asked: its own one, and a replay's."""
    return Dialogue.objects.filter(pk__in=Turn.objects.filter(prompt=prompt).values("dialogue"))


def turns_with(prompt: Prompt) -> QuerySet[Turn]:
    """Whose models read it: those that it is asked in, and the later ones of the same dialogues."""
    asked = Turn.objects.filter(prompt=prompt, dialogue=OuterRef("dialogue"), index__lte=OuterRef("index"))
    return Turn.objects.filter(Exists(asked), dialogue__in=dialogues_with(prompt))


def is_retired(turn: Turn) -> bool:
    """Whether its prompt, or an earlier one of its dialogue, is asked no more."""
    read = Turn.objects.filter(dialogue=turn.dialogue_id, index__lte=turn.index)
    return RetiredPrompt.objects.filter(prompt__in=read.values("prompt")).exists()


def check_takes_prompts(campaign: Campaign) -> None:
    """Refuses prompts of annotators where all systems are to meet the same set, which is brought in."""
    if campaign.has_fixed_prompts:
        raise NotAllowed(
            _("The prompts of “%(campaign)s” are a fixed set: nobody writes any here.") % {"campaign": campaign}
        )


def sent_before(key: uuid.UUID | None, by: User | None) -> Turn | None:
    """The turn that the same form made when it was sent the first time."""
    earlier = Turn.objects.filter(prompt__key=key).select_related("prompt").first() if key else None
    if earlier is not None and (by is None or earlier.prompt.author_id != by.pk):
        raise Conflict(_("This form belongs to somebody else. Load the page again; keep a copy of what you wrote."))
    return earlier


def one_form_at_a_time(by: User | None) -> None:
    """Of two clicks at once the second waits, and then finds what the first has stored."""
    if by is not None:
        get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)


def store(
    *,
    campaign: Campaign,
    text: str,
    by: User | None,
    labels: Labels,
    key: uuid.UUID | None = None,
    pasted: int | None = None,
    active_seconds: float | None = None,
) -> Prompt:
    """Checks and stores one user message; call inside the transaction of the action that uses it."""
    if campaign.status != CampaignStatus.OPEN:
        raise Conflict(
            _("“%(campaign)s” is not open: it takes no new prompts. Keep a copy of what you wrote.")
            % {"campaign": campaign}
        )
    text = texts.checked(text, what=_("The prompt"), limit=texts.PROMPT_LIMIT, field="text")
    labels = labels.checked(campaign)
    return Prompt.objects.create(
        campaign=campaign,
        text=text,
        author=by,
        **asdict(labels),
        family=family_of(text),
        sketch=sketch(text),
        near=near_duplicate(campaign=campaign, text=text, not_by=by) if by else None,
        pasted=texts.clamped(pasted, text),
        key=key or uuid.uuid4(),
        active_seconds=active_seconds,
    )


def near_duplicate(*, campaign: Campaign, text: str, not_by: User | None = None) -> Prompt | None:
    """The campaign's earlier prompt that is nearest to this text, where one is near (MinHash, then exact Jaccard)."""
    keys = sketch(text.strip())
    shared = SharedKeys(F("sketch"), Value(keys, output_field=ArrayField(BigIntegerField())))
    found = (
        Prompt.objects.filter(campaign=campaign, sketch__overlap=keys)
        .only("text", "risk_category")
        .order_by(shared.desc(), "-pk")
    )
    if not_by is not None:
        found = found.exclude(author=not_by)
    candidates = {prompt.pk: prompt for prompt in found[:MOST_CANDIDATES]}
    near = nearest(text, ((pk, prompt.text) for pk, prompt in candidates.items()))
    return candidates[near[0]] if near else None


def _check_word(word: str, words: list[str], sentence: str, field: str) -> None:
    if word not in words:
        raise InvalidInput(sentence, field=field)
