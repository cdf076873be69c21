"""The ledger's tables: one row for each event, and one for its head."""

from django.db import models

from casebook.core.backup.records import BackupPart as BackupPart  # where Django looks for models
from casebook.core.backup.records import Installation as Installation


class AuditEvent(models.Model):
    """One thing that happened. Its details are sealed to the auditors; everything else commits to them."""

    seq = models.PositiveBigIntegerField(primary_key=True)
    at = models.CharField(max_length=32)
    organisation = models.UUIDField()
    sealed = models.BinaryField(null=True)
    sealed_digest = models.BinaryField(max_length=32)
    commitment = models.BinaryField(max_length=32)
    leaf = models.BinaryField(max_length=32)
    chain = models.BinaryField(max_length=32)

    class Meta:
        ordering = ("seq",)
        indexes = (models.Index(fields=("organisation", "-seq"), name="ledger_by_organisation"),)


class LedgerHead(models.Model):
    """The number of events and the last link of the chain; its row is the lock that keeps the ledger one sequence."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.PositiveBigIntegerField(default=0)
    chain = models.BinaryField(max_length=32, default=bytes(32))

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="one_ledger_head"),)


class LedgerNode(models.Model):
    """The hash of a full subtree of the ledger: leaves `position << level` to `(position + 1) << level`.

    A cache of what the leaves say, from 1,024 leaves (level 10) upwards, so that no tree head needs all of them.
    """

    level = models.PositiveSmallIntegerField()
    position = models.PositiveBigIntegerField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("level", "position"), name="one_node_a_subtree"),)


class Checkpoint(models.Model):
    """A tree head that was given out: the signed note with whatever witnesses have added to it."""

    size = models.PositiveBigIntegerField(primary_key=True)
    note = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("size",)


class Session(models.Model):
    """Django's sign-in sessions, under the SHA-256 of their key: who reads the table can resume none of them."""

    key_digest = models.CharField(primary_key=True, max_length=64)
    session_data = models.TextField()
    expire_date = models.DateTimeField(db_index=True)


class RateWindow(models.Model):
    """How often something was tried within a window of time; the subject is a keyed digest, never an address."""

    subject = models.BinaryField(primary_key=True, max_length=32)
    started = models.BigIntegerField()
    attempts = models.PositiveIntegerField()
