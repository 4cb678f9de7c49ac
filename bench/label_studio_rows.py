"""Runs under Label Studio's own Python: a project of pairs, and people with a token each, in its database.

    python -m bench.label_studio_rows PACKAGE PAIRS PEOPLE JUDGED

PACKAGE is the folder of its Django project. Prints JSON: the project and the tokens.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from itertools import islice
from typing import Any

PROMPT, RESPONSE = "What does a town need before it grows? " * 3, "Water first, and then whatever it carries. " * 36
CONFIG = """<View><Text name="prompt" value="$prompt"/><Pairwise name="preferred" toName="a,b"/>
<Text name="a" value="$a"/><Text name="b" value="$b"/></View>"""
VERDICT = [{"from_name": "preferred", "to_name": "a", "type": "pairwise", "value": {"selected": "left"}}]
AT_ONCE = 2_000


def main(package: str, pairs: int, people: int, judged: bool) -> None:
    sys.path.insert(0, package)
    import_module("django").setup()
    users, tokens = import_module("users.models").User.objects, import_module("rest_framework.authtoken.models").Token
    members = [users.create_user(email=f"bench-{n}@example.org", password=f"bench-{n}") for n in range(people)]
    organization = import_module("organizations.models").Organization.create_organization(created_by=members[0])
    organization.jwt.legacy_api_tokens_enabled = True
    organization.jwt.save()
    for member in members:
        if member != members[0]:
            organization.add_user(member)
        member.active_organization = organization
        member.save()
    project = import_module("projects.models").Project.objects.create(
        title="Pairs", label_config=CONFIG, created_by=members[0], organization=organization
    )
    fill(project, pairs, members[0] if judged else None)
    keys = [tokens.objects.get(user=member).key for member in members]
    print(json.dumps({"project": project.pk, "tokens": keys}))


def fill(project: Any, pairs: int, judge: Any) -> None:
    models = import_module("tasks.models")
    data = {"prompt": PROMPT, "a": f"A. {RESPONSE}", "b": f"B. {RESPONSE}"}
    numbers = iter(range(1, pairs + 1))
    while some := list(islice(numbers, AT_ONCE)):
        made = models.Task.objects.bulk_create(
            models.Task(
                project=project, data=data, inner_id=number, overlap=1, is_labeled=bool(judge),
                total_annotations=int(bool(judge)),
            )
            for number in some
        )  # fmt: skip
        if judge:
            models.Annotation.objects.bulk_create(
                models.Annotation(task=task, project=project, completed_by=judge, result=VERDICT) for task in made
            )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), bool(int(sys.argv[4])))
