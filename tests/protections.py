"""`python -m tests.protections`: takes each protection away, one at a time, and shows that a test then fails.

Every entry changes one place of a copy of the source and runs the tests that guard it. A protection whose tests still
pass without it is printed and makes the command fail. Takes some minutes; not part of `make test`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_COPIED = (
    "accounts",
    "benchmarks",
    "casebook",
    "cases",
    "legal_analysis",
    "publication",
    "templates",
    "static",
    "tests",
    "docs",
    "locale",
    "pyproject.toml",
    "manage.py",
)


@dataclass(frozen=True, slots=True)
class Protection:
    """What protects, where it stands, what stands there without it, and the tests that must then fail."""

    what: str
    file: str
    with_it: str
    without_it: str
    tests: str


PROTECTIONS = (
    Protection(
        "values are encrypted",
        "cases/compartments.py",
        "from casebook.core.sealing import FieldPlace, read_header, seal, unseal",
        "from casebook.core.sealing import FieldPlace, Header, read_header\n\n\n"
        "def seal(key, plaintext, *, context, epoch=0, revision=0):\n"
        "    return Header(epoch, revision).pack() + plaintext.ljust(200, b' ')\n\n\n"
        "def unseal(key, sealed, *, context):\n    return sealed[16:].rstrip()",
        "tests/test_at_rest.py::test_five_planted_words_are_nowhere_in_the_database "
        "tests/test_hostile_writer.py::test_values_swapped_between_rows_do_not_open",
    ),
    Protection(
        "the context binds a value to its place",
        "casebook/core/sealing.py",
        '        return ctx(\n            "field",',
        '        return b"" and ctx(\n            "field",',
        "tests/core/test_sealing.py::test_every_part_of_a_field_place_matters "
        "tests/test_hostile_writer.py::test_a_value_moved_to_another_field_does_not_open",
    ),
    Protection(
        "the header is bound into the encryption",
        "casebook/core/sealing.py",
        'ctx("sealed", header, context)',
        'ctx("sealed", context)',
        "tests/core/test_sealing.py::test_another_place_another_key_or_another_header_does_not_open",
    ),
    Protection(
        "contexts are length-prefixed",
        "casebook/core/encoding.py",
        'len(piece).to_bytes(_LENGTH_BYTES, "big") + piece',
        "piece",
        "tests/core/test_encoding.py",
    ),
    Protection(
        "values are padded",
        "casebook/core/encoding.py",
        '    return framed.ljust(padded_length(len(framed)), b"\\0")',
        "    return framed",
        "tests/core/test_encoding.py",
    ),
    Protection(
        "the revision of a field must be the row's",
        "cases/compartments.py",
        "if header.revision != row.revision:",
        "if False:",
        "tests/test_hostile_writer.py::test_a_field_set_back_to_an_older_value_does_not_open",
    ),
    Protection(
        "the ledger knows every revision",
        "casebook/core/ledger.py",
        "if revision is not None:",
        "if False:",
        "tests/test_hostile_writer.py::test_a_whole_row_set_back_is_seen_by_the_auditor",
    ),
    Protection(
        "a wrap is bound to its case",
        "casebook/core/wrapping.py",
        "                self.case,\n",
        "",
        "tests/core/test_wrapping.py::test_a_wrap_moved_to_any_other_place_does_not_open",
    ),
    Protection(
        "a wrap's signature is checked",
        "cases/wraps.py",
        "        verify(signing[row.signer_id], bytes(row.signature), wrap_statement(info, blob))\n",
        "",
        "tests/test_hostile_writer.py::test_a_planted_key_is_refused",
    ),
    Protection(
        "a checked wrap is bound to its place",
        "cases/wraps.py",
        'return ctx("checked-wrap", place.info(hpke_public))',
        'return b"" and ctx("checked-wrap", place.info(hpke_public))',
        "tests/test_hostile_writer.py::test_a_wrap_moved_to_another_case_does_not_open",
    ),
    Protection(
        "a checked wrap is under its holder's own key",
        "accounts/keyring.py",
        'derive_key(self.seed, info=ctx("own-key"))',
        "bytes(32)",
        "tests/test_hostile_writer.py::test_a_checked_key_planted_by_the_writer_does_not_open",
    ),
    Protection(
        "a signer's certificate is checked",
        "accounts/certificates.py",
        "        _verify_certificate(keys, key)\n",
        "",
        "tests/test_hostile_writer.py::test_a_swapped_public_key_gets_no_share",
    ),
    Protection(
        "only the root makes officers",
        "accounts/certificates.py",
        "    if key.officer or not key.signer.officer or key.signer.signer_id is not None:\n        raise IntegrityError\n",
        "",
        "tests/test_hostile_writer.py::test_a_person_who_is_no_officer_certifies_nobody",
    ),
    Protection(
        "unconfirmed keys get nothing",
        "accounts/certificates.py",
        "    if key.certificate is None:\n        raise UnconfirmedKeyError\n",
        "    if key.certificate is None:\n        return\n",
        "tests/test_permissions_are_keys.py::test_nothing_is_shared_with_keys_that_nobody_confirmed",
    ),
    Protection(
        "a session blob is bound to session, user, state and end",
        "accounts/unlocking.py",
        '    return ctx(\n        "unlocked",',
        '    return b"" and ctx(\n        "unlocked",',
        "tests/test_hostile_writer.py::test_a_session_row_moved_or_extended_does_not_open "
        "tests/test_hostile_writer.py::test_a_pending_session_promoted_by_hand_does_not_open",
    ),
    Protection(
        "an unlocked session ends when idle",
        "accounts/unlocking.py",
        "row.last_seen + settings.CASEBOOK_IDLE_SECONDS <= now or ",
        "",
        "tests/accounts -k idle",
    ),
    Protection(
        "a pending session is not yet open",
        "accounts/unlocking.py",
        "row.state != State.ACTIVE or ",
        "",
        "tests/test_hostile_writer.py::test_a_pending_session_is_promoted_once",
    ),
    Protection(
        "cost parameters have a floor and a ceiling",
        "casebook/core/key_derivation.py",
        "if not least <= getattr(cost, name) <= getattr(CEILING, name):",
        "if False:",
        "tests/core/test_key_derivation.py",
    ),
    Protection(
        "the cost is checked at start",
        "casebook/core/checks.py",
        "if any(getattr(cost, name) < least",
        "if any(False and getattr(cost, name) < least",
        "tests/test_at_rest.py::test_the_key_derivation_floor_is_checked_at_start",
    ),
    Protection(
        "passphrases are normalised",
        "casebook/core/key_derivation.py",
        'unicodedata.normalize("NFKC", passphrase)',
        "passphrase",
        "tests/core/test_key_derivation.py",
    ),
    Protection(
        "recovery codes have a check character",
        "casebook/core/recovery_code.py",
        "if cleaned[-1] != _CHECK_ALPHABET[number % 37]:",
        "if False:",
        "tests/core/test_key_derivation.py",
    ),
    Protection(
        "the door asks for the permission",
        "cases/access.py",
        "    return Case.objects.filter(Exists(grants))",
        "    return Case.objects.filter(Exists(grants) | ~Exists(grants))",
        "tests/test_permissions_are_keys.py::test_without_permission_not_even_the_open_facets_show",
    ),
    Protection(
        "the door asks for the key",
        "cases/access.py",
        "        raise NoKeyError\n    ledger.record",
        "        pass\n    ledger.record",
        "tests/test_permissions_are_keys.py::test_a_superuser_with_every_permission_still_has_no_key",
    ),
    Protection(
        "revoking gives a new key",
        "cases/sharing.py",
        "        if compartment.name in opened.opened:\n            rekey(opened, compartment.name)",
        "        pass",
        "tests/test_permissions_are_keys.py::test_a_revoked_person_keeps_a_key_that_opens_nothing_new",
    ),
    Protection(
        "revoking without a key is marked",
        "cases/sharing.py",
        ".update(rekey_pending=True)",
        ".update(rekey_pending=False)",
        "tests/test_permissions_are_keys.py::test_access_taken_back_without_a_key_holds_at_once_and_is_marked",
    ),
    Protection(
        "sharing needs share_case",
        "cases/sharing.py",
        '    opened.require("share_case")\n    check_organisation',
        "    check_organisation",
        "tests/test_permissions_are_keys.py::test_somebody_without_a_key_cannot_share",
    ),
    Protection(
        "a caseworker is no reviewer",
        "cases/sharing.py",
        "    if held - {level}:\n        raise MixedAccessError\n",
        "",
        "tests/test_permissions_are_keys.py::test_a_caseworker_cannot_also_be_the_reviewer",
    ),
    Protection(
        "a sealed column refuses plain text",
        "casebook/core/fields.py",
        "if not isinstance(value, bytes) or not is_sealed(value):",
        "if False:",
        "tests/test_at_rest.py::test_plain_text_cannot_be_stored_in_a_sealed_column",
    ),
    Protection(
        "sessions lie under a digest of their key",
        "casebook/core/hashed_sessions.py",
        "    return sha256(session_key.encode()).hexdigest()",
        "    return session_key",
        "tests/test_at_rest.py::test_no_cookie_value_lies_in_the_database",
    ),
    Protection(
        "the ledger is chained under a key",
        "casebook/core/ledger.py",
        '    if not hmac.compare_digest(chain_link(previous, leaf, digest), bytes(event.chain)):\n        return "changed or out of order"\n',
        "",
        "tests/core/test_ledger.py",
    ),
    Protection(
        "ledger leaves are checked",
        "casebook/core/ledger.py",
        '    if event_leaf(info) != leaf:\n        return "changed"\n',
        "",
        "tests/core/test_ledger.py",
    ),
    Protection(
        "ledger details are held against their commitment",
        "casebook/core/ledger.py",
        '    if event.sealed is not None and sha256(bytes(event.sealed)).digest() != digest:\n        return "details changed"\n',
        "",
        "tests/core/test_ledger.py",
    ),
    Protection(
        "error reports drop exception texts",
        "casebook/core/error_reports.py",
        'data.update(exception_value=""',
        "data.update(",
        "tests/test_leaks.py::test_an_error_report_shows_where_and_nothing_else",
    ),
    Protection(
        "error reports drop local variables",
        "casebook/core/error_reports.py",
        "        return []",
        "        return list(tb_frame.f_locals.items())",
        "tests/test_leaks.py::test_an_error_report_shows_where_and_nothing_else",
    ),
    Protection(
        "log lines drop exception texts",
        "casebook/core/error_reports.py",
        "    def formatException(",
        "    def formatExceptionUnused(",
        "tests/test_leaks.py::test_a_logged_traceback_has_no_text_of_its_exception",
    ),
    Protection(
        "uploads are sealed while they arrive",
        "casebook/core/uploads.py",
        "        self._out.write(self._encryptor.update(raw_data))",
        "        self._out.write(raw_data)",
        "tests/core/test_uploads.py",
    ),
    Protection(
        "a sealed file's length is compared first",
        "casebook/core/uploads.py",
        " or path.stat().st_size != sealed.sealed_length",
        "",
        "tests/core/test_uploads.py",
    ),
    Protection(
        "unkept uploads are deleted",
        "casebook/core/uploads.py",
        "        self._path.unlink(missing_ok=True)\n\n\nclass",
        "        pass\n\n\nclass",
        "tests/core/test_uploads.py",
    ),
    Protection(
        "pages are kept out of caches",
        "casebook/core/middleware.py",
        "        add_never_cache_headers(response)\n",
        "",
        "tests/test_leaks.py::test_every_page_is_kept_out_of_caches_and_under_the_policy",
    ),
    Protection(
        "ASGI is refused",
        "casebook/core/checks.py",
        'if getattr(settings, "ASGI_APPLICATION", None):',
        "if False:",
        "tests/test_leaks.py::test_the_deploy_check_refuses_asgi",
    ),
    Protection(
        "second upload handlers are refused",
        "casebook/core/checks.py",
        "if list(settings.FILE_UPLOAD_HANDLERS) != [_HANDLER]:",
        "if False:",
        "tests/test_leaks.py::test_a_second_upload_handler_stops_the_start",
    ),
    Protection(
        "weak sign-in hashes are refused",
        "casebook/core/checks.py",
        "or len(settings.PASSWORD_HASHERS) > 1:",
        "and False:",
        "tests/test_leaks.py::test_a_weaker_sign_in_hash_stops_the_start",
    ),
    Protection(
        "cookies are Strict",
        "casebook/settings.py",
        'SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"',
        'SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"',
        "tests/test_leaks.py::test_cookies_are_host_only_secure_strict_and_out_of_reach_of_scripts",
    ),
    Protection(
        "second-factor seeds are sealed",
        "accounts/adapters.py",
        "return seal(settings.CASEBOOK_SECOND_FACTOR_KEY, text.encode(), context=_CONTEXT).hex()",
        "return text",
        "tests/accounts -k seed",
    ),
    Protection(
        "a used recovery code is spent",
        "accounts/actions.py",
        "    fresh = enrolment.write_recovery_slot(opened)\n",
        "    fresh = code\n",
        "tests/accounts/test_unlocking.py::test_the_recovery_code_opens_the_keys_once_and_a_new_one_is_shown",
    ),
    Protection(
        "a changed passphrase ends every other session",
        "accounts/actions.py",
        "    unlocking.end_all(actor.user)\n",
        "",
        "tests/accounts/test_unlocking.py::test_a_changed_passphrase_keeps_the_keys_and_ends_every_other_session",
    ),
    Protection(
        "signing out deletes the open keys",
        "accounts/adapters.py",
        "            unlocking.end(token)\n",
        "            pass\n",
        "tests/accounts/test_sign_in.py::test_signing_out_deletes_the_keys_and_has_the_browser_forget",
    ),
    Protection(
        "replaced keys end the sessions of the old ones",
        "accounts/unlocking.py",
        " or not row.key.active",
        "",
        "tests/accounts/test_sign_in.py::test_replaced_keys_end_the_sessions_of_the_old_ones",
    ),
    Protection(
        "a wrong passphrase stands in the ledger",
        "accounts/actions.py",
        '            ledger.record("account.unlock_failed", actor=actor, how=how)\n',
        "            pass\n",
        "tests/accounts/test_unlocking.py::test_every_wrong_passphrase_stands_in_the_ledger",
    ),
    Protection(
        "a wrong recovery code stands in the ledger",
        "accounts/actions.py",
        '            ledger.record("account.recovery_failed", actor=actor)\n',
        "            pass\n",
        "tests/accounts/test_unlocking.py::test_a_wrong_recovery_code_stands_in_the_ledger_and_changes_nothing",
    ),
    Protection(
        "a code of the app is taken once",
        "accounts/second_factor.py",
        " or step <= row.data.get(_LAST_STEP, -1)",
        "",
        "tests/accounts/test_sign_in.py -k spent",
    ),
    Protection(
        "the sessions of a closed account do not come back",
        "accounts/actions.py",
        "    end_sessions_of(person.pk)\n",
        "",
        "tests/accounts/test_people.py::test_sessions_from_before_the_closing_do_not_come_back",
    ),
    Protection(
        "a link for a new sign-in ends with the account",
        "accounts/actions.py",
        "    SignInReset.objects.filter(user=person).delete()\n",
        "",
        "tests/accounts/test_people.py::test_a_link_for_a_new_sign_in_does_not_come_back",
    ),
    Protection(
        "invitations of other organisations do not exist",
        "accounts/access.py",
        "pk=invitation_id, organisation=actor.user.organisation",
        "pk=invitation_id",
        "tests/accounts/test_people.py::test_people_of_another_organisation_do_not_exist",
    ),
    Protection(
        "open keys cannot be pickled",
        "accounts/keyring.py",
        'raise TypeError("keys are never pickled")',
        "return (dict, ())",
        "tests/accounts/test_unlocking.py::test_open_keys_cannot_be_pickled",
    ),
)


def bites(protection: Protection) -> bool:
    """Whether the protection's tests fail without it."""
    with tempfile.TemporaryDirectory(prefix="casebook-without-") as folder:
        copy = Path(folder)
        for name in _COPIED:
            source = _ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        target = copy / protection.file
        text = target.read_text(encoding="utf-8")
        if protection.with_it not in text:
            raise SystemExit(f"{protection.what}: no longer stands in {protection.file}")
        target.write_text(text.replace(protection.with_it, protection.without_it), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *protection.tests.split()]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        run = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
        if run.returncode not in {0, 1}:
            raise SystemExit(f"{protection.what}: the tests did not run\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
        return run.returncode == 1


def main(words: list[str]) -> int:
    chosen = [each for each in PROTECTIONS if not words or any(word in each.what for word in words)]
    toothless = []
    for protection in chosen:
        bitten = bites(protection)
        toothless += [] if bitten else [protection.what]
        sys.stdout.write(f"{'fails without it' if bitten else 'STILL PASSES   '}  {protection.what}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(chosen) - len(toothless)} of {len(chosen)} protections are noticed when they are gone.\n")
    return 1 if toothless else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
