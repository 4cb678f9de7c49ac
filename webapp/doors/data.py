"""Batches, exports and all that tells of them."""

from __future__ import annotations

from webapp.doors.answers import ADMINISTRATORS, ANY_DATA, DATA_OF_IT, MANAGERS, OPEN, Doors, form, get, post

DOORS: Doors = {
    "batches": {**get(ANY_DATA), **post(MANAGERS)},
    "sealing_orders": get(ANY_DATA),
    "batch": get(DATA_OF_IT),
    "batch_figures": get(DATA_OF_IT),
    "batch_statistics": get(DATA_OF_IT),
    "batch_changes": get(DATA_OF_IT),
    "row_proof": get(MANAGERS),
    "batch_exports": get(DATA_OF_IT),
    "export": post(DATA_OF_IT),
    "write_again": post(DATA_OF_IT),
    "evaluation_sets": form(ANY_DATA),
    "retire_evaluation_set": post(ANY_DATA),
    "export_file": get(DATA_OF_IT),
    "download": get(OPEN),
    "sealing_rule": form(MANAGERS),
    "seal": form(MANAGERS),
    "webhooks": form(MANAGERS),
    "all_webhooks": form(ADMINISTRATORS),
    "webhook": get(MANAGERS),
    "ping_webhook": post(MANAGERS),
    "rotate_webhook": post(MANAGERS),
    "turn_on_webhook": post(MANAGERS),
    "turn_off_webhook": post(MANAGERS),
    "delivery": get(MANAGERS),
    "send_again": post(MANAGERS),
}
