from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from webapp.accounts.models import User


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person-{n}")
    pseudonym = factory.Sequence(lambda n: f"quiet-otter-{n}")
    password = "!"  # nobody signs in here, and Argon2 is slow on purpose
