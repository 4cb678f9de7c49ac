from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from preferences import text as texts
from preferences.actions import events
from preferences.choices import AttackVector, CampaignStatus, Category, RiskCategory
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign, Dialogue, Prompt, Turn
from preferences.models.prompts import family_of

if TYPE_CHECKING:
    from webapp.accounts.models import User


@transaction.atomic
def submit(
    *,
    campaign: Campaign,
    text: str,
    by: User | None,
    category: str = "",
    risk_category: str = "",
    attack_vector: str = "",
) -> Turn:
    """Stores a prompt as the first turn of a new dialogue, waiting to be sampled."""
    prompt = store(
        campaign=campaign,
        text=text,
        by=by,
        category=category,
        risk_category=risk_category,
        attack_vector=attack_vector,
    )
    dialogue = Dialogue.objects.create(campaign=campaign, author=by, family=prompt.family)
    turn = Turn.objects.create(dialogue=dialogue, index=0, prompt=prompt)
    events.record("prompt.submitted", prompt, by=by, campaign=campaign, dialogue=dialogue.pk)
    return turn


def store(
    *, campaign: Campaign, text: str, by: User | None, category: str, risk_category: str, attack_vector: str
) -> Prompt:
    """Checks and stores one user message; call inside the transaction of the action that uses it."""
    if campaign.status != CampaignStatus.OPEN:
        raise Conflict(f"“{campaign}” is not open: it takes no new prompts. Keep a copy of what you wrote.")
    text = texts.checked(text, what="The prompt", limit=texts.PROMPT_LIMIT, field="text")
    if campaign.is_safety:
        _check_word(risk_category, RiskCategory.values, "Choose the risk category.", "risk_category")
        _check_word(attack_vector, AttackVector.values, "Choose the attack vector.", "attack_vector")
        category = ""
    else:
        _check_word(category, Category.values, "Choose the category.", "category")
        risk_category = attack_vector = ""
    return Prompt.objects.create(
        campaign=campaign,
        text=text,
        author=by,
        category=category,
        risk_category=risk_category,
        attack_vector=attack_vector,
        family=family_of(text),
    )


def _check_word(word: str, words: list[str], sentence: str, field: str) -> None:
    if word not in words:
        raise InvalidInput(sentence, field=field)
