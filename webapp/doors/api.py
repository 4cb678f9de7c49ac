"""The operations of the API. Nobody is asked to sign in here: 401 asks for a token."""

from __future__ import annotations

from webapp.doors.answers import (
    ADMINISTRATOR,
    ANNOTATORS,
    ANY_DATA,
    DATA_OF_IT,
    HIDDEN,
    MANAGER,
    MANAGERS,
    NOWHERE,
    OPEN,
    OWN,
    OWN_BY_KEY,
    SIGNED_IN,
    Doors,
    form,
    get,
    only,
    post,
)

DOORS: Doors = {
    "api_nothing": {method: NOWHERE for method in ("GET", "POST", "PUT", "PATCH", "DELETE")},
    "api_batches": {**get(ANY_DATA), **post(MANAGERS)},
    "api_batch": get(DATA_OF_IT),
    "api_batch_statistics": get(DATA_OF_IT),
    "api_batch_exports": form(DATA_OF_IT),
    "api_sealing_order": get(only(MANAGER, ADMINISTRATOR, others=HIDDEN)),
    "api_export": get(DATA_OF_IT),
    "api_export_file": get(DATA_OF_IT),
    "api_claims": {**get(SIGNED_IN), **post(ANNOTATORS)},
    "api_claim": get(OWN),
    "api_claim_heartbeat": post(OWN_BY_KEY),
    "api_claim_judgment": post(OWN_BY_KEY),
    "api_claim_skip": post(OWN_BY_KEY),
    "api_claim_flag": post(OWN),
    "api_claim_reclaim": post(OWN_BY_KEY),
    "api_claim_guideline": form(OWN),
    "api_judgments": get(SIGNED_IN),
    "api_judgment": {"GET": OWN, "PUT": OWN_BY_KEY},
    "api_edited_response": {"PUT": OWN_BY_KEY},
    "api_schema": get(OPEN),
}
