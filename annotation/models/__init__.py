from annotation.models.assignments import Assignment
from annotation.models.attempts import Attempt, AttemptGrant, ExamAnswer, Sitting
from annotation.models.care import Care
from annotation.models.concerns import Concern, Decision, SignalName
from annotation.models.drafts import Draft
from annotation.models.exams import CampaignExam, Exam, ExamPart, Measure, PassMark, Question, QuestionKind
from annotation.models.gold import Gold, Repeat
from annotation.models.invitations import Invitation, InvitedRole
from annotation.models.memberships import Membership, Role
from annotation.models.pools import PoolMember
from annotation.models.readings import GuidelineReading
from annotation.models.reviews import Review, ReviewPlan
from annotation.models.sealing import SealingOrder, SealingRule
from annotation.models.time import WorkSession, WritingTime

__all__ = [
    "Assignment",
    "Attempt",
    "AttemptGrant",
    "CampaignExam",
    "Care",
    "Concern",
    "Decision",
    "Draft",
    "Exam",
    "ExamAnswer",
    "ExamPart",
    "Gold",
    "GuidelineReading",
    "Invitation",
    "InvitedRole",
    "Measure",
    "Membership",
    "PassMark",
    "PoolMember",
    "Question",
    "QuestionKind",
    "Repeat",
    "Review",
    "ReviewPlan",
    "Role",
    "SealingOrder",
    "SealingRule",
    "SignalName",
    "Sitting",
    "WorkSession",
    "WritingTime",
]
