"""One line of a file of comparisons -> a checked comparison, and of a file of prompts -> a checked prompt.

No database in here. docs/imports.md has the two formats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from typing import Any

from django.utils.translation import gettext as _

from preferences import lines
from preferences.choices import Chosen, Degree
from preferences.errors import DomainError, InvalidInput
from preferences.models.dialogues import Message
from preferences.scales import Scale, Verdict, check_on_scale
from preferences.text import PROMPT_LIMIT

OF_EVERY_LINE = {"id", "prompt", *lines.LABELS}
OF_A_SIDE = ("response", "variant", "system_prompt")
OF_EVERY_VOTE = {"annotator", "rationale", "seconds", "at"}


@dataclass(frozen=True)
class ImportedPrompt:
    external_id: str
    messages: tuple[Message, ...]  # up to and with the user message that is answered
    labels: Mapping[str, str]  # by the names of Prompt's fields

    @property
    def first(self) -> str:
        """What the user said first, which begins the dialogue also where it stands before the prompt."""
        return next(message["content"] for message in self.messages if message["role"] == "user")


@dataclass(frozen=True)
class ImportedResponse:
    text: str
    variant: str
    system_prompt: str


@dataclass(frozen=True)
class ImportedVote:
    annotator: str
    verdict: Verdict
    rationale: str
    seconds: float | None
    at: datetime | None


@dataclass(frozen=True)
class ImportedComparison:
    prompt: ImportedPrompt
    responses: tuple[ImportedResponse, ...]  # A and B, or the one that is rated
    votes: tuple[ImportedVote, ...]

    @property
    def external_id(self) -> str:
        return self.prompt.external_id


def parse(line: bytes, scale: Scale, *, most_votes: int) -> ImportedComparison:
    """The comparison of one line; DomainError with the reason where it cannot be one."""
    sides = ("",) if scale.rates_one else ("_a", "_b")
    of_sides = {f"{field}{side}" for field in OF_A_SIDE for side in sides}
    data = lines.fields_of(line, OF_EVERY_LINE | of_sides | {"votes"})
    votes = tuple(_vote(vote, scale) for vote in lines.listed(data, "votes"))
    if len(votes) > most_votes:
        raise InvalidInput(
            _("has %(votes)d votes; the campaign wants at most %(most)d a comparison")
            % {"votes": len(votes), "most": most_votes}
        )
    if len({vote.annotator for vote in votes}) != len(votes):
        raise InvalidInput(_("has two votes of one annotator"))
    responses = tuple(_response(data, side) for side in sides)
    if len(responses) > len({response.text for response in responses}):
        raise InvalidInput(_("the two responses are the same text"))
    return ImportedComparison(_prompt(data), responses, votes)


def parse_prompt(line: bytes) -> ImportedPrompt:
    """The prompt of one line, as an engine can be asked it; DomainError with the reason where it cannot be one."""
    found = _prompt(lines.fields_of(line, OF_EVERY_LINE))
    if any(message["role"] == "system" for message in found.messages):
        raise InvalidInput(_("“prompt” has a system message; a system prompt belongs to the variant that answers"))
    if any(
        message["role"] != role for message, role in zip(found.messages, cycle(("user", "assistant")), strict=False)
    ):
        raise InvalidInput(_("the messages of “prompt” must begin with the user's and take turns"))
    if any(not message["content"].strip() for message in found.messages):
        raise InvalidInput(_("a message of “prompt” is empty"))
    if len(found.messages[-1]["content"]) > PROMPT_LIMIT:
        raise InvalidInput(
            _("the last message of “prompt” has more than %(limit)s characters") % {"limit": f"{PROMPT_LIMIT:,}"}
        )
    return found


def _prompt(data: Mapping[str, Any]) -> ImportedPrompt:
    external_id = lines.text(data, "id", limit=lines.ID_LIMIT)
    return ImportedPrompt(external_id, lines.prompt(data), lines.labels(data))


def _response(data: Mapping[str, Any], side: str) -> ImportedResponse:
    return ImportedResponse(
        text=lines.text(data, f"response{side}", empty=True),
        variant=lines.text(data, f"variant{side}", limit=120, absent=f"unknown {side[1:]}".strip()),
        system_prompt=lines.text(data, f"system_prompt{side}", absent="", empty=True),
    )


def _vote(vote: Any, scale: Scale) -> ImportedVote:
    if not isinstance(vote, dict):
        raise InvalidInput(_("each vote must be an object"))
    known = OF_EVERY_VOTE | ({"rating"} if scale.rates_one else {"chosen", "degree"})
    if unknown := sorted(set(vote) - known):
        raise InvalidInput(
            _("unknown vote field “%(field)s”; known are %(known)s")
            % {"field": unknown[0], "known": ", ".join(sorted(known))}
        )
    verdict = _rating(vote, scale) if scale.rates_one else _verdict(vote)
    try:
        check_on_scale(scale, verdict)
    except DomainError as error:
        raise InvalidInput(_("a vote is off the campaign's scale: %(error)s") % {"error": error}) from None
    return ImportedVote(
        annotator=lines.text(vote, "annotator", limit=60),
        verdict=verdict,
        rationale=lines.text(vote, "rationale", absent="", empty=True),
        seconds=lines.seconds(vote.get("seconds")),
        at=lines.moment(vote.get("at")),
    )


def _rating(vote: Mapping[str, Any], scale: Scale) -> Verdict:
    rating = vote.get("rating")
    if isinstance(rating, bool) or rating not in scale.scores:
        raise InvalidInput(_("“rating” is %(value)s; write a whole number from 1 to 5") % {"value": repr(rating)})
    return Verdict(Chosen.RATED, None, int(rating))


def _verdict(vote: Mapping[str, Any]) -> Verdict:
    chosen, degree = vote.get("chosen"), vote.get("degree")
    if chosen not in Chosen.values:
        raise InvalidInput(_("“chosen” is %(value)s; write a, b or tie") % {"value": repr(chosen)})
    if degree is not None and degree not in Degree.values:
        raise InvalidInput(
            _("“%(field)s” is %(value)s; write one of %(known)s")
            % {"field": "degree", "value": repr(degree), "known": ", ".join(Degree.values)}
        )
    return Verdict(Chosen(chosen), Degree(degree) if degree else None)
