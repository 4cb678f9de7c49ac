"""Who writes out of an evaluation set is told; who manages registers sets and retires them."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation import memberships
from annotation.models import Role
from preferences.choices import AttackVector, RiskCategory
from preferences.models import Campaign, EvaluationSet, Overlap, Prompt
from tests import factories
from tests.factories import QUESTION
from webapp.accounts.models import User
from webapp.pages import evaluation_sets

pytestmark = pytest.mark.django_db

WRITTEN = f"Please solve it. {QUESTION} Thanks."
Form = dict[str, str]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def first_prompt() -> tuple[Client, str, Form]:
    campaign = factories.campaign()
    factories.sampling_plan(campaign)
    return signed_in(factories.annotator(campaign)), f"/campaigns/{campaign.slug}/write/", {"category": "factual"}


def next_prompt() -> tuple[Client, str, Form]:
    campaign = factories.campaign(max_turns=2)
    factories.sampling_plan(campaign)
    ann = factories.annotator(campaign)
    begun = factories.comparison(campaign, by=ann)
    factories.judge(begun, ann)
    return signed_in(ann), f"/dialogues/{begun.turn.dialogue_id}/", {}


def first_attack() -> tuple[Client, str, Form]:
    campaign = factories.red_team_campaign()
    labels = {"risk_category": RiskCategory.UNQUALIFIED_ADVICE.value, "attack_vector": AttackVector.LOGIC.value}
    return signed_in(factories.annotator(campaign)), f"/campaigns/{campaign.slug}/attack/", labels


def next_attack() -> tuple[Client, str, Form]:
    campaign = factories.red_team_campaign()
    attacker = factories.annotator(campaign)
    turn = factories.answered(factories.attack(campaign, by=attacker))
    return signed_in(attacker), f"/attacks/{turn.dialogue_id}/", {}


WRITING = [first_prompt, next_prompt, first_attack, next_attack]


@pytest.mark.parametrize("arrange", WRITING, ids=lambda arrange: arrange.__name__)
def test_who_writes_out_of_an_evaluation_set_is_told_and_may_go_on(arrange) -> None:
    factories.evaluation_set("GSM8K test")
    client, address, form = arrange()
    before = Prompt.objects.count()

    told = client.post(address, {**form, "text": WRITTEN})
    html = told.content.decode()
    assert told.status_code == 409 and Prompt.objects.count() == before
    assert "This stands in a test that models are measured on: <strong>GSM8K test</strong>" in html
    assert f'<blockquote dir="auto">{QUESTION}</blockquote>' in html
    assert f"{WRITTEN}</textarea>" in html and "autofocus>Please" in html, "it is kept, to be changed"

    sent = client.post(address, {**form, "text": WRITTEN, "anyway": "1"})
    assert sent.status_code == 302
    assert Overlap.objects.get().prompt == Prompt.objects.latest("pk")


@pytest.mark.parametrize("arrange", WRITING, ids=lambda arrange: arrange.__name__)
def test_who_writes_of_something_else_is_told_nothing(arrange) -> None:
    factories.evaluation_set("GSM8K test")
    client, address, form = arrange()
    assert client.post(address, {**form, "text": "How do bees find their way home again?"}).status_code == 302
    assert not Overlap.objects.exists()


def test_the_answer_of_a_demonstration_is_looked_at_too_when_it_is_sent_and_sent_again() -> None:
    factories.evaluation_set("GSM8K test")
    campaign = factories.demonstrations_campaign()
    ann = factories.annotator(campaign)
    factories.reads(ann, campaign)
    back = factories.returned_demonstration(campaign, by=ann)
    form = {"prompt_1": "Tell me a riddle.", "answer_1": QUESTION, "category": "writing"}
    for address in (f"/campaigns/{campaign.slug}/demonstrate/", f"/demonstrations/{back.pk}/"):
        told = signed_in(ann).post(address, form)
        assert told.status_code == 409 and "<strong>GSM8K test</strong>" in told.content.decode()
        assert signed_in(ann).post(address, {**form, "anyway": "1"}).status_code == 302
    assert Overlap.objects.count() == 2


def test_the_look_costs_who_writes_one_query_however_many_sets_there_are() -> None:
    def queries(text: str) -> int:
        client, address, form = first_prompt()
        with CaptureQueriesContext(connection) as asked:
            assert client.post(address, {**form, "text": text}).status_code == 302
        return len(asked)

    short, long = "Why is the sky blue?", "Why is the sky blue in the day and red in the evening, I wonder?"
    without = queries(short)
    alone = queries(long)
    for number in range(3):
        factories.evaluation_set("", f"{number} {QUESTION}")
    assert queries(long) == alone == without + 2, "before it is stored, and with it"


# The page and the command


def file_of(*rows: object, name: str = "gsm8k.jsonl") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"".join(orjson.dumps(row) + b"\n" for row in rows))


def somebody(role: Role) -> Client:
    campaign: Campaign = factories.campaign()
    user = factories.user()
    memberships.add(user=user, campaign=campaign, role=role, by=None)
    return signed_in(user)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ENGINEER])
def test_a_manager_and_an_engineer_register_a_set_see_it_and_retire_it(role: Role) -> None:
    client = somebody(role)
    form = {"name": "GSM8K <test>", "licence": "MIT", "file": file_of({"prompt": QUESTION, "answer": "Half."})}
    assert client.post("/evaluation-sets/", form).status_code == 302
    made = EvaluationSet.objects.get()
    assert (made.samples, made.tokens, made.licence) == (1, 26, "MIT") and made.registered_by
    html = client.get("/evaluation-sets/").content.decode()
    assert "GSM8K &lt;test&gt;" in html and "Retire GSM8K &lt;test&gt;" in html
    assert made.registered_by.pseudonym in html
    assert client.post(f"/evaluation-sets/{made.pk}/retire/").status_code == 302
    assert "Retired" in client.get("/evaluation-sets/").content.decode()


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER])
def test_nobody_else_does(role: Role) -> None:
    client, made = somebody(role), factories.evaluation_set()
    for answer in (
        client.get("/evaluation-sets/"),
        client.post("/evaluation-sets/", {"name": "Mine", "file": file_of({"text": QUESTION})}),
        client.post(f"/evaluation-sets/{made.pk}/retire/"),
    ):
        assert answer.status_code == 403
    assert EvaluationSet.objects.get().retired_at is None


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (None, "Choose the file"),
        (SimpleUploadedFile("e.jsonl", b""), "Choose the file"),
        (SimpleUploadedFile("x/‮e\n'\".jsonl", b'{"text": "\xff"}'), "Entry 1 of"),
        (SimpleUploadedFile("e.jsonl", b'{"question": "One?"}'), "Entry 1 of e.jsonl has no text"),
        (SimpleUploadedFile("e.jsonl", b'{"text": "One?"}'), "None of its samples has 11 tokens"),
        (SimpleUploadedFile("e.gz", gzip.compress(b"{}")), "Entry 1 of e.gz cannot be read: not JSON"),
        (SimpleUploadedFile("e.jsonl", b'{"a":' * 5000), "Entry 1 of e.jsonl cannot be read: not JSON"),
    ],
    ids=["no file", "an empty file", "not UTF-8", "no text", "short", "gzip", "deep nesting"],
)
def test_a_file_that_cannot_be_used_is_a_sentence(sent: SimpleUploadedFile | None, sentence: str) -> None:
    form = {"name": "GSM8K test", "licence": "MIT"} | ({"file": sent} if sent else {})
    answer = somebody(Role.MANAGER).post("/evaluation-sets/", form)
    html = answer.content.decode()
    assert answer.status_code == 422 and sentence in html
    assert 'name="name" value="GSM8K test"' in html and 'name="licence" value="MIT"' in html, "nothing typed is lost"
    assert not EvaluationSet.objects.exists()


def test_a_file_that_is_too_large_for_a_page_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation_sets, "LARGEST", 10)
    answer = somebody(Role.MANAGER).post("/evaluation-sets/", {"name": "G", "file": file_of({"text": QUESTION})})
    assert answer.status_code == 422 and "manage.py register_evaluation_set" in answer.content.decode()


def test_the_command_registers_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gsm8k.jsonl.gz"
    path.write_bytes(gzip.compress(orjson.dumps({"text": QUESTION})))
    call_command("register_evaluation_set", str(path), name="GSM8K test")
    assert capsys.readouterr().out == "“GSM8K test” is registered: 1 samples of 24 tokens.\n"
    with pytest.raises(CommandError, match="There is an evaluation set “GSM8K test” already"):
        call_command("register_evaluation_set", str(path), name="GSM8K test")
    path.write_bytes(b"no gzip")
    with pytest.raises(CommandError, match=r"Entry 1 of .*gsm8k\.jsonl\.gz cannot be read"):
        call_command("register_evaluation_set", str(path), name="Another")
