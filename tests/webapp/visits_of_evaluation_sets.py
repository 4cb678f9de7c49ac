"""Visits to the evaluation sets, and by somebody who writes out of one, in another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from preferences.actions import evaluation_sets
from preferences.models import Campaign
from tests import factories
from tests.webapp.visiting import annotator
from webapp.accounts.models import User

QUESTION = "农夫四月卖了一半鸡蛋，五月又卖了剩下的三分之一。她还有多少？"


def visits(
    a_campaign: Callable[..., Campaign],
    get: Callable[..., Any],
    post: Callable[..., Any],
    reader: Callable[[User], Client],
) -> dict[str, Callable[[], Any]]:
    campaign = a_campaign("evaluated")
    manager, writer = reader(factories.manager(campaign)), reader(annotator(campaign))
    factories.evaluation_set("鸡蛋题", QUESTION)
    evaluation_sets.retire(evaluation_set=factories.evaluation_set("旧题", QUESTION), by=None)
    evaluation_sets.register(name="新题", texts=[QUESTION], by=factories.user("warden"))
    return {
        "evaluation sets": get(manager, "/evaluation-sets/"),
        "no file of an evaluation set": post(manager, "/evaluation-sets/", name="鸡蛋"),
        "evaluation sets are not for annotators": get(writer, "/evaluation-sets/"),
        "out of an evaluation set": post(writer, "/campaigns/evaluated/write/", text=QUESTION),
    }
