"""One object of each kind that an address names, and the people who come to its door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from annotation import gold, invitations, memberships, qualification, queue, reviews
from annotation.models import Role, SealingOrder
from exports import actions as exports
from exports import storage
from preferences.actions import pools
from preferences.actions import replays as record
from preferences.models import Batch, Campaign, Judgment, Replay
from tests import factories
from tests.exports.webhooks.helpers import webhook
from tests.factories.concerns import ConcernFactory
from tests.factories.exams import WRITTEN
from tests.factories.second_steps import passkey, with_app
from tests.factories.temperatures import measured_sweep, planned_campaign
from tests.factories.webhooks import DeliveryFactory, MessageFactory
from tests.webapp.doors import programs
from webapp import erasing
from webapp.accounts import tokens
from webapp.accounts.models import User
from webapp.doors import Person
from webapp.pages.downloads import archive_name, link

ROLES = {
    Person.ANNOTATOR: Role.ANNOTATOR,
    Person.COLLEAGUE: Role.ANNOTATOR,
    Person.REVIEWER: Role.REVIEWER,
    Person.MANAGER: Role.MANAGER,
    Person.ENGINEER: Role.ENGINEER,
}
Arguments = dict[str, Any]


def of(*names: str, **arguments: Any) -> dict[str, Arguments]:
    """Addresses that name the same object."""
    return {name: arguments for name in names}


class World:
    """Campaigns of each kind with the same people, whose work is the annotator's unless it is somebody else's task."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        come = [person for person in Person if person != Person.NOBODY]
        self.people: dict[Person, User] = {person: factories.user(f"{person.name.lower()}-person") for person in come}
        for user in self.people.values():
            with_app(user)
        User.objects.filter(pk=self.people[Person.ADMINISTRATOR].pk).update(is_superuser=True)
        self.people[Person.ADMINISTRATOR].refresh_from_db()
        memberships.add(user=self.people[Person.ELSEWHERE], campaign=factories.campaign(), role=Role.MANAGER, by=None)
        self.ann, self.reviewer = self.people[Person.ANNOTATOR], self.people[Person.REVIEWER]
        self.campaign = self.with_people(planned_campaign(slug="main", max_turns=4, asks_edit=True))
        self.attacked = self.with_people(factories.red_team_campaign())
        self.written = self.with_people(factories.demonstrations_campaign())
        again = self._twice_sealed()
        self.arguments: dict[str, Arguments] = {
            **self._work(),
            **self._reviews(),
            **self._exams(),
            **self._written_and_attacked(),
            **self._people(),
            **self._settings(),
            **self._machines(),
            **self._data_out(),
            **self._accounts(),
            "row_proof": again,
            "batch_changes": {"pk": again["pk"]},
        }
        self.arguments |= programs.arguments(self, self.arguments)
        # What a form or an operation has to say before who asks matters.
        self.sent: dict[tuple[str, str], Any] = {
            **programs.sent(self),
            ("batches", "POST"): {"campaign": self.campaign.slug, "week": "2026-W01"},
            ("require_exam", "POST"): {"exam": self.exam.pk},
            ("release_exam", "POST"): {"exam": self.exam.pk},
            ("grant_attempt", "POST"): {"exam": self.exam.pk, "person": self.ann.pseudonym},
            ("ask_replays", "POST"): {"variant": self.campaign.sampling_plan.order_by("pk")[0].first_id},
            ("add_role", "POST"): {"campaign": self.campaign.slug, "role": Role.REVIEWER},
            ("remove_pool_member", "POST"): {"person": self.ann.pseudonym},
        }

    def _accounts(self) -> dict[str, Arguments]:
        return {
            "mfa_remove_webauthn": {"pk": passkey(self.ann).pk},
            "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
        }

    def _twice_sealed(self) -> Arguments:
        """A batch of which a second version left something out, and whose rows are proven."""
        campaign = self.with_people(factories.campaign())
        batch = factories.batch(campaign, comparisons=3)
        gone, kept = (item.comparison for item in batch.items.order_by("pk")[:2])
        erasing.erase_comparison(comparison=gone, reason="It was asked for.", by=None)
        return {"pk": Batch.objects.get(name=batch.name, version=2).pk, "key": kept.key}

    def with_people(self, campaign: Campaign) -> Campaign:
        for person, role in ROLES.items():
            memberships.add(user=self.people[person], campaign=campaign, role=role, by=None)
            factories.reads(self.people[person], campaign)
        return campaign

    def _work(self) -> dict[str, Arguments]:
        turn = factories.turn(self.campaign, by=self.ann)
        held = factories.assignment(self.campaign, self.ann)
        stored = self._stored()
        key, edited = {"key": held.key}, {"key": stored.key}
        dialogue = {"pk": turn.dialogue_id}
        return {
            **of("compare", "skip", "heartbeat", "flag", "reclaim", "guideline", **key),
            **of("edit", "edit_draft", **edited),
            **of("turn", "open_turn", "retry_turn", pk=turn.pk),
            **of("dialogue", "dialogue_draft", "end_dialogue", **dialogue),
        }

    def _stored(self) -> Any:
        """Work of the annotator that is answered, in a campaign of its own, where nothing else waits."""
        campaign = self.with_people(factories.campaign(asks_edit=True))
        made = factories.assignment(campaign, self.ann)
        queue.submit(key=made.key, by=self.ann, answer=queue.Answer(place=2, rationale="It says why."))
        return made

    def _reviews(self) -> dict[str, Arguments]:
        taken, back = (self._stored() for _ in range(2))
        review = factories.taken_review(Judgment.objects.get(comparison=taken.comparison), self.reviewer)
        returned = factories.taken_review(Judgment.objects.get(comparison=back.comparison), self.reviewer)
        reviews.send_back(key=returned.key, by=self.reviewer, feedback="Say why.", revision=0)
        return {
            **of("review", "review_draft", "review_leave", key=review.key),
            **of("returned", "returned_draft", "review_recall", key=returned.key),
        }

    def _exams(self) -> dict[str, Arguments]:
        campaign = self.with_people(factories.campaign())
        self.exam = factories.required_exam(campaign)
        running = qualification.start(exam=factories.required_exam(campaign), by=self.ann)
        average = [{"parts": [1], "measure": "average", "at_least": 4}]
        exam = factories.required_exam(campaign, factories.part(WRITTEN), marks=average)
        written = qualification.start(exam=exam, by=self.ann)
        qualification.hand_in(key=written.key, part=1, by=self.ann, fields=factories.answers(_1="An answer."))
        missed = factories.taken(factories.required_exam(campaign), self.ann, right=False)
        part = {"key": running.key, "number": 1}
        return {
            "exam": {"slug": running.exam.slug, "version": 1},
            **of("attempt", "begin_part", key=running.key),
            **of("hand_in", "part_draft", **part),
            "exam_scoring": {"key": written.key},
            "attempt_of_person": {"slug": campaign.slug, "key": missed.key},
            **of("require_exam", "release_exam", "grant_attempt", slug=campaign.slug),
        }

    def _written_and_attacked(self) -> dict[str, Arguments]:
        sent = factories.returned_demonstration(self.written, by=self.ann)
        waiting = factories.demonstration(self.written, by=self.ann)
        dialogue = factories.attacked_dialogue(self.attacked, by=self.ann)
        factories.reported(dialogue, 0)
        attack = factories.answered(factories.attack(self.attacked, by=self.ann))
        variant = factories.variant()
        (replay,) = record.open_all(campaign=self.attacked, variant=variant, by=None)
        factories.answered(replay.turn, variant=variant)
        red_team = {"slug": self.attacked.slug}
        attacks = ("attack_dialogue", "attack_dialogue_draft", "attack_retry", "attack_end", "attack_report")
        return {
            **of("demonstration", "demonstration_draft", pk=sent.pk),
            **of("review_demonstration", "review_demonstration_draft", pk=waiting.pk),
            **of("demonstrate", "review_demonstrations", slug=self.written.slug),
            **of(*attacks, pk=attack.dialogue_id),
            **of("attack", "red_team", "ask_replays", "replays", **red_team),
            **of("replay", "replay_draft", key=Replay.objects.get(pk=replay.pk).key),
        }

    def _people(self) -> dict[str, Arguments]:
        person = {"pseudonym": self.ann.pseudonym}
        role = {**person, "pk": self.ann.memberships.get(campaign=self.campaign).pk}
        invitation, token = invitations.invite(
            roles=[(self.campaign, Role.ANNOTATOR)], by=None, email="bob@example.org"
        )
        judgment = factories.judged_comparison(self.campaign, by=[self.ann]).judgments.get()
        own, _plain = tokens.issue(user=self.ann, name="mine", scopes=["export"], days=1, by=self.ann)
        concern = ConcernFactory(campaign=self.campaign, person=self.ann)
        return {
            **of("person", "describe_person", "pause_person", "resume_person", "erase_person", **person),
            "add_role": person,
            **of("remove_role", "pause_role", "resume_role", **role),
            "withdraw_invitation": {"pk": invitation.pk},
            "accept_invitation": {"token": token},
            "quality_person": {"slug": self.campaign.slug, **person},
            "quality_judgment": {"slug": self.campaign.slug, "pk": judgment.pk},
            "decide_concern": {"pk": concern.pk},
            "revoke_token": {"pk": own.pk},
        }

    def _settings(self) -> dict[str, Arguments]:
        pool = pools.create(campaign=self.campaign, name="A pool", by=None)
        pair = factories.judged_comparison(self.campaign)
        verdict = factories.verdict(self.campaign.the_scale, -3)
        known = gold.make(
            original=pair, verdict=verdict, safety=None, reason="It is so.", by=self.people[Person.MANAGER]
        )
        here = {"slug": self.campaign.slug}
        line = {**here, "pk": self.campaign.sampling_plan.order_by("pk")[0].pk}
        study = self.with_people(factories.evaluation())
        of_pools = ("keep_for_pool", "give_back_pool", "add_pool_member", "remove_pool_member")
        of_lines = ("change_sampling", "pause_sampling", "resume_sampling", "remove_sampling")
        return {
            **of(*of_pools, **here, pk=pool.pk),
            **of(*of_lines, **line),
            "retire_gold": {**here, "pk": known.pk},
            "agreement_part": {**here, "name": "figures"},
            "agreement_file": {**here, "name": "degrees"},
            **of("agreement_comparison", "erase_comparison", "retire_prompt", **here, pk=pair.pk),
            "results": {"slug": study.slug},
            "results_file": {"slug": study.slug, "table": "verdicts"},
            "ranking_file": {**here, "table": "strengths"},
        }

    def _machines(self) -> dict[str, Arguments]:
        sweep = measured_sweep(self.campaign)
        variant, reward = {"pk": sweep.variant_id}, factories.trained_reward_model()
        of_variants = ("variant", "check_variant", "adopt_variant", "limit_variant", "retire_variant", "provenance")
        return {
            **of(*of_variants, "temperatures", **variant),
            "retry_temperature": {**variant, "sweep": sweep.pk},
            "temperature_file": {**variant, "sweep": sweep.pk, "name": "rewards"},
            **of("reward", "retry_reward", pk=reward.pk),
        }

    def _data_out(self) -> dict[str, Arguments]:
        campaign = self.with_people(factories.campaign())
        batch = factories.batch(campaign)
        export = factories.export(batch)
        exports.write(export=export, out=self.directory / "export")
        export.refresh_from_db()
        order = SealingOrder.objects.create(
            campaign=campaign, week="2026-W01", anyway="", ordered_by=self.people[Person.MANAGER]
        )
        hook = webhook(campaign)
        delivery = DeliveryFactory(webhook=hook, message=MessageFactory())
        first = storage.files_of(export)[0].name
        of_batches = ("batch", "batch_figures", "batch_statistics", "batch_exports", "export")
        of_hooks = ("webhook", "ping_webhook", "rotate_webhook", "turn_on_webhook", "turn_off_webhook")
        return {
            **of(*of_batches, pk=batch.pk),
            **of("write_again", pk=export.pk),
            **of("export_file", pk=export.pk, name=first),
            "download": {
                "token": link(export, self.people[Person.MANAGER], "x").split("/")[2],
                "name": archive_name(export),
            },
            "api_sealing_order": {"pk": order.pk},
            "seal": {"slug": campaign.slug, "week": "2026-W01"},
            "retire_evaluation_set": {"pk": factories.evaluation_set().pk},
            **of(*of_hooks, pk=hook.pk),
            **of("delivery", "send_again", pk=delivery.pk),
        }
