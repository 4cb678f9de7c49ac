from preferences.models.batches import Batch, BatchItem, FollowUp, HoldoutGroup, SealedRows
from preferences.models.campaigns import Campaign
from preferences.models.comparisons import Comparison
from preferences.models.demonstrations import Demonstration, DemonstrationVersion
from preferences.models.dialogues import Dialogue, Message, Turn
from preferences.models.erasures import ErasedEvent, Erasure, Tombstone
from preferences.models.evaluation_sets import EvaluationRuns, EvaluationSet, Overlap
from preferences.models.events import Event, EventBlock, UnchainedEvent
from preferences.models.flags import Flag
from preferences.models.guidelines import Guideline
from preferences.models.judgments import Judgment, Slot
from preferences.models.pools import Pool
from preferences.models.prompts import Prompt, RetiredPrompt
from preferences.models.red_team import RedTeamReport, Replay
from preferences.models.responses import Response
from preferences.models.variants import SamplingPair, Variant

__all__ = [
    "Batch",
    "BatchItem",
    "Campaign",
    "Comparison",
    "Demonstration",
    "DemonstrationVersion",
    "Dialogue",
    "ErasedEvent",
    "Erasure",
    "EvaluationRuns",
    "EvaluationSet",
    "Event",
    "EventBlock",
    "Flag",
    "FollowUp",
    "Guideline",
    "HoldoutGroup",
    "Judgment",
    "Message",
    "Overlap",
    "Pool",
    "Prompt",
    "RedTeamReport",
    "Replay",
    "Response",
    "RetiredPrompt",
    "SamplingPair",
    "SealedRows",
    "Slot",
    "Tombstone",
    "Turn",
    "UnchainedEvent",
    "Variant",
]
