"""The least that claim and submit can be with Django and its REST framework: one view, two tables, no rule of ours.

What is measured beside it is the distance of the product: who may, leases, drafts, events, blinding, what comes next.
"""

from __future__ import annotations

from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

application = get_wsgi_application()

MADE = """
    DROP TABLE IF EXISTS bare_verdict, bare_pair;
    CREATE TABLE bare_pair (
        id bigserial PRIMARY KEY, a text NOT NULL, b text NOT NULL, claimed boolean NOT NULL DEFAULT false
    );
    CREATE INDEX bare_pair_open ON bare_pair (id) WHERE NOT claimed;
    CREATE TABLE bare_verdict (
        id bigserial PRIMARY KEY, pair_id bigint NOT NULL UNIQUE REFERENCES bare_pair, verdict smallint NOT NULL,
        rationale text NOT NULL, at timestamptz NOT NULL DEFAULT now()
    );
    INSERT INTO bare_pair (a, b) SELECT repeat(md5(n::text), 47), repeat(md5((-n)::text), 47)
      FROM generate_series(1, %s) AS n;
    ANALYZE bare_pair;
"""
CLAIMED = """
    UPDATE bare_pair SET claimed = true
     WHERE id = (SELECT id FROM bare_pair WHERE NOT claimed ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, a, b
"""
STORED = "INSERT INTO bare_verdict (pair_id, verdict, rationale) VALUES (%(pair)s, %(verdict)s, %(rationale)s)"


class Verdict(serializers.Serializer[Any]):
    pair = serializers.IntegerField(min_value=1, required=False)
    verdict = serializers.IntegerField(min_value=1, max_value=8, required=False)
    rationale = serializers.CharField(allow_blank=True, max_length=10_000, required=False)


class Cycle(APIView):
    """Stores a verdict, where one is sent, and hands out the next pair."""

    authentication_classes = ()
    permission_classes = ()

    @transaction.atomic
    def post(self, request: Request) -> Response:
        sent = Verdict(data=request.data)
        sent.is_valid(raise_exception=True)
        with connection.cursor() as cursor:
            if "pair" in sent.validated_data:
                cursor.execute(STORED, sent.validated_data)
            cursor.execute(CLAIMED)
            pair, a, b = cursor.fetchone()
        return Response({"pair": pair, "a": a, "b": b})


urlpatterns = [path("cycle", Cycle.as_view())]
