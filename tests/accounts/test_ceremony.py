"""`python -m accounts.ceremony`: the organisation's keys on paper, made and used on a machine without a network."""

import json
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.actions import accept_invitation, confirm_keys, invite, set_roles
from accounts.ceremony import files, keys
from accounts.ceremony.__main__ import main
from accounts.ceremony.files import OfficerAnswer, OfficerRequest, OrganisationFile, UnreadableFileError
from accounts.ceremony.keys import WrongCodeError
from accounts.ceremony.officers import certify
from accounts.certificates import certified_signing_key
from accounts.management.commands import found_organisation as command
from accounts.models import OfflineRequest, Organisation, OrganisationKeyWrap, Role, User, UserKey
from accounts.officers import AnswerRefusedError, install_officer, request_officer
from accounts.organisation_keys import auditors_private_key, found_from_file
from accounts.queries import own_words
from casebook.core import recovery_code
from casebook.core.errors import IntegrityError, NoKeyError, UnconfirmedKeyError
from casebook.core.wrapping import PrivateKeys, hpke_public_of, sign
from tests import raw_bytes
from tests.accounts.entries import entries
from tests.builders import PASSPHRASE, World, unlocked

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = re.compile(r"^ {4}((?:[0-9A-Z]{4}-){8}[0-9A-Z*~$=])$", re.MULTILINE)


def typing(*answers: str) -> Callable[[str], str]:
    """Somebody at the offline machine who types these answers, one a question."""
    left: Iterator[str] = iter(answers)
    return lambda question: next(left)


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """The folder of a finished ceremony."""
    folder = tmp_path / "ceremony"
    assert main(["found", "Harbour", "--out", str(folder)]) == 0
    return folder


def code_of(folder: Path, sheet: str) -> str:
    (code,) = CODE.findall((folder / f"{sheet}.txt").read_text(encoding="utf-8"))
    assert isinstance(code, str)
    return code


def organisation_file(folder: Path) -> OrganisationFile:
    return files.read(OrganisationFile, folder / "organisation.json")


def founded(folder: Path) -> User:
    file = organisation_file(folder)
    return found_from_file(
        file, country="GE", username="nino", display_name="Nino", passphrase=PASSPHRASE
    ).administrator


# --- the offline machine --------------------------------------------------------------------------------------------


def test_it_runs_from_the_bare_checkout_without_settings_database_or_secrets(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "accounts.ceremony", "found", "Harbour", "--out", str(tmp_path / "new")],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    probe = (
        "import sys, accounts.ceremony.__main__; print([m for m in sys.modules if 'models' in m and 'accounts' in m])"
    )
    loaded = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, env={}, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_the_public_file_holds_no_secret_and_every_sheet_is_its_owners_alone(held: Path) -> None:
    public = (held / "organisation.json").read_bytes()
    for sheet in ("root", "custodian-1", "custodian-2", "custodian-3"):
        path = held / f"{sheet}.txt"
        secret = recovery_code.parse_code(code_of(held, sheet))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert raw_bytes.found([secret.hex(), code_of(held, sheet)], public) == []
    names = sorted(path.name for path in held.iterdir())
    assert names == ["custodian-1.txt", "custodian-2.txt", "custodian-3.txt", "organisation.json", "root.txt"]


def test_any_two_custodians_open_the_recovery_key_in_any_order(held: Path) -> None:
    file = organisation_file(held)
    codes = [recovery_code.parse_code(code_of(held, f"custodian-{number}")) for number in (1, 2, 3)]
    for pair in permutations(codes, 2):
        assert hpke_public_of(keys.recovery_seed(file, pair)) == file.keys.recovery_public


def test_one_custodian_alone_or_with_the_root_opens_nothing(held: Path) -> None:
    file = organisation_file(held)
    root, *codes = (
        recovery_code.parse_code(code_of(held, sheet))
        for sheet in ("root", "custodian-1", "custodian-2", "custodian-3")
    )
    for code in codes:
        for other in (code, root, bytes(20), recovery_code.generate()):
            with pytest.raises(WrongCodeError):
                keys.recovery_seed(file, (code, other))


def test_a_mistyped_code_is_asked_for_again(held: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = code_of(held, "custodian-1"), code_of(held, "custodian-3")
    slip = ("0" if first[0] != "0" else "1") + first[1:]
    typed = typing(slip, first[:-2], "", first.lower().replace("-", " "), second)

    assert main(["check", str(held / "organisation.json")], typed) == 0
    said = capsys.readouterr().out
    assert said.count("missing or mistyped") == 3
    assert "These two codes open the recovery key." in said


def test_codes_of_another_organisation_are_refused(held: Path, tmp_path: Path, capsys: Any) -> None:
    main(["found", "Elsewhere", "--out", str(tmp_path / "other")])
    typed = typing(code_of(tmp_path / "other", "custodian-1"), code_of(held, "custodian-2"))

    assert main(["check", str(held / "organisation.json")], typed) == 1
    assert "do not belong to this organisation" in capsys.readouterr().err


def test_nothing_is_overwritten(held: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (held / "organisation.json").read_bytes()

    assert main(["found", "Harbour", "--out", str(held)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert (held / "organisation.json").read_bytes() == before


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\udcff"])
def test_a_name_that_cannot_be_makes_nothing(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["found", name, "--out", str(tmp_path / "new")]) == 1
    assert not (tmp_path / "new").exists()


# --- files ----------------------------------------------------------------------------------------------------------


def test_a_file_reads_back_as_it_was_written(held: Path) -> None:
    file = organisation_file(held)
    assert files.parse(OrganisationFile, files.dump(file)) == file


def changed(text: str, how: str) -> str | bytes:
    content = json.loads(text)
    match how:
        case "another format":
            content["format"] = "casebook/escrow"
        case "newer":
            content["version"] = 2
        case "version true":
            content["version"] = True
        case "missing":
            del content["keys"]["signature"]
        case "extra":
            content["keys"]["extra"] = ""
        case "wrong type":
            content["copies"]["recovery"] = {"first": 1}
        case "number as text":
            content["copies"]["recovery"][0]["first"] = "1"
        case "huge number":
            content["copies"]["recovery"][0]["first"] = 2**64
        case "negative number":
            content["copies"]["recovery"][0]["first"] = -1
        case "no base64":
            content["keys"]["signature"] = "§§§"
        case "short key":
            content["keys"]["root_public"] = "AAAA"
        case "no identifier":
            content["keys"]["id"] = "nobody"
        case "broken character":
            content["keys"]["name"] = "a\ud800"
        case "a list":
            return "[1]"
        case "doubled":
            return text.replace('"version": 1,', '"version": 1, "version": 1,')
        case "cut":
            return text[: len(text) // 2]
        case "deep":
            return "[" * 100_000
        case "malformed UTF-8":
            return text.encode() + b"\xff"
    return json.dumps(content)


DAMAGES = [
    "another format",
    "newer",
    "version true",
    "missing",
    "extra",
    "wrong type",
    "number as text",
    "huge number",
    "negative number",
    "no base64",
    "short key",
    "no identifier",
    "broken character",
    "a list",
    "doubled",
    "cut",
    "deep",
    "malformed UTF-8",
]


@pytest.mark.parametrize("how", DAMAGES)
def test_everything_but_a_whole_file_is_unreadable(held: Path, how: str, tmp_path: Path, capsys: Any) -> None:
    text = (held / "organisation.json").read_text(encoding="utf-8")
    damaged = changed(text, how)
    with pytest.raises(UnreadableFileError):
        files.parse(OrganisationFile, damaged)
    path = tmp_path / "damaged.json"
    path.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode("utf-8", "surrogatepass"))
    assert main(["check", str(path)], typing()) == 1
    assert "Copy it again" in capsys.readouterr().err


# --- founding from the file -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_yet")
def test_the_server_founds_from_the_public_file_and_sees_no_code(held: Path, monkeypatch: Any, capsys: Any) -> None:
    answers = [PASSPHRASE, PASSPHRASE]
    monkeypatch.setattr(command, "getpass", lambda prompt: answers.pop(0))
    call_command(
        "found_organisation",
        *("--from", str(held / "organisation.json"), "--country", "GE", "--admin", "nino", "--display-name", "Nino"),
    )

    organisation = Organisation.objects.get()
    assert (organisation.id, organisation.name) == (organisation_file(held).keys.id, "Harbour")
    assert User.objects.get().roles == {Role.ADMINISTRATOR}
    key = UserKey.objects.get()
    assert (key.officer, key.certificate) == (False, None)
    assert "officer_request nino" in capsys.readouterr().out
    secrets = [recovery_code.parse_code(code_of(held, f"custodian-{number}")) for number in (1, 2, 3)]
    secrets.append(recovery_code.parse_code(code_of(held, "root")))
    secrets.append(keys.recovery_seed(organisation_file(held), (secrets[0], secrets[1])))
    secrets.append(keys.auditors_seed(organisation_file(held), secrets[3]))
    secrets.append(keys.root_signing_key(organisation_file(held), secrets[3]))
    database = raw_bytes.of_database()
    assert not any(secret in database or secret.hex().encode() in database for secret in secrets)


@pytest.mark.usefixtures("nothing_yet")
@pytest.mark.parametrize("field", ["name", "recovery_public", "auditor_public", "root_public"])
def test_a_changed_public_file_founds_nothing(held: Path, field: str) -> None:
    file = organisation_file(held)
    other = PrivateKeys.generate().public()
    fresh: dict[str, Any] = {
        "name": "Another",
        "root_public": other.signing,
        "recovery_public": other.hpke,
        "auditor_public": other.hpke,
    }
    file = replace(file, keys=replace(file.keys, **{field: fresh[field]}))

    with pytest.raises(IntegrityError):
        found_from_file(file, country="GE", username="nino", display_name="Nino", passphrase=PASSPHRASE)
    assert not Organisation.objects.exists()


@pytest.mark.usefixtures("nothing_yet")
@pytest.mark.parametrize("options", [["Harbour"], ["--paper", "x"], [], ["Harbour", "--paper", "x", "--from", "y"]])
def test_either_a_file_or_a_name_and_paper(options: list[str]) -> None:
    with pytest.raises(CommandError, match="either"):
        call_command("found_organisation", *options, "--country", "GE", "--admin", "n", "--display-name", "N")


# --- officers -------------------------------------------------------------------------------------------------------


def add(administrator: User, name: str, *roles: Role) -> User:
    token = invite(unlocked(administrator), display_name=name, roles=roles)
    return accept_invitation(token, username=name, display_name=name, passphrase=PASSPHRASE).user


@pytest.mark.usefixtures("nothing_yet")
def test_the_way_from_the_ceremony_to_the_first_auditor(held: Path, tmp_path: Path, capsys: Any) -> None:
    """Both machines by their commands: found, ask, compare words, certify, take in; then work as an officer does."""
    administrator = founded(held)
    auditor = add(administrator, "auditor", Role.AUDITOR)
    with pytest.raises(NoKeyError):
        confirm_keys(unlocked(administrator), auditor)
    asked, answered = tmp_path / "request.json", tmp_path / "answer.json"

    call_command("officer_request", "nino", "--out", str(asked))
    words = " ".join(files.read(OfficerRequest, asked).key.four_words(organisation_file(held).keys.root_public))
    assert main(["certify", str(asked), "--out", str(answered)], typing("yes", code_of(held, "root"))) == 0
    assert words in capsys.readouterr().out
    call_command("install_officer", str(answered))

    confirm_keys(unlocked(administrator), auditor)
    seed = auditors_private_key(unlocked(auditor))
    assert hpke_public_of(seed) == organisation_file(held).keys.auditor_public
    assert certified_signing_key(unlocked(auditor).require_keys(), UserKey.objects.get(user=administrator))
    assert not OfflineRequest.objects.exists()


def test_a_second_officer_is_made_the_same_way_and_confirms_people(world: World) -> None:
    set_roles(world.actor("admin"), world.people["coordinator"], [Role.COORDINATOR, Role.ADMINISTRATOR])
    install_officer(certify(request_officer(world.people["coordinator"]), world.founding.codes.root))
    newcomer = add(world.people["admin"], "newcomer", Role.STREET_LAWYER)

    confirm_keys(world.actor("coordinator"), newcomer)
    keys_of_somebody = world.actor("lawyer").require_keys()
    assert certified_signing_key(keys_of_somebody, UserKey.objects.get(user=newcomer))
    said = [(each["actor"], each["person"]) for each in entries(world, "organisation.install_officer")]
    assert said[-1] == ("(manage.py)", world.people["coordinator"].username)


def test_nothing_is_signed_unless_the_words_agree(world: World, tmp_path: Path, capsys: Any) -> None:
    asked = tmp_path / "request.json"
    asked.write_text(files.dump(request_officer(world.people["lawyer"])), encoding="utf-8")
    code = recovery_code.format_code(world.founding.codes.root)

    assert main(["certify", str(asked), "--out", str(tmp_path / "answer.json")], typing("no", code)) == 1
    assert "Nothing was signed" in capsys.readouterr().err
    assert not (tmp_path / "answer.json").exists()


def test_the_words_show_a_swapped_key(world: World) -> None:
    request = request_officer(world.people["lawyer"])
    writer = PrivateKeys.generate().public()
    root = request.organisation.keys.root_public
    swapped = replace(request.key, hpke_public=writer.hpke, signing_public=writer.signing)
    assert swapped.four_words(root) != request.key.four_words(root)


def test_the_root_of_another_organisation_certifies_nobody(world: World, held: Path) -> None:
    with pytest.raises(WrongCodeError):
        certify(request_officer(world.people["lawyer"]), recovery_code.parse_code(code_of(held, "root")))


def refused(answer: OfficerAnswer) -> None:
    before = list(UserKey.objects.order_by("id").values_list("id", "officer", "signer", "certificate"))
    with pytest.raises(AnswerRefusedError):
        install_officer(answer)
    assert list(UserKey.objects.order_by("id").values_list("id", "officer", "signer", "certificate")) == before


def test_an_answer_is_taken_in_once(world: World) -> None:
    answer = certify(request_officer(world.people["lawyer"]), world.founding.codes.root)
    install_officer(answer)
    OrganisationKeyWrap.objects.filter(member_key__user=world.people["lawyer"]).delete()

    refused(answer)
    assert not OrganisationKeyWrap.objects.filter(member_key__user=world.people["lawyer"]).exists()


@pytest.mark.parametrize("part", ["request", "certificate", "auditors_wrap", "auditors_signature", "signature"])
def test_a_changed_answer_is_refused(world: World, part: str) -> None:
    root = world.founding.codes.root
    answer = certify(request_officer(world.people["lawyer"]), root)
    other = certify(request_officer(world.people["expert"]), root)

    refused(replace(answer, **{part: getattr(other, part)}))


def test_an_answer_that_no_root_signed_is_refused(world: World) -> None:
    """Whoever runs the server makes the request and the answer, but has not the root's code."""
    request = request_officer(world.people["lawyer"])
    answer = certify(request, world.founding.codes.root)
    writer = PrivateKeys.generate()
    forged = OfficerAnswer(
        answer.request,
        sign(writer.signing, request.key.statement(officer=True)),
        answer.auditors_wrap,
        sign(writer.signing, b""),
        b"",
    )
    forged = OfficerAnswer(
        forged.request,
        forged.certificate,
        forged.auditors_wrap,
        forged.auditors_signature,
        sign(writer.signing, forged.statement(request.organisation.keys.id, request.key.key)),
    )
    refused(forged)


def test_an_answer_about_replaced_keys_or_a_closed_account_is_refused(world: World) -> None:
    answer = certify(request_officer(world.people["lawyer"]), world.founding.codes.root)
    User.objects.filter(pk=world.people["lawyer"].pk).update(is_active=False)
    refused(answer)
    User.objects.filter(pk=world.people["lawyer"].pk).update(is_active=True)
    UserKey.objects.filter(user=world.people["lawyer"]).update(active=False)
    refused(answer)


def test_unreadable_answers_and_unknown_people_are_refused_in_words(world: World, tmp_path: Path) -> None:
    broken = tmp_path / "answer.json"
    broken.write_bytes(b"\xff{")
    with pytest.raises(CommandError, match="Copy it again"):
        call_command("install_officer", str(broken))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("install_officer", str(tmp_path / "none.json"))
    with pytest.raises(CommandError, match="nobody of that name"):
        call_command("officer_request", "nobody", "--out", str(tmp_path / "new.json"))
    with pytest.raises(CommandError, match="exists already"):
        call_command("officer_request", world.people["lawyer"].username, "--out", str(broken))
    assert not OfflineRequest.objects.exists()


def test_somebody_certified_by_nobody_has_no_share_yet(world: World) -> None:
    newcomer = add(world.people["admin"], "newcomer", Role.STREET_LAWYER)
    with pytest.raises(UnconfirmedKeyError):
        certified_signing_key(world.actor("lawyer").require_keys(), UserKey.objects.get(user=newcomer))


def test_own_words_are_held_against_the_open_keyring(world: World) -> None:
    assert len(own_words(world.actor("lawyer"))) == 4
    UserKey.objects.filter(user=world.people["lawyer"]).update(hpke_public=PrivateKeys.generate().public().hpke)
    with pytest.raises(IntegrityError):
        own_words(world.actor("lawyer"))
