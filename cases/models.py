"""A case, what belongs to it, and the keys that open it. One model belongs to one compartment."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from simple_history.models import HistoricalRecords

from accounts.models import Organisation, Team, UserKey
from casebook.core.fields import OptionalSealedField, SealedField
from casebook.core.identifiers import new_id, new_reference
from cases.stages import Stage


class CompartmentName(models.TextChoices):
    IDENTITY = "identity", _("Identity")
    TESTIMONY = "testimony", _("Testimony")
    RECORD = "record", _("Anonymised record")


class Case(models.Model):
    """The open facets of a case, and its sealed card: the working title and the fine facets, in one value for lists.

    `team`: the coordinators who see it without a permission row of its own; none while a wall stands round the case.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="cases")
    country = models.CharField(_("country"), max_length=2)
    year = models.PositiveSmallIntegerField(_("year"))
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.INTAKE)
    perpetrator = models.CharField(_("kind of perpetrator"), max_length=40, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveBigIntegerField(default=0)
    sealed_card = SealedField()

    history = HistoricalRecords(excluded_fields=["created_by", "reference", "team"])
    compartment: ClassVar[str] = CompartmentName.TESTIMONY

    class Meta:
        ordering = ("-id",)
        default_permissions = ()
        permissions = (
            ("view_case", "See that the case exists, and its open facets"),
            ("change_case", "Change the case"),
            ("share_case", "Share the case"),
            ("read_identity", "Read names and contacts"),
            ("read_testimony", "Read the testimony"),
            ("read_record", "Read the anonymised record before it is published"),
            ("analyse_case", "Analyse the case"),
            ("anonymise_case", "Anonymise the case"),
            ("review_case", "Review and publish the anonymised record"),
        )
        constraints = (models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="known_stage"),)
        indexes = (
            models.Index(fields=("organisation", "-id"), name="case_by_organisation"),
            models.Index(fields=("team", "-id"), name="case_by_team"),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def current_stage(self) -> Stage:
        return Stage(self.stage)


class CaseUserObjectPermission(UserObjectPermissionBase):
    """guardian's direct permission rows for people: who may do what with which case."""

    content_object = models.ForeignKey(Case, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        pass


class CaseGroupObjectPermission(GroupObjectPermissionBase):
    """guardian's direct permission rows for teams."""

    content_object = models.ForeignKey(Case, on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        pass


class CaseWall(models.Model):
    """A colleague who is kept out of a case. While there is one, the case is open by name only, to no team."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="walls")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("case", "person"), name="one_wall_a_person"),)


class EmergencyAccess(models.Model):
    """Somebody without access asks for it for some hours; a second person, who can open the case, decides.

    `reason` is sealed to the team of coordinators (HPKE), who decide.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="emergencies")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    hours = models.PositiveSmallIntegerField()
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    team_epoch = models.PositiveIntegerField()
    reason = models.BinaryField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True)
    ended = models.BooleanField(default=False)

    class Meta:
        ordering = ("asked_at", "id")
        indexes = (models.Index(fields=("asked_by", "ended"), name="emergency_by_person"),)


class CaseViolation(models.Model):
    """One kind of violation in a case, by its code in the violations list. An open facet."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="violations")
    code = models.CharField(max_length=60)

    history = HistoricalRecords()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("case", "code"), name="one_violation_a_case"),)
        indexes = (models.Index(fields=("code", "case"), name="case_by_violation"),)


# --- keys: no history, a deleted key is gone ----------------------------------------------------------------------


class Compartment(models.Model):
    """A sealed part of a case with a key of its own; a rekey raises `epoch`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="compartments")
    name = models.CharField(max_length=20, choices=CompartmentName.choices)
    epoch = models.PositiveIntegerField(default=1)
    rekey_pending = models.BooleanField(default=False)
    shredded = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("case", "name"), name="one_compartment_a_name"),
            models.CheckConstraint(condition=models.Q(name__in=CompartmentName.values), name="known_compartment"),
        )


class RecipientKind(models.TextChoices):
    USER = "user"
    TEAM = "team"
    ORGANISATION = "org"


class KeyWrap(models.Model):
    """A compartment's key, wrapped for one recipient and signed by whoever gave it; without a signer by the root.

    `checked` is the same key sealed under the recipient's own key, once the signature was checked and the wrap opened:
    opening that again takes a tenth of the time, and nobody but the recipient can have written it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    compartment = models.ForeignKey(Compartment, on_delete=models.CASCADE, related_name="wraps")
    epoch = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=RecipientKind.choices)
    recipient = models.UUIDField()
    recipient_epoch = models.PositiveIntegerField()
    blob = models.BinaryField(max_length=1172)
    signer = models.ForeignKey(UserKey, on_delete=models.PROTECT, null=True, related_name="+")
    signature = models.BinaryField(max_length=64)
    checked = OptionalSealedField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("compartment", "kind", "recipient"), name="one_wrap_a_recipient"),
            models.CheckConstraint(condition=models.Q(kind__in=RecipientKind.values), name="known_recipient_kind"),
        )
        indexes = (models.Index(fields=("recipient", "compartment"), name="wrap_by_recipient"),)


class EpochLink(models.Model):
    """The key of the epoch before, sealed under that of `epoch`: who may read today may read history."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    compartment = models.ForeignKey(Compartment, on_delete=models.CASCADE, related_name="links")
    epoch = models.PositiveIntegerField()
    sealed_key = SealedField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("compartment", "epoch"), name="one_link_an_epoch"),)


# --- sealed records -----------------------------------------------------------------------------------------------


class CaseRecord(models.Model):
    """What every sealed row of a case has: its case and a revision that is bound into the encryption."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    revision = models.PositiveBigIntegerField(default=0)

    compartment: ClassVar[str]

    class Meta:
        abstract = True
        ordering = ("id",)


class Person(CaseRecord):
    """Somebody in the case: role, names, contacts, numbers. Sealed as one profile."""

    sealed_profile = SealedField()

    history = HistoricalRecords()
    compartment = CompartmentName.IDENTITY


class MentionMap(CaseRecord):
    """What stood at each marker of the testimony, and what the street lawyer decided about it."""

    sealed_words = SealedField()

    history = HistoricalRecords()
    compartment = CompartmentName.IDENTITY

    class Meta(CaseRecord.Meta):
        constraints = (models.UniqueConstraint(fields=("case",), name="one_mention_map_a_case"),)


class Statement(CaseRecord):
    """The testimony with markers where names stood."""

    sealed_content = SealedField()

    history = HistoricalRecords()
    compartment = CompartmentName.TESTIMONY

    class Meta(CaseRecord.Meta):
        constraints = (models.UniqueConstraint(fields=("case",), name="one_statement_a_case"),)


class Incident(CaseRecord):
    """What happened, exactly when and where."""

    sealed_details = SealedField()

    history = HistoricalRecords()
    compartment = CompartmentName.TESTIMONY

    class Meta(CaseRecord.Meta):
        constraints = (models.UniqueConstraint(fields=("case",), name="one_incident_a_case"),)


class EvidenceFile(CaseRecord):
    """A file: its name, type, size, hash and key are sealed here; its bytes lie sealed under that key."""

    file_id = models.UUIDField(unique=True)
    sealed_meta = SealedField()

    history = HistoricalRecords()
    compartment = CompartmentName.TESTIMONY


class ConsentScope(models.TextChoices):
    KEEP = "keep", _("Keep this record")
    EXPERTS = "experts", _("Share it with legal experts")
    STATISTICS = "statistics", _("Count it in statistics")
    PUBLISH = "publish", _("Publish it anonymised")
    SUBMIT = "submit", _("Submit it to a court or a UN body")
    NAMED = "named", _("Be named")


class Consent(CaseRecord):
    """The answer for one scope, an open facet. Who asked, how and when is sealed."""

    scope = models.CharField(max_length=20, choices=ConsentScope.choices)
    given = models.BooleanField()
    until = models.DateField(_("valid until"), null=True, blank=True)
    withdrawn = models.BooleanField(default=False)
    sealed_details = SealedField()

    history = HistoricalRecords()
    compartment = CompartmentName.TESTIMONY

    class Meta(CaseRecord.Meta):
        constraints = (
            models.UniqueConstraint(fields=("case", "scope"), name="one_consent_a_scope"),
            models.CheckConstraint(condition=models.Q(scope__in=ConsentScope.values), name="known_scope"),
        )

    @property
    def stands(self) -> bool:
        """Whether she said yes, has not taken it back, and it has not run out."""
        return self.given and not self.withdrawn and (self.until is None or self.until >= timezone.localdate())


from cases.erasure.records import Erasure, LegalHold, RetentionRule  # noqa: E402, F401 (where Django looks for models)
