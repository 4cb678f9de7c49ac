"""The operations of the API. Nobody is asked to sign in here: 401 asks for a token."""

from __future__ import annotations

from webapp.doors.answers import (
    ADMINISTRATOR,
    ANY_DATA,
    DATA_OF_IT,
    HIDDEN,
    MANAGER,
    MANAGERS,
    NOWHERE,
    OPEN,
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
    "api_schema": get(OPEN),
}
