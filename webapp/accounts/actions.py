from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import invitations
from annotation.models import Invitation
from annotation.people import IMPORTED
from preferences import text as texts
from preferences.actions import events
from preferences.errors import InvalidInput
from preferences.models import Campaign
from webapp.accounts.erasing import PREFIX as ERASED
from webapp.accounts.models import User

PASSWORD_LIMIT = 1_000
ONE_FORM = timedelta(seconds=30)


@transaction.atomic
def create(*, username: str, password: str | None, by: User | None, is_superuser: bool = False) -> User:
    """A person's account; without a password nobody can sign in to it."""
    user = User(username=username, is_superuser=is_superuser)
    user.set_password(password) if password else user.set_unusable_password()
    user.save()
    events.record("user.created", user, by=by)
    return user


@transaction.atomic
def choose_language(*, user: User, language: str, by: User) -> None:
    """The language of this person's pages, on every device."""
    check_language(language)
    if user.language == language:  # a double click
        return
    before, user.language = user.language, language
    user.save(update_fields=["language"])
    events.record("user.language_chosen", user, by=by, before=before, after=language)


def check_language(language: str) -> None:
    known = dict(settings.LANGUAGES)
    if language not in known:
        raise InvalidInput(
            _("There is no translation into “%(language)s”. Choose one of these: %(known)s.")
            % {"language": language[:20], "known": ", ".join(known.values())},
            field="language",
        )


def imported_annotator(campaign: Campaign, name: str) -> User:
    """The account that stands for an annotator of an import: one for each name and campaign, never to sign in with."""
    digest = hashlib.sha256(f"{campaign.pk}:{name}".encode()).hexdigest()[:16]
    username = f"{IMPORTED}{digest}"
    return User.objects.filter(username=username).first() or create(username=username, password=None, by=None)


@dataclass(frozen=True)
class NewAccount:
    """What a person says of themselves when they accept an invitation."""

    username: str
    password: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    language: str = ""


@transaction.atomic
def accept_invitation(*, token: str, account: NewAccount) -> User:
    """Makes the account and gives it what the invitation holds; sent twice, it answers with the same account."""
    invitation = invitations.find(token, lock=True)
    if already := _made_just_now(invitation, account):
        return already
    invitations.check_open(invitation)
    user = User(
        username=_free_username(account.username),
        first_name=_name(account.first_name, "first_name"),
        last_name=_name(account.last_name, "last_name"),
        email=_own_email(account.email),
        language=account.language,
        vendor=invitation.vendor,
        locale=invitation.locale,
    )
    if account.language:
        check_language(account.language)
    set_password(user, account.password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # somebody took the name at this very moment
        raise InvalidInput(_taken(), field="username") from None
    events.record("user.created", user, by=user)
    invitations.accept(token=token, user=user)
    return user


def _made_just_now(invitation: Invitation, account: NewAccount) -> User | None:
    """The account that another click of the form has made; later this would be a way to guess passwords."""
    if invitation.accepted_at is None or timezone.now() - invitation.accepted_at > ONE_FORM:
        return None
    made: User | None = invitation.accepted_by
    is_same = made is not None and made.username == account.username and made.check_password(account.password)
    return made if is_same else None


def set_password(user: User, password: str) -> None:
    """Sets it on the object, by the rules; InvalidInput with what each broken rule asks for."""
    try:
        if len(password) > PASSWORD_LIMIT:
            raise InvalidInput(_("The password is too long. Choose a shorter one."), field="password")
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), field="password") from None
    user.set_password(password)


def _free_username(username: str) -> str:
    username = texts.checked(User.normalize_username(username), what=_("The user name"), limit=150, field="username")
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError:
        raise InvalidInput(
            _("A user name has letters, digits and the characters @ . + - _ and no spaces."), field="username"
        ) from None
    if username.startswith((IMPORTED, ERASED)) or User.objects.filter(username__iexact=username).exists():
        raise InvalidInput(_taken(), field="username")
    return username


def _taken() -> str:
    return _("Somebody has this user name already. Choose another one.")


def _name(name: str, field: str) -> str:
    return texts.checked(name, what=_("The name"), limit=150, field=field, empty=True)


def _own_email(email: str) -> str:
    """Free, so that no reset of a password can reach two accounts."""
    email = invitations.checked_email(email)
    if email and User.objects.filter(email__iexact=email).exists():
        raise InvalidInput(_("Another account has this address. Leave it empty, or give another."), field="email")
    return email
