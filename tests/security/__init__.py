"""What befell other platforms, tried on this one: each file is named after what it would have caught.

What is not here stands with what it guards:

- scripts in texts of people and models: tests/webapp/test_rendering_is_harmless.py, remote images among them
- requests into the operator's network: tests/preferences/test_outbound.py, tests/exports/webhooks/,
  tests/workers/engines/test_guard.py; a key that follows an address: tests/workers/engines/test_openai.py
- other people's objects, campaigns and downloads: tests/webapp/doors/, tests/webapp/test_downloads.py
- changed histories, swapped sides, leases of others, fifty submits at once: tests/annotation/
- answers of workers that hold no lease: tests/workers/test_runs.py
- default secrets, cookies, policies of pages: tests/deployment/test_settings.py
- guessed passwords, second steps, sessions, reset: tests/webapp/test_signing_in.py
- which model answered: tests/webapp/test_blinding.py
- signed webhooks: tests/exports/webhooks/
- formulas in spreadsheets, held-out rows, names in archives: tests/exports/
"""
