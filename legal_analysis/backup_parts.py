"""Where the tables of the law and of legal analysis go in a backup."""

from casebook.core.backup.parts import Part

PARTS = {
    "Instrument": Part.DATA,
    "Provision": Part.DATA,
    "Annotation": Part.DATA,
    "Finding": Part.DATA,
    "FindingReview": Part.DATA,
}
