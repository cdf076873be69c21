"""`python -m casebook.witness`: co-signs checkpoints of a partner's ledger; needs no database and no settings."""

import sys
from argparse import ArgumentParser

from casebook.core.signed_notes import NoteError
from casebook.core.witnessing import add_arguments, run


def main() -> int:
    parser = ArgumentParser(prog="python -m casebook.witness", description=__doc__)
    add_arguments(parser)
    try:
        sys.stdout.write(run(vars(parser.parse_args())))
    except (NoteError, OSError) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
