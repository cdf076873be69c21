from django.db import migrations, models

from casebook.core import merkle

_LEVEL = 10


def keep_full_subtrees(apps, schema_editor):
    """The hashes of the full subtrees of a ledger that was written before they were kept."""
    events, nodes = apps.get_model("core", "AuditEvent").objects, apps.get_model("core", "LedgerNode").objects
    level = [
        merkle.perfect_hash([bytes(leaf) for leaf in block])
        for start in range(0, events.count() >> _LEVEL << _LEVEL, 1 << _LEVEL)
        for block in [
            events.filter(seq__gte=start, seq__lt=start + (1 << _LEVEL)).order_by("seq").values_list("leaf", flat=True)
        ]
        if len(block) == 1 << _LEVEL
    ]
    height = _LEVEL
    while level:
        for position, digest in enumerate(level):
            nodes.create(level=height, position=position, digest=digest)
        level = [merkle.node_hash(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        height += 1


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_backups"),
    ]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("note", models.TextField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "ordering": ("size",),
            },
        ),
        migrations.CreateModel(
            name="LedgerNode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("position", models.PositiveBigIntegerField()),
                ("digest", models.BinaryField(max_length=32)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("level", "position"), name="one_node_a_subtree")],
            },
        ),
        migrations.RunPython(keep_full_subtrees, migrations.RunPython.noop),
    ]
