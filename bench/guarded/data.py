"""What goes in and out: bodies, exports, what workers bring, weights."""

from __future__ import annotations

from bench.guarded.guard import Guard

GUARDS = [
    # exports
    Guard(
        "a cell of a table is no formula",
        "preferences/spreadsheets.py",
        'return FORMULA.sub(r"\\1\'", cell)',
        "return cell",
        "tests/annotation/test_ledger.py::spreadsheet",
    ),
    Guard(
        "no file goes out but those of the manifest",
        "webapp/pages/downloads.py",
        "        if file.name == name:",
        "        if True:",
        "tests/webapp/test_downloads.py::no_other_file",
    ),
    Guard(
        "a dialogue near a held-out prompt is not trained on",
        "preferences/actions/holdout.py",
        "            groups[group_of[place]].take(int(sizes[place]), draw_of(family, seed=seed), int(meets[place]))",
        "            groups[group_of[place]].take(int(sizes[place]), draw_of(family, seed=seed), 0)",
        "tests/preferences/test_held_out_groups.py::follows_the_first_one_in_another",
    ),
    Guard(
        "exports of what was erased are withdrawn",
        "exports/erasures.py",
        "        lifecycle.advance(export, ExportStatus.WITHDRAWN)\n",
        "        pass\n",
        "tests/erasing/test_erasing_people.py::withdrawn_and_its_files",
    ),
    # what workers bring, and weights
    Guard(
        "a response is stored for who holds the request",
        "workers/recording.py",
        "rows.filter(pk__in=keys, holder=holder)",
        "rows.filter(pk__in=keys)",
        "tests/workers/test_runs.py",
    ),
    Guard(
        "an answer is compared as it is kept",
        "workers/recording.py",
        "text=texts.storable(completion.text)",
        "text=completion.text",
        "tests/workers/test_runs.py::equal_as_they_are_stored",
    ),
    Guard(
        "what a server calls itself can be kept",
        "workers/recording.py",
        "texts.storable(engine.revision)",
        "engine.revision",
        "tests/workers/test_runs.py::could_not_confirm",
    ),
    Guard(
        "an answer has an end",
        "workers/recording.py",
        "    if len(text) > texts.RESPONSE_LIMIT:",
        "    if False:",
        "tests/workers/test_sampling.py::too_long",
    ),
    Guard(
        "shards are safetensors beside their index",
        "workers/engines/checkpoints.py",
        ' or Path(name).name != name or not name.endswith(".safetensors"):',
        ":",
        "tests/workers/engines/test_checkpoints.py::anything_but_a_shard",
    ),
    Guard(
        "no code of a checkpoint is run",
        "workers/engines/transformers_engine.py",
        "            use_safetensors=True,\n            trust_remote_code=False,",
        "            use_safetensors=True,\n            trust_remote_code=True,",
        "tests/security/test_cve_2025_5173_pickle.py::unpickles",
    ),
    Guard(
        "messages between processes are JSON",
        "webapp/celery.py",
        'app = Celery("margin")',
        'app = Celery("margin", accept_content=["json", "pickle"])',
        "tests/security/test_cve_2025_5173_pickle.py::are_json",
    ),
    Guard(
        "the broker asks for a password",
        "docker-compose.yml",
        ', "--requirepass", "${REDIS_PASSWORD:?set REDIS_PASSWORD}"]',
        "]",
        "tests/deployment/test_compose.py::by_margin_alone",
    ),
    # bodies without an end
    Guard(
        "JSON has a depth",
        "webapp/api/reading.py",
        "        if _is_deeper(found, DEEPEST):",
        "        if False:",
        "tests/security/test_cve_2024_10912_multipart.py",
    ),
    Guard(
        "a page has a length",
        "webapp/api/paging.py",
        "1 <= int(limit[:9]) <= MOST",
        "1 <= int(limit[:9])",
        "tests/security/test_cve_2023_47117_orm_leak.py",
    ),
    Guard(
        "a body has a size",
        "webapp/settings.py",
        "DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024",
        "DATA_UPLOAD_MAX_MEMORY_SIZE = None",
        "tests/security/test_cve_2024_10912_multipart.py::larger",
    ),
]
