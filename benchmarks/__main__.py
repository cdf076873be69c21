"""`make bench`: ours, the physical floor and the ratio for each row of the design's table; writes var/bench.json."""

import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def prepare() -> None:
    """Production's settings with secrets of this run and a database of its own."""
    from base64 import b64encode

    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["CASEBOOK_ENV_FILE"] = ""
    os.environ["CASEBOOK_DEMO"] = "yes"
    os.environ["CASEBOOK_VAR"] = tempfile.mkdtemp(prefix="casebook-bench-")
    for name in ("CASEBOOK_SECRET_KEY", "CASEBOOK_LEDGER_KEY", "CASEBOOK_SECOND_FACTOR_KEY"):
        os.environ[name] = b64encode(os.urandom(48)).decode()
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def main() -> int:
    prepare()
    from benchmarks.measure import table
    from benchmarks.rows import all_rows

    rows = all_rows()
    sys.stdout.write(table(rows) + "\n")
    target = ROOT / "var" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps([row.as_json() for row in rows], indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
