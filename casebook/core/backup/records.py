"""The backup tables: which installation this is, and which parts were made and until when they may be kept."""

from uuid import uuid4

from django.db import models

from casebook.core.identifiers import new_id


class Installation(models.Model):
    """What the parts of one organisation's backups have in common; a restored machine is the same installation."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    identifier = models.UUIDField(default=uuid4)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="one_installation"),)


class BackupPart(models.Model):
    """One part that was written, wherever its copies lie now. After `expires_at` no copy of it may be left."""

    class Kind(models.TextChoices):
        DATA = "data"
        KEYS = "keys"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    backup = models.UUIDField()
    kind = models.CharField(max_length=4, choices=Kind.choices)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ("-made_at", "kind")
        constraints = (
            models.UniqueConstraint(fields=("backup", "kind"), name="one_part_of_a_kind"),
            models.CheckConstraint(condition=models.Q(kind__in=("data", "keys")), name="known_part_of_a_backup"),
        )
        indexes = (models.Index(fields=("kind", "-expires_at"), name="last_expiry_of_a_part"),)
