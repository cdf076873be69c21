"""`manage.py checkpoint`: prints the signed head of the ledger; `--add FILE` takes a co-signed one back."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casebook.core import checkpoints
from casebook.core.errors import LogMismatchError
from casebook.core.signed_notes import NoteError

_FORK = (
    "The ledger does not begin with the last checkpoint that was given out, so nothing was signed. "
    "Run verify_ledger and tell your security lead."
)


class Command(BaseCommand):
    help = "Sign the ledger's present head as a checkpoint (C2SP signed note) and keep it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, help="write to this file instead of printing")
        parser.add_argument("--since", type=int, help="write a bundle that proves the growth since this many events")
        parser.add_argument("--add", type=Path, metavar="FILE", help="take a checkpoint back that a witness co-signed")
        parser.add_argument("--key", action="store_true", help="print the verifier key that outsiders need, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = self._answer(options)
        except LogMismatchError:
            raise CommandError(_FORK) from None
        except (NoteError, ValueError, OSError) as refusal:
            raise CommandError(str(refusal)) from None
        if options["out"]:
            options["out"].write_text(written, encoding="utf-8")
        else:
            self.stdout.write(written, ending="")

    def _answer(self, options: dict[str, Any]) -> str:
        if options["key"]:
            return f"{checkpoints.log_key()}\n"
        if options["add"]:
            kept = checkpoints.add_cosigned(options["add"].read_text(encoding="utf-8"))
            return f"Kept: {kept.size} events, co-signed by {', '.join(checkpoints.witnesses_of(kept))}.\n"
        row = checkpoints.issue()
        if options["since"] is None:
            return row.note
        return json.dumps(checkpoints.bundle(row, since=options["since"]), indent=1) + "\n"
