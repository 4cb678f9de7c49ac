from annotation.models.assignments import Assignment
from annotation.models.memberships import Membership, Role

__all__ = ["Assignment", "Membership", "Role"]
