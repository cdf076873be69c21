"""What somebody is let into a case for: each level is a set of permissions and the compartments that they need."""

from collections.abc import Set

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from cases.compartments import ALL_COMPARTMENTS
from cases.models import CompartmentName

READ_PERMISSION = {
    CompartmentName.IDENTITY.value: "read_identity",
    CompartmentName.TESTIMONY.value: "read_testimony",
    CompartmentName.RECORD.value: "read_record",
}


class AccessLevel(models.TextChoices):
    CASEWORKER = "caseworker", _("Works on the case: reads names and testimony, changes and shares it")
    EXPERT = "expert", _("Legal expert: reads the testimony without names, analyses it")
    REVIEWER = "reviewer", _("Reviewer: reads only the anonymised record")
    EMERGENCY = "emergency", _("For some hours, in an emergency: reads names and testimony, and changes the case")


PERMISSIONS: dict[AccessLevel, frozenset[str]] = {
    AccessLevel.CASEWORKER: frozenset(
        {
            "view_case",
            "change_case",
            "share_case",
            "read_identity",
            "read_testimony",
            "read_record",
            "anonymise_case",
        }
    ),
    AccessLevel.EXPERT: frozenset({"view_case", "read_testimony", "analyse_case"}),
    AccessLevel.REVIEWER: frozenset({"view_case", "read_record", "review_case"}),
    AccessLevel.EMERGENCY: frozenset({"view_case", "change_case", "read_identity", "read_testimony", "read_record"}),
}
COMPARTMENTS: dict[AccessLevel, tuple[str, ...]] = {
    AccessLevel.CASEWORKER: ALL_COMPARTMENTS,
    AccessLevel.EXPERT: (CompartmentName.TESTIMONY,),
    AccessLevel.REVIEWER: (CompartmentName.RECORD,),
    AccessLevel.EMERGENCY: ALL_COMPARTMENTS,
}
SHARED_LEVELS = (AccessLevel.CASEWORKER, AccessLevel.EXPERT, AccessLevel.REVIEWER)
"""What a case is shared for; emergencies have a way of their own (`cases.emergency`)."""

TEAM_LEVEL = {Team.Kind.COORDINATORS.value: AccessLevel.CASEWORKER, Team.Kind.PANEL.value: AccessLevel.EXPERT}
"""What the members of a team are let in for."""


def level_of(permissions: Set[str]) -> AccessLevel | None:
    """The highest level whose permissions are all there."""
    return next((level for level in AccessLevel if PERMISSIONS[level] <= permissions), None)
