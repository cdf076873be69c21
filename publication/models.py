"""What stage 3 keeps: drafts and anonymised records, sealed until they are published, and what is public."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Organisation
from casebook.core.fields import SealedField
from casebook.core.identifiers import new_id
from cases.models import Case, CaseRecord, CompartmentName


class RedactionDraft(CaseRecord):
    """The decisions of whoever anonymises a case, and which version of the testimony they are about."""

    anonymiser = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sealed_state = SealedField()

    history = HistoricalRecords()
    compartment = CompartmentName.TESTIMONY

    class Meta(CaseRecord.Meta):
        constraints = (models.UniqueConstraint(fields=("case",), name="one_redaction_draft_a_case"),)


class AnonymisedRecord(CaseRecord):
    """The record as it would appear. Sealed for the reviewer; each submission replaces it."""

    anonymiser = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sealed_record = SealedField()

    history = HistoricalRecords()
    compartment = CompartmentName.RECORD

    class Meta(CaseRecord.Meta):
        constraints = (models.UniqueConstraint(fields=("case",), name="one_anonymised_record_a_case"),)


class IntruderReview(CaseRecord):
    """One attempt to recognise the person from the anonymised record, and what came of it."""

    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    passed = models.BooleanField()
    sealed_answers = SealedField()

    history = HistoricalRecords()
    compartment = CompartmentName.RECORD


class NumberSeries(models.Model):
    """The last number given in one year and country; its row is the lock that keeps the numbers one sequence."""

    prefix = models.CharField(primary_key=True, max_length=10)
    last = models.PositiveIntegerField(default=0)


class PublishedRecord(models.Model):
    """An anonymised record in the clear, for everybody. A retracted one keeps its number and loses every word.

    `content` is what `publication.record_content` describes. History leaves it out: a word taken back is gone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="published_records")
    number = models.CharField(_("number"), max_length=16, unique=True)
    content = models.JSONField(default=dict)
    published_on = models.DateField(_("published on"))
    anonymiser = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retracted_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    history = HistoricalRecords(excluded_fields=["content"])

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("case",), condition=models.Q(retracted_on=None), name="one_live_record_a_case"
            ),
            models.CheckConstraint(
                condition=models.Q(retracted_on=None) | models.Q(content={}), name="retracted_record_is_empty"
            ),
            models.CheckConstraint(
                condition=~models.Q(anonymiser=models.F("reviewer")), name="reviewer_is_not_the_anonymiser"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def is_retracted(self) -> bool:
        return self.retracted_on is not None


class DigestLanguage(models.TextChoices):
    ENGLISH = "en", _("English")
    RUSSIAN = "ru", _("Russian")


class Digest(models.Model):
    """One edition of a digest. Changed freely until it is issued; after that a change makes the next edition."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    title = models.CharField(_("title"), max_length=200)
    subtitle = models.CharField(_("subtitle"), max_length=200, blank=True)
    foreword = models.TextField(_("foreword"), blank=True)
    language = models.CharField(_("language"), max_length=10, choices=DigestLanguage.choices)
    edition = models.PositiveIntegerField(_("edition"), default=1)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    superseded_by = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="supersedes"
    )
    revision = models.PositiveBigIntegerField(default=0)

    history = HistoricalRecords()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(language__in=DigestLanguage.values), name="known_digest_language"
            ),
            models.CheckConstraint(condition=models.Q(edition__gte=1), name="editions_count_from_one"),
            models.CheckConstraint(
                condition=models.Q(superseded_by=None) | models.Q(issued_on__isnull=False),
                name="only_issued_editions_are_superseded",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_issued(self) -> bool:
        return self.issued_on is not None

    @property
    def is_superseded(self) -> bool:
        """Whether a later edition was issued; one in preparation replaces nothing yet."""
        return self.superseded_by is not None and self.superseded_by.is_issued


class DigestEntry(models.Model):
    """A published record in an edition, at its place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.ForeignKey(Digest, on_delete=models.CASCADE, related_name="entries")
    record = models.ForeignKey(PublishedRecord, on_delete=models.PROTECT, related_name="entries")
    position = models.PositiveIntegerField()

    history = HistoricalRecords()

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=("digest", "record"), name="one_entry_a_record"),
            models.UniqueConstraint(fields=("digest", "position"), name="one_record_a_position"),
        )
