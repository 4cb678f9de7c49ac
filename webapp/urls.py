from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, path

from webapp.pages import (
    batches,
    compare,
    edits,
    guidelines,
    home,
    invitations,
    language,
    ledgers,
    overview,
    people,
    prompts,
    quality,
    quality_judgments,
    quality_people,
    settings,
)

handler400 = "webapp.errors.bad_request"
handler403 = "webapp.errors.forbidden"
handler404 = "webapp.errors.not_found"
handler500 = "webapp.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("sign-in/", LoginView.as_view(template_name="sign_in.html", redirect_authenticated_user=True), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("settings/", settings.settings, name="settings"),
    path("language/", language.choose, name="language"),
    path("campaigns/<slug:slug>/start/", home.start, name="start"),
    path("campaigns/<slug:slug>/next/", home.next_item, name="next"),
    path("campaigns/<slug:slug>/guideline/", guidelines.campaign_guideline, name="campaign_guideline"),
    path("campaigns/<slug:slug>/done/", home.done, name="done"),
    path("campaigns/<slug:slug>/write/", prompts.write, name="write"),
    path("campaigns/<slug:slug>/write/draft/", prompts.write_draft, name="write_draft"),
    path("campaigns/<slug:slug>/ledger/", ledgers.show, name="ledger"),
    path("campaigns/<slug:slug>/ledger/file/", ledgers.export, name="ledger_file"),
    path("campaigns/<slug:slug>/quality/", quality.people, name="quality"),
    path("campaigns/<slug:slug>/quality/propose/", quality.propose, name="propose_concerns"),
    path("campaigns/<slug:slug>/quality/judgments/<int:pk>/", quality_judgments.judgment, name="quality_judgment"),
    path("campaigns/<slug:slug>/quality/<str:pseudonym>/", quality_people.person_page, name="quality_person"),
    path("concerns/<int:pk>/", quality_people.decide, name="decide_concern"),
    path("turns/<int:pk>/", prompts.turn, name="turn"),
    path("turns/<int:pk>/open/", prompts.open_turn, name="open_turn"),
    path("turns/<int:pk>/retry/", prompts.retry, name="retry_turn"),
    path("dialogues/<int:pk>/", prompts.dialogue, name="dialogue"),
    path("dialogues/<int:pk>/draft/", prompts.dialogue_draft, name="dialogue_draft"),
    path("dialogues/<int:pk>/end/", prompts.end_dialogue, name="end_dialogue"),
    path("compare/<uuid:key>/", compare.compare, name="compare"),
    path("compare/<uuid:key>/skip/", compare.skip, name="skip"),
    path("compare/<uuid:key>/heartbeat/", compare.heartbeat, name="heartbeat"),
    path("compare/<uuid:key>/flag/", compare.flag, name="flag"),
    path("compare/<uuid:key>/reclaim/", compare.reclaim, name="reclaim"),
    path("compare/<uuid:key>/edit/", edits.edit, name="edit"),
    path("compare/<uuid:key>/edit/draft/", edits.edit_draft, name="edit_draft"),
    path("compare/<uuid:key>/guideline/", guidelines.drawer, name="guideline"),
    path("overview/", overview.overview, name="overview"),
    path("people/", people.people, name="people"),
    path("people/invitations/", invitations.invitations, name="invitations"),
    path("people/invitations/<int:pk>/withdraw/", invitations.withdraw, name="withdraw_invitation"),
    path("invitations/<str:token>/", invitations.accept, name="accept_invitation"),
    path("people/<slug:pseudonym>/", people.one, name="person"),
    path("people/<slug:pseudonym>/details/", people.describe, name="describe_person"),
    path("people/<slug:pseudonym>/pause/", people.pause, name="pause_person"),
    path("people/<slug:pseudonym>/resume/", people.resume, name="resume_person"),
    path("people/<slug:pseudonym>/roles/", people.add_role, name="add_role"),
    path("people/<slug:pseudonym>/roles/<int:pk>/remove/", people.remove_role, name="remove_role"),
    path("people/<slug:pseudonym>/roles/<int:pk>/pause/", people.pause_role, name="pause_role"),
    path("people/<slug:pseudonym>/roles/<int:pk>/resume/", people.resume_role, name="resume_role"),
    path("batches/", batches.batches, name="batches"),
    path("batches/<uuid:pk>/", batches.batch, name="batch"),
    path("batches/<uuid:pk>/export/", batches.export, name="export"),
    path("exports/<uuid:pk>/<path:name>", batches.export_file, name="export_file"),
]
