"""Where the tables of publication go in a backup."""

from casebook.core.backup.parts import Part

PARTS = {
    "RedactionDraft": Part.DATA,
    "AnonymisedRecord": Part.DATA,
    "IntruderReview": Part.DATA,
    "NumberSeries": Part.DATA,
    "PublishedRecord": Part.DATA,
    "Digest": Part.DATA,
    "DigestEntry": Part.DATA,
}
