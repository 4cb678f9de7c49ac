"""Argon2 as the product uses it, at the least cost: passwords of tests guard nothing, and tests set them often."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 8
    parallelism = 1
