"""What the demo needs before the first prompt: models, variants, accounts, campaigns."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from annotation import memberships
from annotation.models import Role
from preferences.actions import campaigns, guidelines, sampling_plans, variants
from preferences.actions.sampling_plans import Terms
from preferences.models import Campaign, Variant
from webapp.accounts import actions as accounts
from webapp.accounts.models import User
from webapp.demo import prompts
from webapp.demo.raters import Rater

EARLY_TEMPERATURE = 0.8
LATE_TEMPERATURE = 0.9
MAX_TOKENS = 80
TRAINING_SEED = 7


@dataclass(frozen=True)
class Variants:
    early: Variant
    late: Variant


def train_models() -> Path:
    """Trains the two tiny checkpoints, once on this machine, in a process of its own (the web never loads torch)."""
    out: Path = settings.VAR_DIR / "models" / "tiny"
    if out.exists():
        return out
    out.parent.mkdir(parents=True, exist_ok=True)
    pairs = out.parent / "pairs.json"
    pairs.write_text(json.dumps([[prompt.text, prompt.answer] for prompt in prompts.load()]))
    command = [sys.executable, "-m", "workers.engines.tiny_training", str(pairs), str(out)]
    if subprocess.run(command, cwd=settings.BASE_DIR, check=False).returncode:
        raise SystemExit("The tiny models could not be trained; the lines above say why. Run “make demo” again.")
    return out


def register_variants(models: Path) -> Variants:
    early, late = (
        variants.register(
            name=f"tiny-{checkpoint}",
            engine="tiny",
            location=str(models / checkpoint),
            iteration=f"demo {checkpoint}",
            max_tokens=MAX_TOKENS,
            by=None,
        )
        for checkpoint in ("early", "late")
    )
    return Variants(early, late)


def open_campaign(
    slug: str, name: str, track: str, found: Variants, *, raters_per_item: int, manager: User
) -> Campaign:
    """A campaign that samples the early against the late variant, open for work."""
    campaign = campaigns.create(
        slug=slug,
        name=name,
        track=track,
        raters_per_item=raters_per_item,
        max_turns=4,
        by=manager,
    )
    guidelines.publish(campaign=campaign, text=prompts.guideline(track), by=manager)
    sampling_plans.add(
        campaign=campaign,
        first=found.early,
        second=found.late,
        terms=Terms(first_temperature=EARLY_TEMPERATURE, second_temperature=LATE_TEMPERATURE),
        by=manager,
    )
    campaigns.open_for_work(campaign=campaign, by=manager)
    memberships.add(user=manager, campaign=campaign, role=Role.MANAGER, by=manager)
    return campaign


@dataclass(frozen=True)
class Accounts:
    """Passwords are drawn on this machine and kept in a file that only its user may read."""

    passwords: dict[str, str]

    def user(self, name: str) -> User:
        found = User.objects.filter(username=name).first()
        return found or accounts.create(username=name, password=self.passwords[name], by=None)


def accounts_file() -> Path:
    path: Path = settings.VAR_DIR / "demo" / "accounts.json"
    return path


def load_accounts(crew: list[Rater]) -> Accounts:
    path = accounts_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    passwords = json.loads(path.read_text()) if path.exists() else {}
    for name in ["manager", "annotator", *(rater.name for rater in crew)]:
        passwords.setdefault(name, secrets.token_urlsafe(12))
    path.touch(mode=0o600)
    path.write_text(json.dumps(passwords, indent=2))
    found = Accounts(passwords)
    for name in passwords:
        user = found.user(name)
        if not user.check_password(passwords[name]):  # the file was removed, the account was not
            user.set_password(passwords[name])
            user.save(update_fields=["password"])
    return found


def next_number() -> int:
    """Runs of the demo so far, plus one: each has campaigns of its own, and leaves those of earlier runs alone."""
    return Campaign.objects.filter(slug__regex=r"^demo-helpfulness(-\d+)?$").count() + 1
