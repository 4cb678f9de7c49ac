from annotation.models.assignments import Assignment
from annotation.models.care import Care
from annotation.models.concerns import Concern, Decision, SignalName
from annotation.models.drafts import Draft
from annotation.models.gold import Gold, Repeat
from annotation.models.memberships import Membership, Role
from annotation.models.pools import PoolMember
from annotation.models.readings import GuidelineReading
from annotation.models.reviews import Review, ReviewPlan
from annotation.models.time import WorkSession, WritingTime

__all__ = [
    "Assignment",
    "Care",
    "Concern",
    "Decision",
    "Draft",
    "Gold",
    "GuidelineReading",
    "Membership",
    "PoolMember",
    "Repeat",
    "Review",
    "ReviewPlan",
    "Role",
    "SignalName",
    "WorkSession",
    "WritingTime",
]
