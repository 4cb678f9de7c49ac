"""Objects for tests. The functions here go through the real actions; the modules' *Factory classes write bare rows.

Each function takes what a test cares about and makes up the rest. Names are unique within a run.

    campaign = factories.campaign(raters_per_item=3)
    comparison = factories.comparison(campaign)
    factories.judge(comparison, factories.annotator(campaign), score=-3)
"""

from tests.factories.demonstrations import (
    approved_demonstration,
    demonstration,
    demonstrations_campaign,
    returned_demonstration,
)
from tests.factories.evaluation_sets import QUESTION, evaluation_set
from tests.factories.exams import answers, choices, exam, part, required_exam, taken, time_over
from tests.factories.health import checked
from tests.factories.imports import import_lines, line, parsed, vote
from tests.factories.machines import worker
from tests.factories.made_batches import batch, export
from tests.factories.made_campaigns import (
    RATING,
    campaign,
    draft_campaign,
    live_campaign,
    rating_campaign,
    sampling_plan,
    variant,
)
from tests.factories.made_people import annotator, manager, reads, user
from tests.factories.made_reviews import drawn_review, review_plan, reviewer, taken_review
from tests.factories.records import (
    comparison,
    continued_turn,
    imported_comparison,
    response,
    response_pair,
    turn,
)
from tests.factories.red_team import answered, attack, attacked_dialogue, red_team_campaign, reported
from tests.factories.rewards import evaluation_of, reward_model, scored_pairs, trained_reward_model
from tests.factories.rulings import adjudicate, correct
from tests.factories.studies import evaluated, evaluation, rated
from tests.factories.work import (
    assignment,
    claimed_run,
    dialogue_turns,
    expire,
    held,
    judge,
    judged_comparison,
    leased_slot,
    record,
    sampling_run,
    submitted_assignment,
    verdict,
)

__all__ = [
    "QUESTION",
    "RATING",
    "adjudicate",
    "annotator",
    "answered",
    "answers",
    "approved_demonstration",
    "assignment",
    "attack",
    "attacked_dialogue",
    "batch",
    "campaign",
    "checked",
    "choices",
    "claimed_run",
    "comparison",
    "continued_turn",
    "correct",
    "demonstration",
    "demonstrations_campaign",
    "dialogue_turns",
    "draft_campaign",
    "drawn_review",
    "evaluated",
    "evaluation",
    "evaluation_of",
    "evaluation_set",
    "exam",
    "expire",
    "export",
    "held",
    "import_lines",
    "imported_comparison",
    "judge",
    "judged_comparison",
    "leased_slot",
    "line",
    "live_campaign",
    "manager",
    "parsed",
    "part",
    "rated",
    "rating_campaign",
    "reads",
    "record",
    "red_team_campaign",
    "reported",
    "required_exam",
    "response",
    "response_pair",
    "returned_demonstration",
    "review_plan",
    "reviewer",
    "reward_model",
    "sampling_plan",
    "sampling_run",
    "scored_pairs",
    "submitted_assignment",
    "taken",
    "taken_review",
    "time_over",
    "trained_reward_model",
    "turn",
    "user",
    "variant",
    "verdict",
    "vote",
    "worker",
]
