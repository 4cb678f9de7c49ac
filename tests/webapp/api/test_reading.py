"""How a body is read before an operation has it."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from webapp.api import reading


class Input(serializers.Serializer[Any]):
    is_on = serializers.BooleanField()


def test_a_body_of_no_bytes_that_calls_itself_a_form_has_no_boxes_left_unticked() -> None:
    sent = APIRequestFactory().post("/", b"", content_type="application/x-www-form-urlencoded")
    with pytest.raises(ValidationError, match="required"):
        reading.body(Request(sent, parsers=[JSONParser()]), Input)
