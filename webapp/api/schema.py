"""What OpenAPI says of every operation beside what it does itself: the errors, all of one shape."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

SHAPE = {
    "type": "object",
    "required": ["code", "message", "fields"],
    "properties": {
        "code": {"type": "string", "description": "A word that programs may rely on."},
        "message": {"type": "string", "description": "A sentence for a person."},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": "Sentences by field of what was sent.",
        },
    },
    "example": {
        "code": "missing_scope",
        "message": "This token may not do that: it takes the scope “export”. Make one that has it.",
        "fields": {},
    },
}
ANYWHERE = {
    "400": "The request cannot be read, or has a field or parameter that is wrong or unknown.",
    "401": "No token, or one that is not known, was revoked or has ended.",
    "403": "The token's scopes or its person's roles do not allow it.",
    "404": "There is nothing at this address, or it is not for this person.",
    "405": "The address has no such method.",
    "406": "It answers in JSON only.",
    "429": "Too many requests; Retry-After says for how many seconds to wait.",
    "503": "The database or the broker cannot be reached; nothing new was stored.",
}
WRITING = {
    "409": "Somebody, or an earlier request, was there first.",
    "413": "More was sent than any operation reads.",
    "415": "It reads JSON only.",
    "422": "A value cannot be stored as it is.",
}


class Schema(AutoSchema):
    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Serializers stand inside their operations: Batches.Input is BatchesInput."""
        kind = serializer if isinstance(serializer, type) else type(serializer)
        return kind.__qualname__.replace(".", "")


def with_errors(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular: each operation documents each error that it can answer with."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = SHAPE
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path in result["paths"].values():
        for method, operation in path.items():
            for status, why in (ANYWHERE | (WRITING if method != "get" else {})).items():
                operation["responses"].setdefault(status, {"description": why, "content": content})
    return result


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "webapp.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An access token, made under Account."}
