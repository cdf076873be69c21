"""`manage.py ledger_proof`: a consistency proof (`--from`, `--to`) or an inclusion proof (`--entry`) as JSON."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casebook.core import checkpoints
from casebook.core.errors import LogMismatchError
from casebook.core.ledger_tree import size_now
from casebook.core.models import AuditEvent


class Command(BaseCommand):
    help = "Write a proof about the ledger that outsiders can check against a checkpoint."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", type=int, dest="old", help="number of events of the older checkpoint")
        parser.add_argument("--to", type=int, dest="size", help="number of events of the newer one; now, if not given")
        parser.add_argument("--entry", type=int, help="number of the event to prove, counted from 0")
        parser.add_argument("--out", type=Path, help="write to this file instead of printing")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["entry"] is None) == (options["old"] is None):
            raise CommandError("Give either --entry, or --from and --to.")
        try:
            proof = _proof(options)
        except LogMismatchError:
            raise CommandError("The ledger does not begin with the last checkpoint. Run verify_ledger.") from None
        except ValueError as refusal:
            raise CommandError(f"No such proof: {refusal}.") from None
        written = json.dumps(proof, indent=1) + "\n"
        if options["out"]:
            options["out"].write_text(written, encoding="utf-8")
        else:
            self.stdout.write(written, ending="")


def _proof(options: dict[str, Any]) -> dict[str, Any]:
    if options["entry"] is None:
        size = size_now() if options["size"] is None else options["size"]
        return checkpoints.prove_consistency(options["old"], size).as_json()
    event = AuditEvent.objects.filter(pk=options["entry"]).first()
    if event is None:
        raise ValueError("the ledger has no such event")
    if options["size"] is None:
        return checkpoints.inclusion_file(event, checkpoints.issue())
    return checkpoints.prove_inclusion(event, options["size"]).as_json()
