"""`python -m casebook.translations --check | --update`: message catalogues that are complete, compiled and current.

Checking needs only Python; updating needs GNU gettext (apt-get install gettext).
"""

import re
import subprocess
import sys
from pathlib import Path

import polib

_ROOT = Path(__file__).resolve().parent.parent
_CATALOGUES = sorted((_ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def faults(path: Path) -> list[str]:
    """What is wrong with one catalogue: missing, fuzzy or differing entries, or a compiled file of another source."""
    catalogue = polib.pofile(str(path))
    language = path.parent.parent.name
    found = [f"{language}: not translated: {entry.msgid!r}" for entry in catalogue.untranslated_entries()]
    found += [f"{language}: fuzzy: {entry.msgid!r}" for entry in catalogue.fuzzy_entries()]
    for entry in catalogue.translated_entries():
        texts = [*entry.msgstr_plural.values()] if entry.msgid_plural else [entry.msgstr]
        wanted = set(_PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        if any(set(_PLACEHOLDER.findall(text)) - wanted for text in texts):
            found.append(f"{language}: placeholders differ: {entry.msgid!r}")
    compiled = path.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != catalogue.to_binary():
        found.append(f"{language}: {compiled.name} is not compiled from {path.name}")
    return found


def update() -> None:
    """Collect messages from the source, then compile every catalogue."""
    command = [sys.executable, "manage.py", "makemessages", "--all", "--no-location", "--no-obsolete"]
    ignored = [f"--ignore={name}" for name in ("var", ".venv", "tests", "benchmarks", "static")]
    subprocess.run([*command, *ignored], cwd=_ROOT, check=True)  # noqa: S603 (fixed arguments)
    for path in _CATALOGUES:
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


def main(arguments: list[str]) -> int:
    if arguments == ["--update"]:
        update()
    found = [fault for path in _CATALOGUES for fault in faults(path)]
    sys.stderr.write("".join(f"{fault}\n" for fault in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
