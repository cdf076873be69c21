"""Organisations, people, their roles and their keys. Key tables have no history: a key that is deleted is gone."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casebook.core.fields import OptionalSealedField, SealedField
from casebook.core.identifiers import new_id


class Organisation(models.Model):
    """A network or organisation, and the public halves of its keys, signed by its root key.

    The secret halves of `root_public` and `recovery_public` never lie open on this server. `sealed_copies` are those
    that only paper codes open (`accounts.ceremony.files.SealedCopies`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=200, unique=True)
    country = models.CharField(_("country"), max_length=2)
    root_public = models.BinaryField(max_length=32)
    recovery_public = models.BinaryField(max_length=1216)
    auditor_public = models.BinaryField(max_length=1216)
    signature = models.BinaryField(max_length=64)
    sealed_copies = models.JSONField(default=dict)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    STREET_LAWYER = "street_lawyer", _("Street lawyer")
    COORDINATOR = "coordinator", _("Coordinator")
    LEGAL_EXPERT = "legal_expert", _("Legal expert")
    ADVOCATE = "advocate", _("Advocate")
    ADMINISTRATOR = "administrator", _("Organisation administrator")
    AUDITOR = "auditor", _("Auditor")


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str, organisation: Organisation, **fields: str) -> "User":
        user = self.model(username=self.model.normalize_username(username), organisation=organisation, **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. The name shown to colleagues is in the clear; choose one that says nothing to others."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(
        _("user name"),
        max_length=60,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("This user name is taken. Choose another one.")},
    )
    display_name = models.CharField(_("name shown to colleagues"), max_length=100)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people")
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ("display_name", "id")

    def __str__(self) -> str:
        return self.display_name or self.username

    def has_role(self, *roles: Role) -> bool:
        """Whether the person holds one of the roles, in the organisation they belong to."""
        return bool(set(roles) & self.roles)

    @property
    def roles(self) -> frozenset[Role]:
        if not hasattr(self, "_roles"):
            self._roles = frozenset(Role(grant.role) for grant in self.role_grants.all())
        return self._roles

    def forget_roles(self) -> None:
        """Read the roles anew on next use."""
        self.__dict__.pop("_roles", None)
        getattr(self, "_prefetched_objects_cache", {}).pop("role_grants", None)


class RoleGrant(models.Model):
    """A role of a person in their organisation."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "role"), name="one_grant_a_role"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="known_role"),
        )


class UserKey(models.Model):
    """A person's key pair of one epoch: public halves, the officer's certificate, the sealed keyring.

    `signer` is the officer's key that certified this one; with a certificate and without a signer it was the root.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="keys")
    epoch = models.PositiveIntegerField(default=1)
    hpke_public = models.BinaryField(max_length=1216)
    signing_public = models.BinaryField(max_length=32)
    officer = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    signer = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="certified")
    certificate = models.BinaryField(max_length=64, null=True)
    keyring = SealedField()
    created_at = models.DateTimeField(auto_now_add=True)

    compartment = "keyring"

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "epoch"), name="one_key_an_epoch"),
            models.UniqueConstraint(fields=("user",), condition=models.Q(active=True), name="one_active_key_a_person"),
        )

    @property
    def is_certified(self) -> bool:
        return self.certificate is not None


class KeySlot(models.Model):
    """One way to open a keyring: the user's key sealed under a passphrase or under a recovery code."""

    class Kind(models.TextChoices):
        PASSPHRASE = "passphrase"  # noqa: S105 (a kind, no secret)
        RECOVERY = "recovery"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.ForeignKey(UserKey, on_delete=models.CASCADE, related_name="slots")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    params = models.JSONField(default=dict)
    salt = models.BinaryField(max_length=16)
    blob = SealedField()

    compartment = "keyring"

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=("passphrase", "recovery")), name="known_slot_kind"),
        )


class UnlockedSession(models.Model):
    """The keyring of somebody at work, sealed under a token that only their browser has.

    Pending until the second factor is done; then made anew, bound to the signed-in session.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        ACTIVE = "active"

    id = models.BinaryField(primary_key=True, max_length=32)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="unlocked_sessions")
    key = models.ForeignKey(UserKey, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=State.choices)
    bound_session = models.BinaryField(max_length=32)
    expires = models.BigIntegerField()
    last_seen = models.BigIntegerField()
    blob = SealedField()

    compartment = "keyring"


class Invitation(models.Model):
    """An offer of an account; the link's token is kept only as a digest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    token_digest = models.BinaryField(max_length=32, unique=True)
    roles = models.JSONField(default=list)
    display_name = models.CharField(max_length=100)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    expires_at = models.DateTimeField()
    accepted_by = models.OneToOneField(User, on_delete=models.CASCADE, null=True, related_name="invitation")


class SignInReset(models.Model):
    """A one-time link that changes only the sign-in; case keys stay closed. The token is kept only as a digest."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True)
    token_digest = models.BinaryField(max_length=32, unique=True)
    expires_at = models.DateTimeField()


class OfflineRequest(models.Model):
    """A file that went to the offline machine about somebody's key; its answer is taken in once and deletes the row."""

    class Kind(models.TextChoices):
        OFFICER = "officer"
        RECOVERY = "recovery"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    key = models.ForeignKey(UserKey, on_delete=models.CASCADE, related_name="offline_requests")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=("officer", "recovery")), name="known_offline_request"),
        )


class OrganisationKeyWrap(models.Model):
    """A private key of the organisation (the auditors') handed to one member, signed by who handed it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    name = models.CharField(max_length=20)
    member_key = models.ForeignKey(UserKey, on_delete=models.CASCADE, related_name="organisation_keys")
    blob = models.BinaryField()
    signer = models.ForeignKey(UserKey, on_delete=models.PROTECT, related_name="+")
    signature = models.BinaryField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("name", "member_key"), name="one_organisation_key_a_member"),)


class Team(models.Model):
    """People of an organisation with one key pair between them: its coordinators, or a panel of legal experts.

    Membership is membership of `group`. `epoch` 0 means that there is no key yet. The public key is signed by an
    officer; `renewal_due` while somebody who left could still know the private one.
    """

    class Kind(models.TextChoices):
        COORDINATORS = "coordinators", _("Coordinators")
        PANEL = "panel", _("Panel of legal experts")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="teams")
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="team")
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    epoch = models.PositiveIntegerField(default=0)
    hpke_public = models.BinaryField(max_length=1216, default=b"")
    signer = models.ForeignKey(UserKey, on_delete=models.PROTECT, null=True, related_name="+")
    signature = models.BinaryField(max_length=64, default=b"")
    renewal_due = models.BooleanField(default=False)

    class Meta:
        ordering = ("kind", "name")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "name"), name="one_team_a_name"),
            models.UniqueConstraint(
                fields=("organisation",), condition=models.Q(kind="coordinators"), name="one_team_of_coordinators"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=("coordinators", "panel")), name="known_team_kind"),
        )

    def __str__(self) -> str:
        """Coordinators are called so in the reader's language, whatever the language of whoever appointed the first."""
        return str(self.Kind.COORDINATORS.label) if self.kind == self.Kind.COORDINATORS else self.name


class TeamMemberKey(models.Model):
    """A team's private key of one epoch, wrapped for one member and signed by whoever gave it.

    `checked` is the same key sealed under the member's own key after it was opened and its signature checked.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="member_keys")
    epoch = models.PositiveIntegerField()
    member = models.ForeignKey(User, on_delete=models.CASCADE, related_name="team_keys")
    member_epoch = models.PositiveIntegerField()
    blob = models.BinaryField()
    signer = models.ForeignKey(UserKey, on_delete=models.PROTECT, related_name="+")
    signature = models.BinaryField(max_length=64)
    checked = OptionalSealedField()

    compartment = "keyring"

    class Meta:
        constraints = (models.UniqueConstraint(fields=("team", "epoch", "member"), name="one_team_key_a_member"),)
