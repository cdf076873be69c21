"""The sheets that go into the safes, as plain text for any printer. Pure."""

from hashlib import sha256

from accounts.ceremony.files import OrganisationFile
from accounts.ceremony.keys import Codes
from casebook.core.recovery_code import format_code

_SHEET = """\
CASEBOOK - {title}

Organisation   {name}
Identifier     {organisation}
Root key       {fingerprint}

    {code}

{text}
How to read the code: groups of four, the last sign is a check. 0 is a zero, 1 is a one; there is no O, I, L or U
before the last sign. Upper or lower case is the same.

Keep this sheet on paper alone: no photograph, no copy on a computer. If it is lost or somebody has seen it, tell the
security lead of the organisation.
"""

_ROOT = """\
This code makes officers. With the codes of two custodians it also gives a case that nobody can open to a new holder.
Whoever has it can name anybody an officer, so it is used on a machine without a network only, and lies in a safe
that the people who run the server do not open.
"""

_CUSTODIAN = """\
This code and that of one other custodian open every case of the organisation that was made with the recovery key
included. Alone it opens nothing. The three custodians keep their sheets in three places.
"""


def fingerprint(file: OrganisationFile) -> str:
    """The root's public key in short: the first 80 bits of its SHA-256, for comparing a sheet with a file."""
    digits = sha256(file.keys.root_public).hexdigest()[:20]
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def sheets(file: OrganisationFile, codes: Codes) -> dict[str, str]:
    """The text of each sheet by its name: `root`, `custodian-1` and so on."""
    found = {"root": _sheet(file, "ROOT KEY", codes.root, _ROOT)}
    for number, code in enumerate(codes.custodians, start=1):
        title = f"CUSTODIAN {number} OF {len(codes.custodians)}"
        found[f"custodian-{number}"] = _sheet(file, title, code, _CUSTODIAN)
    return found


def _sheet(file: OrganisationFile, title: str, code: bytes, text: str) -> str:
    return _SHEET.format(
        title=title,
        name=file.keys.name,
        organisation=file.keys.id,
        fingerprint=fingerprint(file),
        code=format_code(code),
        text=text,
    )
