"""`python -m tests.erasure.erased_file FOLDER`: two people approve one erasure at once, in an SQLite file.

Prints, as JSON, how many of the case's sealed values the files held before and after, and how many the other case's do.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


def main(folder: Path) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "casebook.settings_test"
    os.environ["CASEBOOK_VAR"] = str(folder)
    os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'casebook.sqlite3'}"

    import django

    django.setup()

    from django.core.management import call_command
    from django.db import connection

    from casebook.core.fields import sealed_fields
    from cases.actions import attach_evidence
    from cases.erasure import proposals
    from cases.erasure.destruction import belongings
    from cases.erasure.errors import ErasureRefusedError
    from cases.erasure.finishing import finish_all
    from cases.erasure.records import Erasure
    from cases.models import Case, KeyWrap
    from tests.builders import found_world
    from tests.cases.builders import told_case
    from tests.core.test_uploads import receive
    from tests.erasure.builders import proposed

    def values_of(case: Case) -> list[bytes]:
        """A piece from the middle of every sealed value and wrap of the case, versions too."""
        found = [bytes(row.blob) for row in KeyWrap.objects.filter(compartment__case=case)]
        tables: list[tuple[Any, str]] = [(Case, "id"), *belongings()]
        for model, name in tables:
            for field in sealed_fields(model):
                for manager in (model._base_manager, model.history):
                    found += manager.filter(**{name: case.pk}).values_list(field, flat=True)
        return [value[40:72] for value in found]

    def in_files(pieces: list[bytes]) -> int:
        """How many of the pieces lie in the database file or beside it, as somebody finds them who takes the disk."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
        disk = b"".join(path.read_bytes() for path in sorted(folder.glob("casebook.sqlite3*")))
        return sum(piece in disk for piece in pieces)

    call_command("migrate", verbosity=0)
    world = found_world()
    opened, other = told_case(world), told_case(world)
    attach_evidence(opened, receive(b"photo"))
    theirs, others = values_of(opened.case), values_of(other.case)
    before = in_files(theirs)
    row = proposed(opened)

    def approve(name: str) -> str:
        try:
            proposals.approve(actors[name], row.pk)
        except ErasureRefusedError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "erased"

    actors = {name: world.actor(name) for name in ("coordinator", "admin")}
    with ThreadPoolExecutor() as threads:
        answers = sorted(threads.map(approve, actors))
    finish_all()
    seen = {
        "answers": answers,
        "values": len(theirs),
        "before": before,
        "after": in_files(theirs),
        "others": len(others) - in_files(others),
        "files": len(list((folder / "evidence").iterdir())),
        "finished": Erasure.objects.get(pk=row.pk).finished_at is not None,
    }
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
