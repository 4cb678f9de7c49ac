"""Live dialogues: a prompt of one's own, two answers, a verdict, and the next turn. The rules are the pages'."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import permissions, writing
from annotation.models import Assignment
from annotation.visibility import with_sight
from preferences import text as texts
from preferences.actions.prompts import Labels
from preferences.choices import AttackVector, Category, DialogueStatus, RiskCategory
from preferences.errors import Conflict
from preferences.models import Campaign, Dialogue, Turn
from webapp import live
from webapp.accounts.models import Scope, User
from webapp.api import paging, reading
from webapp.api.authentication import person
from webapp.api.operations import Operation
from webapp.api.v1 import dialogue_sights, sights
from webapp.api.v1.dialogue_sights import DIALOGUE, DialogueOutput, OneDialogueOutput, own
from webapp.api.v1.sights import ClaimOutput
from webapp.live import Written
from webapp.pages import noticed
from webapp.pages.own_dialogues import dialogues_of
from webapp.pages.requests import campaign_or_404

MOST_QUOTED = 400  # characters
ONE = {**DIALOGUE, "line": None, "draft": {}, "draft_version": ""}
ASKED = {
    **ONE,
    "waits_for": "models",
    "turns": [{**DIALOGUE["turns"][0], "status": "sampling", "answer": None}],  # type: ignore[index]
    "line": {"ahead": 2, "is_begun": False, "is_away": False},
}


class Noticed(Conflict):
    """The text is close to an earlier prompt, or stands in an evaluation set; it may be sent all the same."""

    code = "noticed"


class NextInput(serializers.Serializer[Any]):
    text = serializers.CharField(trim_whitespace=False, max_length=texts.PROMPT_LIMIT)
    pasted = serializers.IntegerField(
        min_value=0,
        max_value=2_000_000_000,
        allow_null=True,
        default=None,
        help_text="Characters that were pasted, where the program counts them.",
    )
    anyway = serializers.BooleanField(
        default=False,
        help_text="Sent where it was refused as `noticed`: close to an earlier prompt, or in an evaluation set.",
    )


class Dialogues(Operation):
    scopes = {"GET": Scope.JUDGE, "POST": Scope.JUDGE}

    class Query(serializers.Serializer[Any]):
        campaign = serializers.SlugField(required=False, help_text="Only those of this campaign.")
        status = serializers.ChoiceField(choices=DialogueStatus.choices, required=False)

    Page = paging.pages_of(DialogueOutput)

    class Input(NextInput):
        campaign = serializers.SlugField()
        category = serializers.ChoiceField(
            choices=Category.choices, allow_blank=True, default="", help_text="On the helpfulness track."
        )
        second_category = serializers.ChoiceField(
            choices=Category.choices, allow_blank=True, default="", help_text="In dialogues of several turns."
        )
        risk_category = serializers.ChoiceField(
            choices=RiskCategory.choices,
            allow_blank=True,
            default="",
            help_text="On the safety track, as the attack vector.",
        )
        attack_vector = serializers.ChoiceField(choices=AttackVector.choices, allow_blank=True, default="")

    @extend_schema(
        operation_id="dialogues_list",
        parameters=[Query, *paging.PARAMETERS],
        responses={200: Page},
        examples=[paging.example(DIALOGUE)],
    )
    def get(self, request: Request) -> Response:
        """The person's own prompts and what came of each, the newest first."""
        asked = reading.query(request, self.Query, paged=True)
        names = {"campaign": "campaign__slug"}
        found = own(person(request)).filter(**{names.get(name, name): value for name, value in asked.items()})
        return paging.page(request, found, DialogueOutput, order=("-pk",))

    @extend_schema(
        operation_id="dialogues_begin",
        request=Input,
        responses={201: OneDialogueOutput},
        examples=[
            OpenApiExample(
                "a prompt",
                {"campaign": "helpful", "text": "Why is the sky blue?", "category": "factual"},
                request_only=True,
            ),
            OpenApiExample("asked", ASKED, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        """Writes a prompt and asks two models for an answer each.

        What is close to an earlier prompt, or stands in an evaluation set, is `noticed` first; `anyway` sends it.
        """
        asked, by = reading.body(request, self.Input), person(request)
        campaign = campaign_or_404(asked["campaign"])
        _notice(asked, campaign, by)
        labels = Labels(**{name: asked[name] for name in Labels.__dataclass_fields__})
        turn = live.begin(campaign=campaign, written=_written(asked), labels=labels, by=by)
        return _told(turn.dialogue_id, by, status=201)


class OneDialogue(Operation):
    scopes = {"GET": Scope.JUDGE}

    @extend_schema(
        operation_id="dialogues_read",
        responses={200: OneDialogueOutput},
        examples=[OpenApiExample("waits for its author", ONE, response_only=True)],
    )
    def get(self, request: Request, pk: int) -> Response:
        """One of the person's own dialogues, as far as it is; asked every second while models answer."""
        return _told(pk, person(request))


class NextTurn(Operation):
    scopes = {"POST": Scope.JUDGE}

    @extend_schema(
        operation_id="dialogues_go_on",
        request=NextInput,
        responses={201: OneDialogueOutput},
        examples=[
            OpenApiExample("the next message", {"text": "And why is it red at night?"}, request_only=True),
            OpenApiExample("asked", ASKED, response_only=True),
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Writes the next turn, after the answer that was chosen last. The history is the server's."""
        asked, by = reading.body(request, NextInput), person(request)
        dialogue = _mine(pk, by)
        _notice(asked, dialogue.campaign, by)
        live.go_on(dialogue=dialogue, written=_written(asked), by=by)
        return _told(pk, by, status=201)


class ClaimTurn(Operation):
    scopes = {"POST": Scope.JUDGE}

    @extend_schema(
        operation_id="dialogues_claim",
        request=None,
        responses={200: ClaimOutput},
        examples=[OpenApiExample("a pair", {**sights.CLAIM, "is_live": True}, response_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """The two answers to the last turn, leased to its author; a conflict until both are there."""
        by = person(request)
        claimed = live.claim(turn=_last(_mine(pk, by)), by=by)
        return Response(sights.claim(with_sight(Assignment.objects.filter(pk=claimed.pk), by).get()))


class RetryTurn(Operation):
    scopes = {"POST": Scope.JUDGE}

    @extend_schema(
        operation_id="dialogues_retry",
        request=None,
        responses={200: OneDialogueOutput},
        examples=[OpenApiExample("asked", ASKED, response_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Asks once more where a model failed; where none did, nothing is done."""
        by = person(request)
        live.ask_again(turn=_last(_mine(pk, by)), by=by)
        return _told(pk, by)


class EndDialogue(Operation):
    scopes = {"POST": Scope.JUDGE}

    @extend_schema(
        operation_id="dialogues_end",
        request=None,
        responses={200: OneDialogueOutput},
        examples=[OpenApiExample("over", {**ONE, "status": "ended", "waits_for": None}, response_only=True)],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ends the dialogue: nothing more is written in it. Ended twice, it is ended once."""
        by = person(request)
        live.end(dialogue=_mine(pk, by), by=by)
        return _told(pk, by)


class DialogueHeartbeat(Operation):
    scopes = {"POST": Scope.JUDGE}

    class Input(serializers.Serializer[Any]):
        draft = dialogue_sights.DraftField()

    @extend_schema(
        operation_id="dialogues_heartbeat",
        request=Input,
        responses={200: dialogue_sights.BeatOutput},
        examples=[
            OpenApiExample("a draft", {"draft": {"text": "And why is it"}}, request_only=True),
            OpenApiExample("kept", {"draft_version": "5b0e…"}, response_only=True),
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Keeps what is being written of the next turn, and counts the seconds of work on it since the last one."""
        draft, by = reading.body(request, self.Input)["draft"], person(request)
        mine = _mine(pk, by)
        return Response({"draft_version": writing.beat(about=mine, campaign=mine.campaign, fields=draft, by=by)})


def _mine(pk: int, user: User) -> Dialogue:
    return get_object_or_404(dialogues_of(user), pk=pk)


def _last(dialogue: Dialogue) -> Turn:
    return dialogue.turns.select_related("dialogue__campaign").latest("index")


def _told(pk: int, user: User, *, status: int = 200) -> Response:
    return Response(dialogue_sights.told_whole(get_object_or_404(own(user), pk=pk), user), status=status)


def _written(asked: dict[str, Any]) -> Written:
    return Written(asked["text"], pasted=asked["pasted"])


def _notice(asked: dict[str, Any], campaign: Campaign, user: User) -> None:
    permissions.check_can_judge(user, campaign)
    found = None if asked["anyway"] else noticed.look(campaign, [asked["text"]], user)
    if found is None:
        return
    said = []
    if found.found:
        said.append(_("This stands in a test that models are measured on: %(sets)s.") % {"sets": found.names})
    if found.near and found.near.text:
        near = Truncator(found.near.text).chars(MOST_QUOTED)
        said.append(_("This is close to a prompt that the campaign has already: “%(near)s”.") % {"near": near})
    elif found.near:
        said.append(
            _("This is close to a prompt that the campaign has already, of a risk category that you opted out of.")
        )
    said.append(_("Nothing was stored: change it, or send it with “anyway”."))
    raise Noticed(" ".join(said), field="text")
