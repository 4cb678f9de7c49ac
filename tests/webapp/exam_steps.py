"""What the tests of the exams' pages do again and again."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from annotation.models import Exam
from webapp.accounts.models import User


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def of(exam: Exam) -> str:
    return f"/exams/{exam.slug}/{exam.version}/"


def started(client: Client, exam: Exam) -> str:
    """The address of the attempt that a click on “Start” begins."""
    answer = client.post(of(exam))
    assert answer.status_code == 302
    return str(answer.url)


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
