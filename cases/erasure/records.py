"""The tables of erasure. No history: a certificate says once what was done.

Nothing here is content of a case: reasons come from fixed lists, people in a case go by the id of their row.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from casebook.core.identifiers import new_id
from cases.stages import Stage


class ErasureReason(models.TextChoices):
    ASKED = "asked", _("The person asked for it")
    RETENTION = "retention", _("It has been kept as long as it is needed")
    MISTAKE = "mistake", _("It was written down by mistake, or twice")
    DANGER = "danger", _("Keeping it puts somebody in danger")
    LAW = "law", _("A law or a court demands it")


class ErasureState(models.TextChoices):
    PROPOSED = "proposed", _("Waits for a second person")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REFUSED = "refused", _("Refused")
    DONE = "done", _("Erased")


class Erasure(models.Model):
    """A proposal to erase a case, or with `subject` one person in it; once it is done, its certificate.

    `case_state` is a digest of what was there to be erased when it was proposed. `by_rule`: a rule of retention
    proposed it, for whoever set the rule. `destroyed` counts by kind what is gone; until `keys_until` a key backup may
    still hold the keys. `files` still have to be deleted; `finished_at` is when nothing was left to do.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="erasures")
    subject = models.UUIDField(null=True)
    reason = models.CharField(max_length=20, choices=ErasureReason.choices)
    case_state = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    by_rule = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ErasureState.choices, default=ErasureState.PROPOSED)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    destroyed = models.JSONField(default=dict)
    keys_until = models.DateField(null=True)
    files = models.JSONField(default=list)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-proposed_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("case",),
                condition=models.Q(state="proposed", subject=None),
                name="one_open_erasure_a_case",
            ),
            models.UniqueConstraint(
                fields=("case", "subject"), condition=models.Q(state="proposed"), name="one_open_erasure_a_person"
            ),
            models.CheckConstraint(condition=models.Q(state__in=ErasureState.values), name="known_erasure_state"),
            models.CheckConstraint(condition=models.Q(reason__in=ErasureReason.values), name="known_erasure_reason"),
            models.CheckConstraint(
                condition=~models.Q(state="done") | ~models.Q(proposed_by=models.F("decided_by")),
                name="erased_by_two_people",
            ),
        )

    @property
    def is_open(self) -> bool:
        return self.state == ErasureState.PROPOSED

    @property
    def is_done(self) -> bool:
        return self.state == ErasureState.DONE

    @property
    def is_of_person(self) -> bool:
        return self.subject is not None


class HoldReason(models.TextChoices):
    PROCEEDINGS = "proceedings", _("A court or a treaty body is dealing with it")
    INQUIRY = "inquiry", _("An inquiry into it is going on")
    ASKED = "asked", _("The person asked that it be kept")
    DUTY = "duty", _("Another duty to keep it")


class LegalHold(models.Model):
    """While it is not lifted, neither the case nor anybody in it can be erased."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="holds")
    reason = models.CharField(max_length=20, choices=HoldReason.choices)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-set_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("case",), condition=models.Q(lifted_at=None), name="one_standing_hold_a_case"
            ),
            models.CheckConstraint(condition=models.Q(reason__in=HoldReason.values), name="known_hold_reason"),
        )


class RetentionRule(models.Model):
    """Cases of an organisation that stood unchanged at a stage for so many months are proposed for erasure.

    `set_by` counts as who proposed what the rule proposes: somebody else approves it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="retention_rules")
    stage = models.CharField(max_length=20, choices=Stage.choices)
    months = models.PositiveSmallIntegerField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("organisation", "stage"), name="one_retention_rule_a_stage"),
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="known_retention_stage"),
            models.CheckConstraint(condition=models.Q(months__gte=1, months__lte=600), name="retention_in_months"),
        )
