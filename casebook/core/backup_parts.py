"""Where the tables of the core go in a backup.

The ledger goes with the keys: every keyring remembers the last tree head, and opens only where the ledger has it.
"""

from casebook.core.backup.parts import Part

PARTS = {
    "AuditEvent": Part.KEYS,
    "LedgerHead": Part.KEYS,
    "LedgerNode": Part.KEYS,
    "Checkpoint": Part.KEYS,
    "BackupPart": Part.KEYS,  # as new as the keys: it says until when key parts exist
    "Installation": Part.NEITHER,  # stands in the head of both parts
    "Session": Part.NEITHER,  # nobody is signed in on a restored machine
    "RateWindow": Part.NEITHER,  # attempts of the last minute
}
