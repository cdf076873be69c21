"""Where the tables of cases go in a backup.

Who may open a case, and what was erased, goes with the keys; what is sealed goes with the data.
"""

from casebook.core.backup.parts import Part

PARTS = {
    "Case": Part.DATA,
    "CaseUserObjectPermission": Part.KEYS,  # access that was taken back does not come back with older data
    "CaseGroupObjectPermission": Part.KEYS,
    "CaseWall": Part.KEYS,
    "EmergencyAccess": Part.KEYS,
    "CaseViolation": Part.DATA,
    "Compartment": Part.KEYS,
    "KeyWrap": Part.KEYS,
    "EpochLink": Part.KEYS,
    "Erasure": Part.KEYS,  # what was erased is known also when older data comes back, and is erased again
    "LegalHold": Part.KEYS,
    "RetentionRule": Part.DATA,
    "Person": Part.DATA,
    "MentionMap": Part.DATA,
    "Statement": Part.DATA,
    "Incident": Part.DATA,
    "EvidenceFile": Part.DATA,
    "Consent": Part.DATA,
}


def settle(alias: str) -> None:
    """Close cases to teams where a wall stands that is newer than the data."""
    from cases.models import Case  # tables are declared before models are loaded

    Case.objects.using(alias).filter(walls__isnull=False).update(team=None)
