"""Mentions: find names, numbers and addresses in a testimony, lift them out of it, and put them back.

Pure calculations without a database. `clean` a text, `find_mentions` in it, let a person confirm, then `lift`.
"""

from .finding import detectors_for, find_mentions
from .lifting import Lifted, Marker, Segment, clean, lift, pseudonymise, restore, segments
from .records import Certainty, Identity, Mention, MentionKind

__all__ = [
    "Certainty",
    "Identity",
    "Lifted",
    "Marker",
    "Mention",
    "MentionKind",
    "Segment",
    "clean",
    "detectors_for",
    "find_mentions",
    "lift",
    "pseudonymise",
    "restore",
    "segments",
]
