"""The law in versions, and what experts write about a case: annotations, findings, reviews of findings."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from casebook.core.fields import SealedField
from casebook.core.identifiers import new_id
from cases.models import CaseRecord, CompartmentName


class InstrumentKind(models.TextChoices):
    TREATY = "treaty", _("Treaty or binding act")
    SOFT_LAW = "soft_law", _("Standard, not binding by itself")
    MECHANISM = "mechanism", _("Mechanism")


class Confidence(models.TextChoices):
    HIGH = "high", _("high")
    MEDIUM = "medium", _("medium")
    LOW = "low", _("low")


class Category(models.TextChoices):
    """What a provision is about."""

    BODILY_INTEGRITY = "bodily_integrity", _("Bodily integrity")
    CHILD = "child", _("Children")
    DATA_PROTECTION = "data_protection", _("Personal data")
    DETENTION_CONDITIONS = "detention_conditions", _("Conditions of detention")
    DISCRIMINATION = "discrimination", _("Discrimination")
    DRUG_CONTROL = "drug_control", _("Drug control")
    EDUCATION = "education", _("Education")
    EXPRESSION_ASSEMBLY = "expression_assembly", _("Expression and assembly")
    FAIR_TRIAL = "fair_trial", _("Fair trial")
    FAMILY = "family", _("Family")
    FORCED_LABOUR = "forced_labour", _("Forced labour")
    GBV = "gbv", _("Gender-based violence")
    HEALTH = "health", _("Health")
    HOUSING = "housing", _("Housing")
    LIBERTY = "liberty", _("Liberty")
    LIFE = "life", _("Life")
    MEDICAL_ETHICS = "medical_ethics", _("Medical ethics")
    MONITORING = "monitoring", _("Monitoring of places of detention")
    MOVEMENT = "movement", _("Freedom of movement")
    PARTICIPATION = "participation", _("Participation")
    PRIVACY = "privacy", _("Private life")
    PROCEDURE = "procedure", _("Procedure")
    PROPERTY = "property", _("Property")
    REMEDY = "remedy", _("Remedy and investigation")
    REPRODUCTIVE = "reproductive", _("Reproductive rights")
    SOCIAL_PROTECTION = "social_protection", _("Social protection")
    TORTURE = "torture", _("Torture and ill-treatment")
    TRAFFICKING = "trafficking", _("Trafficking")
    WORK = "work", _("Work")


def _day_words(text: str) -> str:
    """A day as people write it; words that give no single day stay as they are."""
    try:
        return date_format(date.fromisoformat(text), "j E Y")
    except ValueError:
        return text


class Instrument(models.Model):
    """A treaty, standard or mechanism.

    `adopted` and `in_force` are as the source gives them, a day or words. `complaint`: {individual, procedure,
    time_limit, limit_days, preconditions, interim_measures, note}. `sources`: [{title, url, read_here}]. `as_of` is the
    month (YYYY-MM) in which the facts were gathered. A lawyer's confirmation lapses when the facts change.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=20, unique=True)
    title_en = models.CharField(max_length=300)
    title_ru = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=20, choices=InstrumentKind.choices)
    system = models.CharField(max_length=60)
    adopted = models.CharField(max_length=40, blank=True)
    in_force = models.CharField(max_length=40, blank=True)
    body = models.CharField(max_length=200, blank=True)
    complaint = models.JSONField(default=dict)
    confidence = models.CharField(max_length=10, choices=Confidence.choices)
    note = models.TextField(blank=True)
    sources = models.JSONField(default=list)
    as_of = models.CharField(max_length=7)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=InstrumentKind.values), name="known_kind"),
            models.CheckConstraint(condition=models.Q(confidence__in=Confidence.values), name="known_confidence"),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None, confirmed_at=None)
                | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="confirmed_by_somebody_at_some_time",
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> str:
        return self.title_ru if get_language() == "ru" and self.title_ru else self.title_en

    @property
    def adopted_words(self) -> str:
        return _day_words(self.adopted)

    @property
    def in_force_words(self) -> str:
        return _day_words(self.in_force)

    @property
    def as_of_day(self) -> date:
        """The first day of the month in which the facts were gathered."""
        return date.fromisoformat(f"{self.as_of}-01")

    @property
    def needs_check(self) -> bool:
        """Whether something in it was written from general knowledge, or with little confidence."""
        unread = not self.sources or any(not source["read_here"] for source in self.sources)
        return unread or self.confidence == Confidence.LOW

    @property
    def is_unverified(self) -> bool:
        """Whether it has to be checked before it is cited: it needs a check and no lawyer has confirmed it."""
        return self.needs_check and self.confirmed_at is None


class Provision(models.Model):
    """One version of an article, rule or paragraph.

    In force from `in_force_from` (None: the day is not established) up to and with `in_force_until` (None: until now).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="provisions")
    ref = models.CharField(max_length=20)
    heading_en = models.CharField(max_length=200)
    heading_ru = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=30, choices=Category.choices)
    in_force_from = models.DateField(null=True)
    in_force_until = models.DateField(null=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("instrument", "ref", "in_force_from"), name="one_version_a_day"),
            models.UniqueConstraint(
                fields=("instrument", "ref"),
                condition=models.Q(in_force_from=None),
                name="one_version_without_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(in_force_from=None)
                | models.Q(in_force_until=None)
                | models.Q(in_force_until__gte=models.F("in_force_from")),
                name="ends_after_it_begins",
            ),
            models.CheckConstraint(condition=models.Q(category__in=Category.values), name="known_category"),
        )

    def __str__(self) -> str:
        return self.short_label

    @property
    def heading(self) -> str:
        return self.heading_ru if get_language() == "ru" and self.heading_ru else self.heading_en

    @property
    def heading_language(self) -> str:
        return "ru" if get_language() == "ru" and self.heading_ru else "en"

    @property
    def short_label(self) -> str:
        """Instrument and number: `ECHR 3`."""
        return f"{self.instrument.code} {self.ref}"

    @property
    def label(self) -> str:
        """Instrument, number and heading in the active language."""
        return f"{self.short_label} · {self.heading}"


class Annotation(CaseRecord):
    """Words of the testimony tied to a provision. `author` wrote the wording that stands now."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sealed_note = SealedField()

    history = HistoricalRecords()
    compartment: ClassVar[str] = CompartmentName.TESTIMONY


class Conclusion(models.TextChoices):
    VIOLATED = "violated", _("Violated")
    NOT_VIOLATED = "not_violated", _("Not violated")
    INSUFFICIENT = "insufficient", _("Not enough evidence to say")


class Finding(CaseRecord):
    """A conclusion about one provision, an open facet; the reasoning is sealed.

    `author` wrote the wording that stands now: nobody reviews words of their own.
    """

    provision = models.ForeignKey(Provision, on_delete=models.PROTECT, related_name="+")
    conclusion = models.CharField(max_length=20, choices=Conclusion.choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    single_expert = models.BooleanField(default=False)
    sealed_reasoning = SealedField()

    history = HistoricalRecords()
    compartment: ClassVar[str] = CompartmentName.TESTIMONY

    class Meta(CaseRecord.Meta):
        constraints = (
            models.CheckConstraint(condition=models.Q(conclusion__in=Conclusion.values), name="known_conclusion"),
        )


class FindingReview(CaseRecord):
    """What another expert says of a finding, as it was worded at `finding_revision`.

    A finding that is changed afterwards leaves its reviews behind: they stay to be read and count no longer.
    """

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="reviews")
    finding_revision = models.PositiveBigIntegerField()
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    agrees = models.BooleanField()
    sealed_comment = SealedField()

    history = HistoricalRecords()
    compartment: ClassVar[str] = CompartmentName.TESTIMONY

    class Meta(CaseRecord.Meta):
        constraints = (models.UniqueConstraint(fields=("finding", "reviewer"), name="one_review_an_expert"),)
