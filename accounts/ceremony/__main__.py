"""`python -m accounts.ceremony`: everything that is done with the paper codes, on a machine without a network.

found NAME --out FOLDER            make the keys: organisation.json for the server, sheets for the safes
check organisation.json            a drill: do the codes of two custodians still open the recovery key?
certify REQUEST --out ANSWER       make somebody an officer (manage.py officer_request, manage.py install_officer)
recover ESCROW --out ANSWER        give cases to a new holder (manage.py export_escrow, manage.py install_recovered)
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings

from accounts.ceremony import files, paper
from accounts.ceremony.files import Escrow, OfficerRequest, OrganisationFile
from accounts.ceremony.keys import Codes, hold, recovery_seed
from accounts.ceremony.officers import certify
from accounts.ceremony.orphans import recover
from accounts.certified_keys import CertifiedKey
from casebook.core import recovery_code
from casebook.core.errors import CasebookError

_MAX_NAME = 200
Ask = Callable[[str], str]


class NotDoneError(Exception):
    """What went wrong, for the person at the machine."""


def main(words: Sequence[str], ask: Ask = input) -> int:
    """Run one subcommand; 0 when it was done, 1 when it was refused, with the reason on standard error."""
    if not settings.configured:
        settings.configure(USE_I18N=False)
    arguments = _parser().parse_args(words)
    try:
        arguments.run(arguments, ask)
    except NotDoneError as reason:
        sys.stderr.write(f"{reason}\n")
    except CasebookError as refusal:
        sys.stderr.write(f"{refusal.message}\nNothing was written.\n")
    except (EOFError, KeyboardInterrupt):
        sys.stderr.write("\nNothing was written.\n")
    else:
        return 0
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m accounts.ceremony", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(required=True)
    found = commands.add_parser("found", help="make the keys of a new organisation")
    found.add_argument("name", help="name of the organisation")
    found.add_argument("--out", type=Path, required=True, help="new folder for organisation.json and the sheets")
    found.set_defaults(run=_found)
    check = commands.add_parser("check", help="try the codes of two custodians")
    check.add_argument("file", type=Path, help="organisation.json")
    check.set_defaults(run=_check)
    for name, run, text in (("certify", _certify, "make somebody an officer"), ("recover", _recover, "recover cases")):
        command = commands.add_parser(name, help=text)
        command.add_argument("file", type=Path, help="the file that the server made")
        command.add_argument("--out", type=Path, required=True, help="new file for the answer")
        command.set_defaults(run=run)
    return parser


# --- what is done -------------------------------------------------------------------------------------------------


def _found(arguments: argparse.Namespace, ask: Ask) -> None:
    name = _checked_name(arguments.name)
    file, codes = hold(name)
    folder: Path = arguments.out
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise NotDoneError(f"{folder} exists already. Name a new folder.") from None
    except OSError as problem:
        raise NotDoneError(f"{folder} cannot be made: {problem.strerror}.") from None
    for sheet, text in paper.sheets(file, codes).items():
        _write(folder / f"{sheet}.txt", text)
    _write(folder / "organisation.json", files.dump(file))
    _try_every_pair(folder / "organisation.json", codes)
    _say(f"The keys of {name} are made. Root key: {paper.fingerprint(file)}")
    _say(f"Print the four sheets in {folder}, take organisation.json to the server, then destroy this folder.")


def _checked_name(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise NotDoneError("The name holds a broken character.") from None
    if not name.strip() or len(name) > _MAX_NAME:
        raise NotDoneError(f"An organisation has a name of at most {_MAX_NAME} characters.")
    return name


def _try_every_pair(path: Path, codes: Codes) -> None:
    """Open what was written as custodians will one day; raises CasebookError where it does not open."""
    file = files.read(OrganisationFile, path)
    for left_out in codes.custodians:
        first, second = (code for code in codes.custodians if code != left_out)
        recovery_seed(file, (first, second))


def _check(arguments: argparse.Namespace, ask: Ask) -> None:
    file = _read(OrganisationFile, arguments.file)
    _show(file)
    recovery_seed(file, _two_custodians(ask))
    _say("These two codes open the recovery key.")


def _certify(arguments: argparse.Namespace, ask: Ask) -> None:
    request = _read(OfficerRequest, arguments.file)
    _show(request.organisation)
    _compare_words(request.key, request.organisation, "to become an officer", ask)
    answer = certify(request, _code("Code of the root key", ask))
    _write(arguments.out, files.dump(answer))
    _say(f"{request.key.username} is certified as an officer. Take {arguments.out} to the server.")


def _recover(arguments: argparse.Namespace, ask: Ask) -> None:
    escrow = _read(Escrow, arguments.file)
    _show(escrow.organisation)
    _say("Cases: " + ", ".join(case.reference for case in escrow.cases))
    _compare_words(escrow.holder, escrow.organisation, "to receive these cases", ask)
    root_code = _code("Code of the root key", ask)
    answer = recover(escrow, root_code=root_code, custodian_codes=_two_custodians(ask))
    _write(arguments.out, files.dump(answer))
    _say(f"{len(escrow.cases)} recovered for {escrow.holder.username}. Take {arguments.out} to the server.")


# --- people at the machine ----------------------------------------------------------------------------------------


def _show(file: OrganisationFile) -> None:
    _say(f"Organisation: {file.keys.name}")
    _say(f"Root key:     {paper.fingerprint(file)}   (compare with the sheet)")


def _compare_words(key: CertifiedKey, file: OrganisationFile, purpose: str, ask: Ask) -> None:
    """Ask whether the four words are those that the person reads out from their own page."""
    _say(f"{key.username} is {purpose}. Call them; they read four words to you from their page of the account:")
    _say(f"    {' '.join(key.four_words(file.keys.root_public))}")
    if ask("Are they the same, and do you know the voice? Type yes: ").strip().lower() != "yes":
        raise NotDoneError("Nothing was signed.")


def _two_custodians(ask: Ask) -> tuple[bytes, bytes]:
    return _code("Code of the first custodian", ask), _code("Code of the second custodian", ask)


def _code(what: str, ask: Ask) -> bytes:
    """A code from paper; asked again until its check sign fits."""
    while True:
        try:
            return recovery_code.parse_code(ask(f"{what}: "))
        except recovery_code.InvalidRecoveryCodeError:
            _say("A sign is missing or mistyped. Compare with the paper and type it again.")


def _say(line: str) -> None:
    """Show a line; signs from a file that could steer the terminal are shown as question marks."""
    sys.stdout.write("".join(sign if sign.isprintable() else "?" for sign in line) + "\n")
    sys.stdout.flush()


# --- files --------------------------------------------------------------------------------------------------------


def _read(kind: type[files.F], path: Path) -> files.F:
    try:
        return files.read(kind, path)
    except OSError as problem:
        raise NotDoneError(f"{path} cannot be read: {problem.strerror}.") from None


def _write(path: Path, text: str) -> None:
    """Write a new file that only its owner reads."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise NotDoneError(f"{path} exists already. Name a new file.") from None
    except OSError as problem:
        raise NotDoneError(f"{path} cannot be written: {problem.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
