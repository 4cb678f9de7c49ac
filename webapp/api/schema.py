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
    "414": "The address is longer than the server reads: it says so itself, and not in JSON.",
    "429": "Too many requests; Retry-After says for how many seconds to wait.",
    "500": "Something broke on the server's side, and was noted there.",
    "503": "The database or the broker cannot be reached; nothing new was stored.",
}
WRITING = {
    "409": "Somebody, or an earlier request, was there first.",
    "411": "The request does not say how long its body is.",
    "413": "More was sent than any operation reads.",
    "415": "It reads JSON only.",
    "422": "A value cannot be stored as it is, or the Idempotency-Key was sent before with another request.",
}
CHANGING = {"412": "It was changed since If-Match read it; nothing was stored."}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A name of the client's own for this write: sent again, it is done once, and answered as at first.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of what the client has: the answer is 304 where it is still so.",
    "schema": {"type": "string"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of what the client read: nothing is stored where it was changed since.",
    "schema": {"type": "string"},
}
PARAMETERS = {"IdempotencyKey": KEY, "IfNoneMatch": IF_NONE_MATCH, "IfMatch": IF_MATCH}
LIMITS = {
    "RateLimit-Policy": {
        "description": "Requests of this token that the scope lets through in so many seconds.",
        "schema": {"type": "string"},
        "example": '"export";q=600;w=60',
    },
    "RateLimit": {
        "description": "How many are left, and after how many seconds the count begins anew.",
        "schema": {"type": "string"},
        "example": '"export";r=598;t=41',
    },
}
LIMITED = {name: {"$ref": f"#/components/headers/{name}"} for name in LIMITS}
ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
PAGE = {"text/html": {"schema": {"type": "string"}}}
NAMED = {f"Error{status}": why for status, why in (ANYWHERE | WRITING | CHANGING).items()}


class Schema(AutoSchema):
    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """Serializers stand inside their operations: Batches.Input is BatchesInput."""
        kind = serializer if isinstance(serializer, type) else type(serializer)
        return kind.__qualname__.replace(".", "")

    def get_summary(self) -> str:
        """The first sentence of what the operation says of itself."""
        return str(self.get_description()).partition("\n")[0].rstrip(".")


def with_errors(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular: each operation documents each error that it can answer with."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = SHAPE
    result["components"]["headers"] = LIMITS
    result["components"]["responses"] = {
        name: {"description": why, "content": PAGE if name == "Error414" else ERROR, "headers": LIMITED}
        for name, why in NAMED.items()
    } | {"Unchanged": {"description": "It is as If-None-Match has it.", "headers": LIMITED}}
    result["components"]["parameters"] = PARAMETERS
    for path in result["paths"].values():
        for method, operation in path.items():
            _complete(method, operation, is_read="get" in path)
    return result


def _complete(method: str, operation: dict[str, Any], *, is_read: bool) -> None:
    changes = is_read and method in ("put", "patch", "delete")
    told = operation["responses"]
    for response in told.values():
        response["headers"] = LIMITED
    for status in ANYWHERE | (WRITING if method != "get" else {}) | (CHANGING if changes else {}):
        told.setdefault(status, {"$ref": f"#/components/responses/Error{status}"})
    if method == "get":
        told.setdefault("304", {"$ref": "#/components/responses/Unchanged"})
    names = ["IfNoneMatch"] if method == "get" else ["IdempotencyKey", *(["IfMatch"] if changes else [])]
    if "application/x-ndjson" in (sent := operation.get("requestBody", {})).get("content", {}):
        sent["required"] = True  # without one there is no type of it either
    asked = operation.setdefault("parameters", [])
    asked += [{"$ref": f"#/components/parameters/{name}"} for name in names]


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "webapp.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An access token, made under Account."}
