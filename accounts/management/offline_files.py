"""What the commands that exchange files with the offline machine share: new files and refusals. Not a command."""

import os
from pathlib import Path

from django.core.management.base import CommandError

from accounts.ceremony import files
from casebook.core.errors import CasebookError


def refusal(error: CasebookError) -> CommandError:
    """A refusal in words, for the terminal."""
    return CommandError(str(error.message))


def read_file(kind: type[files.F], path: Path) -> files.F:
    """A file that came from the offline machine; raises CommandError."""
    try:
        return files.read(kind, path)
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror}.") from None
    except CasebookError as error:
        raise refusal(error) from None


def write_new_file(path: Path, text: str) -> None:
    """Write a file that only its owner reads; raises CommandError where there is one already."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandError(f"{path} exists already. Name a new file.") from None
    except OSError as problem:
        raise CommandError(f"{path} cannot be written: {problem.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
