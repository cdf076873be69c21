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
        "        described(key).check(keys.root_public)\n",
        "",
        "tests/test_hostile_writer.py::test_a_swapped_public_key_gets_no_share",
    ),
    Protection(
        "only the root makes officers",
        "accounts/certified_keys.py",
        "        if self.officer or not self.signer.officer or self.signer.signer is not None:\n            raise IntegrityError\n",
        "",
        "tests/test_hostile_writer.py::test_a_person_who_is_no_officer_certifies_nobody",
    ),
    Protection(
        "unconfirmed keys get nothing",
        "accounts/certified_keys.py",
        "        if self.certificate is None:\n            raise UnconfirmedKeyError\n",
        "        if self.certificate is None:\n            return\n",
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
        "if cleaned[-1] != _CHECK_ALPHABET[number % 37] or",
        "if",
        "tests/core/test_key_derivation.py",
    ),
    Protection(
        "the door asks for the permission",
        "cases/access.py",
        "filter(reached, ~Exists(walls))",
        "filter(~Exists(walls))",
        "tests/test_permissions_are_keys.py::test_without_permission_not_even_the_open_facets_show",
    ),
    Protection(
        "the door asks for the key",
        "cases/access.py",
        "        raise NoKeyError\n    if CompartmentName.IDENTITY in opened:",
        "        pass\n    if CompartmentName.IDENTITY in opened:",
        "tests/test_permissions_are_keys.py::test_a_superuser_with_every_permission_still_has_no_key",
    ),
    Protection(
        "revoking gives a new key",
        "cases/sharing.py",
        "            rekey(opened, compartment.name)\n        else:",
        "            pass\n        else:",
        "tests/test_permissions_are_keys.py::test_a_revoked_person_keeps_a_key_that_opens_nothing_new",
    ),
    Protection(
        "revoking without a key is marked",
        "cases/grants.py",
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
        "    if roster_of(opened.case).levels_of(recipient) - {level}:\n        raise MixedAccessError\n",
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
        "casebook/core/ledger_verification.py",
        '        if not hmac.compare_digest(self.chain, chain):\n            return "changed or out of order"\n',
        "",
        "tests/core/test_ledger.py",
    ),
    Protection(
        "ledger leaves are checked",
        "casebook/core/ledger_verification.py",
        '        if event_leaf(event_info(organisation, seq, at, commitment)) != leaf:\n            return "changed"\n',
        "",
        "tests/core/test_ledger.py",
    ),
    Protection(
        "ledger details are held against their commitment",
        "casebook/core/ledger_verification.py",
        '        if sealed is not None and sha256(sealed).digest() != digest:\n            return "details changed"\n',
        "",
        "tests/core/test_ledger.py",
    ),
    Protection(
        "the ledger's kept hashes are recomputed",
        "casebook/core/ledger_verification.py",
        "        return self._nodes_fault()\n",
        "        return None\n",
        "tests/core/test_ledger_tree.py::test_a_changed_hash_is_named_by_its_first_event",
    ),
    Protection(
        "the ledger is held against the checkpoints given out",
        "casebook/core/ledger_verification.py",
        "            if self.size in self.checkpoints and self._head_differs():",
        "            if False:",
        "tests/core/test_ledger_tree.py -k checkpoint",
    ),
    Protection(
        "leaves and nodes of the ledger's tree are told apart",
        "casebook/core/merkle.py",
        '_LEAF_PREFIX, _NODE_PREFIX = b"\\x00", b"\\x01"',
        '_LEAF_PREFIX, _NODE_PREFIX = b"", b""',
        "tests/core/test_merkle.py",
    ),
    Protection(
        "each unlock holds the ledger against what the keyring remembers",
        "accounts/log_check.py",
        "    if remembered.ledger_size and not begins_with(",
        "    if False and not begins_with(",
        "tests/test_audit.py -k recomputed",
    ),
    Protection(
        "an unlock recomputes the leaves of the last block",
        "accounts/log_check.py",
        "StoredTree(from_rows=True)",
        "StoredTree()",
        "tests/test_audit.py -k changed",
    ),
    Protection(
        "an unlock keeps the ledger's head in the keyring",
        "accounts/log_check.py",
        "    store_keyring(renewed)\n",
        "",
        "tests/test_audit.py::test_at_every_unlock_the_keyring_takes_the_present_head",
    ),
    Protection(
        "a ledger that does not fit is written down although the unlock is undone",
        "accounts/log_check.py",
        '            ledger.record("account.log_mismatch", actor=actor, how=how, seen=seen)\n',
        "            pass\n",
        "tests/test_audit.py -k recovery_code",
    ),
    Protection(
        "an event is never written over an older one",
        "casebook/core/ledger.py",
        "        raise LogMismatchError from None",
        "        AuditEvent.objects.filter(seq=seq).delete()",
        "tests/core/test_ledger_tree.py::test_a_ledger_that_was_set_back_takes_no_event_over_an_old_one",
    ),
    Protection(
        "the log signs one history only",
        "casebook/core/checkpoints.py",
        "        if before is None or not begins_with(before, tree):",
        "        if False:",
        "tests/core/test_ledger_tree.py::test_a_checkpoint_of_another_history_stops_the_next_one_and_does_not_verify",
    ),
    Protection(
        "a false co-signature is not taken home",
        "casebook/core/signed_notes.py",
        "            _check(key, line.value, self.text)\n",
        "            pass\n",
        "tests/core/test_witnessing.py tests/core/test_signed_notes.py",
    ),
    Protection(
        "a co-signature of somebody unknown is not taken home",
        "casebook/core/checkpoints.py",
        "    if not signers:\n",
        "    if False:\n",
        "tests/core/test_witnessing.py::test_a_checkpoint_of_an_unknown_witness_is_not_taken",
    ),
    Protection(
        "a witness refuses a log that was set back",
        "casebook/core/witnessing.py",
        "    if said.size < before.size:",
        "    if False:",
        "tests/core/test_witnessing.py::test_a_log_that_was_set_back_is_refused_and_remembered",
    ),
    Protection(
        "a witness checks the proof of growth",
        "casebook/core/witnessing.py",
        " or not proof.holds()",
        "",
        "tests/core/test_witnessing.py::test_a_forged_proof_of_the_true_heads_is_refused",
    ),
    Protection(
        "a witness checks who signed the checkpoint",
        "casebook/core/witnessing.py",
        "not note.signed_by(log) or ",
        "",
        "tests/core/test_witnessing.py::test_a_checkpoint_that_the_log_did_not_sign_is_refused",
    ),
    Protection(
        "a witness's key is for its owner alone",
        "casebook/core/witnessing.py",
        "    if path.stat().st_mode & 0o077:",
        "    if False:",
        "tests/core/test_witnessing.py::test_the_key_file_is_for_its_owner_alone_and_made_once",
    ),
    Protection(
        "entries of other organisations do not exist for an auditor",
        "accounts/access.py",
        "pk=seq, organisation=actor.ledger_organisation",
        "pk=seq",
        "tests/accounts/test_auditors_pages.py -k other_organisations_and_none",
    ),
    Protection(
        "an exported cell is never a formula",
        "casebook/core/csv_cells.py",
        'return f"\'{text}" if text.startswith(_STARTS_A_FORMULA) else text',
        "return text",
        "tests/accounts/test_auditors_pages.py -k formula",
    ),
    Protection(
        "exporting the ledger asks for the passphrase afresh",
        "accounts/views/ledger.py",
        "    require_fresh(request)\n",
        "",
        "tests/accounts/test_auditors_pages.py -k afresh",
    ),
    Protection(
        "what was refused stands in the ledger",
        "casebook/core/middleware.py",
        "            _record(request, code or str(response.status_code))\n",
        "            pass\n",
        "tests/test_audit.py -k refused",
    ),
    Protection(
        "error reports drop exception texts",
        "casebook/core/error_reports.py",
        'data.update(exception_value="", ',
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
        "    kit = enrolment.write_slots(opened, passphrase)\n    _set_password",
        '    kit = enrolment.RecoveryKit(code, b"")\n    _set_password',
        "tests/accounts/test_unlocking.py::test_the_recovery_code_opens_the_keys_once_and_a_new_one_is_shown",
    ),
    Protection(
        "a changed passphrase ends every other session",
        "accounts/actions.py",
        "        unlocking.end_all(actor.user)\n        _start(",
        "        _start(",
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
        "the organisation's row is held against the pinned root",
        "accounts/actor.py",
        "        check_organisation(self.keys, self.user.organisation)\n",
        "",
        "tests/test_organisation_key.py::test_nothing_is_opened tests/test_organisation_key.py::test_nothing_is_audited",
    ),
    Protection(
        "the root's signature over the organisation is checked",
        "accounts/certificates.py",
        "        stored.check()\n",
        "        pass\n",
        "tests/test_organisation_key.py::test_nothing_is_opened",
    ),
    Protection(
        "keys do not open for a changed organisation",
        "accounts/actions.py",
        "        check_organisation(opened.keys(), actor.user.organisation)\n",
        "",
        "tests/test_organisation_key.py::test_the_refusal_stands_in_the_ledger",
    ),
    Protection(
        "own words are held against the open keyring",
        "accounts/queries.py",
        "    if (bytes(key.hpke_public), bytes(key.signing_public)) != (public.hpke, public.signing):\n        raise IntegrityError\n",
        "",
        "tests/accounts/test_ceremony.py::test_own_words_are_held_against_the_open_keyring",
    ),
    Protection(
        "the recovery key takes two codes",
        "accounts/ceremony/keys.py",
        "derive_key(first_code + second_code, info",
        "derive_key(first_code, info",
        "tests/accounts/test_ceremony.py::test_one_custodian_alone_or_with_the_root_opens_nothing",
    ),
    Protection(
        "the code from the safe says which root is the right one",
        "accounts/ceremony/keys.py",
        "    if signing_public_of(root) != file.keys.root_public:\n        raise WrongCodeError\n",
        "",
        "tests/accounts/test_ceremony.py::test_the_root_of_another_organisation_certifies_nobody "
        "tests/cases/test_recovery.py::test_a_key_pair_put_in_the_place_of_the_organisations_is_refused",
    ),
    Protection(
        "nothing is certified unless the words were compared",
        "accounts/ceremony/__main__.py",
        '        raise NotDoneError("Nothing was signed.")\n',
        "        pass\n",
        "tests/accounts/test_ceremony.py::test_nothing_is_signed_unless_the_words_agree",
    ),
    Protection(
        "an officer's certificate is checked before it is taken in",
        "accounts/officers.py",
        "        _check_answer(answer, organisation, key)\n",
        "        pass\n",
        "tests/accounts/test_ceremony.py::test_a_changed_answer_is_refused "
        "tests/accounts/test_ceremony.py::test_an_answer_that_no_root_signed_is_refused",
    ),
    Protection(
        "an answer is taken in once",
        "accounts/officers.py",
        "    row.delete()\n    return key\n",
        "    return key\n",
        "tests/cases/test_recovery.py::test_an_answer_is_taken_in_once",
    ),
    Protection(
        "an escrow's signer is checked before it is opened",
        "accounts/ceremony/orphans.py",
        "    verify(_signer(escrow, escrowed), escrowed.signature, wrap_statement(info, escrowed.blob))\n",
        "",
        "tests/cases/test_recovery.py::test_a_key_planted_in_the_escrow_is_not_handed_on",
    ),
    Protection(
        "a new holder is certified up to the root",
        "accounts/ceremony/orphans.py",
        "    holder.check(keys.root_public)\n",
        "",
        "tests/cases/test_recovery.py::test_a_swapped_holder_receives_nothing",
    ),
    Protection(
        "what was recovered is signed as one",
        "cases/sharing.py",
        "        verify(bytes(organisation.root_public), answer.signature, answer.statement(organisation.id, key.id))\n",
        "",
        "tests/cases/test_recovery.py::test_a_changed_answer_is_refused",
    ),
    Protection(
        "a wrap without a signer is the root's",
        "cases/wraps.py",
        "None: keys.root_public}",
        "None: keys.public.signing}",
        "tests/cases/test_recovery.py::test_a_wrap_that_names_the_root_but_was_signed_by_another_does_not_open",
    ),
    Protection(
        "open keys cannot be pickled",
        "accounts/keyring.py",
        'raise TypeError("keys are never pickled")',
        "return (dict, ())",
        "tests/accounts/test_unlocking.py::test_open_keys_cannot_be_pickled",
    ),
    Protection(
        "a team key needs an officer",
        "accounts/teams.py",
        "    if officer is None or not officer.officer:\n        raise NoKeyError\n",
        "    assert officer\n",
        "tests/test_teams.py::test_only_an_officer_makes_a_team_key "
        "tests/accounts/test_teams_pages.py::test_an_administrator_who_is_no_officer_is_told_whom_to_ask",
    ),
    Protection(
        "whoever makes a team key is certified as an officer",
        "accounts/teams.py",
        "        raise NoKeyError\n    certified_signing_key(keys, officer)\n",
        "        raise NoKeyError\n",
        "tests/test_hostile_teams.py::test_a_person_who_calls_herself_an_officer_makes_no_team_key",
    ),
    Protection(
        "the signature of a team's key is checked",
        "accounts/teams.py",
        "    verify(signing, bytes(team.signature), team_statement(team))\n",
        "",
        "tests/test_hostile_teams.py::test_a_team_signed_by_an_officers_name_and_another_hand_is_refused",
    ),
    Protection(
        "only an officer's signature makes a team",
        "accounts/teams.py",
        "    if not team.signer.officer:\n        raise IntegrityError\n",
        "",
        "tests/test_hostile_teams.py::test_a_team_signed_by_a_person_who_is_no_officer_is_refused",
    ),
    Protection(
        "who signed a member's team key is checked",
        "accounts/teams.py",
        "    verify(signing, bytes(row.signature), wrap_statement(info, blob))\n",
        "",
        "tests/test_teams.py::test_a_member_key_given_by_the_database_writer_does_not_open",
    ),
    Protection(
        "a member's team key is the other half of the officer's",
        "accounts/teams.py",
        "    if row.epoch == row.team.epoch and hpke_public_of(seed) != certified_team_key(keys, row.team):\n",
        "    if False:\n",
        "tests/test_hostile_teams.py::test_a_team_key_that_an_accomplice_made_is_not_taken_for_the_teams",
    ),
    Protection(
        "a team row that was set back is noticed",
        "accounts/teams.py",
        "        if epoch > present:\n            raise IntegrityError\n",
        "",
        "tests/test_hostile_teams.py::test_a_team_row_set_back_is_noticed_by_whoever_holds_its_newer_key",
    ),
    Protection(
        "recipients of a team key are certified before anything is wrapped",
        "accounts/teams.py",
        "    for recipient in recipients:\n        certified_signing_key(keys, recipient)\n",
        "",
        "tests/test_hostile_teams.py::"
        "test_a_recipient_with_a_swapped_public_key_stops_the_renewal_before_anything_is_wrapped",
    ),
    Protection(
        "who is given a team key is certified",
        "accounts/teams.py",
        "        raise UnconfirmedKeyError\n    certified_signing_key(keys, recipient)\n",
        "        raise UnconfirmedKeyError\n",
        "tests/test_hostile_teams.py::test_a_planted_stranger_is_given_nothing",
    ),
    Protection(
        "who holds a team key by a row is held by its signature",
        "accounts/teams.py",
        "    verify(certified_signing_key(keys, row.signer), bytes(row.signature), wrap_statement(info, bytes(row.blob)))\n",
        "",
        "tests/test_hostile_teams.py::test_a_holder_with_a_signature_that_does_not_fit_stops_the_renewal",
    ),
    Protection(
        "nobody makes herself a holder of a team key",
        "accounts/teams.py",
        "    if row.signer.user_id == row.member_id and not row.signer.officer:\n        raise IntegrityError\n",
        "",
        "tests/test_hostile_teams.py::test_a_planted_holder_stops_the_renewal",
    ),
    Protection(
        "a planted member is not given the next team key",
        "accounts/teams.py",
        "_holders(keys, team) if people is None",
        "members_of(team) if people is None",
        "tests/test_hostile_teams.py::test_a_planted_member_gets_nothing_when_the_key_is_renewed",
    ),
    Protection(
        "only people of the team's role are given its key",
        "accounts/teams.py",
        "    if not belongs(team, person):\n        raise WrongTeamRoleError\n    if recipient is None:",
        "    if recipient is None:",
        "tests/test_hostile_teams.py::test_a_planted_member_without_the_role_is_given_nothing_and_the_page_says_so",
    ),
    Protection(
        "replaced keys make sessions stale",
        "accounts/unlocking.py",
        " or not row.key.active:",
        ":",
        "tests/accounts/test_new_keys.py::test_replaced_keys_make_sessions_stale",
    ),
    Protection(
        "replaced keys make a team's key due",
        "accounts/enrolment.py",
        "    Team.objects.filter(member_keys__member=user).update(renewal_due=True)\n",
        "",
        "tests/accounts/test_new_keys.py::test_a_coordinators_team_is_due_for_a_new_key_and_a_member_gives_it_again",
    ),
    Protection(
        "an administrator ends every session",
        "accounts/actions.py",
        '    end_sessions_of(person.pk)\n    unlocking.end_all(person)\n    ledger.record("account.end_sessions"',
        '    ledger.record("account.end_sessions"',
        "tests/accounts/test_new_keys.py::test_an_administrator_ends_every_session_of_a_person",
    ),
    Protection(
        "only administrators take all access away",
        "cases/departures.py",
        "    require_person(actor, person)\n    cases = list(",
        "    cases = list(",
        "tests/cases/test_person_access.py::test_to_everybody_but_administrators_there_is_no_such_page",
    ),
    Protection(
        "a wall shuts the door",
        "cases/access.py",
        "filter(reached, ~Exists(walls))",
        "filter(reached)",
        "tests/test_teams.py::test_a_wall_holds_against_a_permission_row_by_hand",
    ),
    Protection(
        "a wall shuts the list",
        "cases/queries.py",
        ".exclude(pk__in=walls)",
        "",
        "tests/cases/test_views_walls.py::test_a_wall_shuts_the_list_against_a_permission_row_by_hand",
    ),
    Protection(
        "a wall takes the case from every team",
        "cases/sharing.py",
        "        affected += remove_team(opened.case, access.team)\n",
        "        pass\n",
        "tests/test_teams.py::test_a_wall_keeps_a_coordinator_out_and_the_others_in",
    ),
    Protection(
        "nobody is let in behind a wall",
        "cases/sharing.py",
        "        raise WalledError\n    if roster_of(opened.case).levels_of(recipient)",
        "        pass\n    if roster_of(opened.case).levels_of(recipient)",
        "tests/test_teams.py::test_a_wall_keeps_a_coordinator_out_and_the_others_in",
    ),
    Protection(
        "a walled person is not heard in an emergency",
        "cases/emergency.py",
        " or CaseWall.objects.filter(case=case, person=actor.user).exists()",
        "",
        "tests/cases/test_views_emergency.py::test_the_answer_is_the_same_whether_or_not_there_is_such_a_case",
    ),
    Protection(
        "nobody decides about their own request",
        "cases/emergency.py",
        "        .exclude(asked_by=actor.user)\n        .first()",
        "        .first()",
        "tests/cases/test_views_emergency.py::test_nobody_decides_about_their_own_request_on_the_page",
    ),
    Protection(
        "emergency access ends by the clock",
        "cases/access.py",
        "    end_expired_access(actor)\n",
        "",
        "tests/cases/test_views_emergency.py::test_the_door_itself_shuts_when_the_hours_are_over",
    ),
    Protection(
        "emergency access leaves the list by the clock",
        "cases/queries.py",
        "    end_expired_access(actor)\n",
        "",
        "tests/cases/test_views_emergency.py::test_when_the_hours_are_over_the_case_is_gone_and_gets_new_keys",
    ),
    Protection(
        "hours that were ended early end nothing given since",
        "cases/grants.py",
        "    EmergencyAccess.objects.filter(asked_by=person, case=case, ended=False).update(ended=True)\n",
        "",
        "tests/cases/test_views_emergency.py::test_hours_that_were_ended_early_end_nothing_that_was_given_since",
    ),
    Protection(
        "emergency access cannot share",
        "cases/levels.py",
        'AccessLevel.EMERGENCY: frozenset({"view_case",',
        'AccessLevel.EMERGENCY: frozenset({"view_case", "share_case",',
        "tests/cases/test_views_emergency.py::test_emergency_access_shares_hands_over_and_decides_nothing",
    ),
    Protection(
        "only members give a team's cases new keys",
        "cases/views/keys.py",
        "    if team_id not in [membership.team for membership in memberships(request.user)]:\n        raise Http404\n",
        "",
        "tests/cases/test_views_keys.py::test_only_coordinators_are_told_and_only_members_see_the_page",
    ),
    Protection(
        "nobody approves an erasure of her own",
        "cases/erasure/proposals.py",
        "    if row.proposed_by_id == actor.user.pk:\n        raise OwnProposalError\n",
        "",
        "tests/erasure/test_erasing_cases.py::test_the_proposer_cannot_approve",
    ),
    Protection(
        "the database knows two people of an erasure",
        "cases/migrations/0005_erasure.py",
        '(("proposed_by", models.F("decided_by")), _negated=True)',
        '(("proposed_by", None), _negated=True)',
        "tests/erasure/test_erasing_cases.py::test_the_database_refuses_one_person_as_both",
    ),
    Protection(
        "a legal hold keeps a case",
        "cases/erasure/proposals.py",
        "    if is_held(case):\n        raise HeldError\n",
        "",
        "tests/erasure/test_erasing_cases.py::test_a_legal_hold_keeps_a_case_from_being_proposed_and_from_being_erased",
    ),
    Protection(
        "erasing deletes every key",
        "cases/erasure/destruction.py",
        "    KeyWrap.objects.filter(compartment__case=case).delete()\n",
        "",
        "tests/erasure/test_erasing_cases.py -k even_if",
    ),
    Protection(
        "erasing purges history",
        "cases/erasure/destruction.py",
        "    for rows in _versions(case.pk):\n        rows.delete()\n",
        "",
        "tests/erasure/test_erasing_cases.py::test_history_rows_of_deleted_rows_go_too",
    ),
    Protection(
        "erasing a person deletes the former keys",
        "cases/erasure/person.py",
        "    return EpochLink.objects.filter(compartment=compartment.row).delete()[0]",
        "    return 0",
        "tests/erasure/test_erasing_people.py::test_no_kept_key_opens_what_a_copy_of_the_rows_keeps",
    ),
    Protection(
        "what changed meanwhile is not erased",
        "cases/erasure/proposals.py",
        "    if is_stale(row):\n        raise ChangedMeanwhileError\n",
        "",
        "tests/erasure/test_erasing_cases.py::test_a_case_that_was_changed_meanwhile_is_not_erased",
    ),
    Protection(
        "erasing frees the pages on the disk",
        "cases/erasure/finishing.py",
        '                cursor.execute("VACUUM")\n                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")\n',
        '                cursor.execute("PRAGMA wal_checkpoint(NOOP)")\n',
        "tests/erasure/test_erased_bytes.py -k files",
    ),
    Protection(
        "erasing asks for the passphrase again",
        "cases/erasure/views.py",
        "    require_fresh(request)\n    row = find_erasure(request.actor, erasure_id)\n    try:\n        proposals.approve(",
        "    row = find_erasure(request.actor, erasure_id)\n    try:\n        proposals.approve(",
        "tests/erasure/test_pages.py::test_erasing_asks_for_the_passphrase_again",
    ),
    Protection(
        "a device secret goes into the passphrase slot",
        "casebook/core/key_derivation.py",
        "derive_key(stretched + device_secret, info=",
        "derive_key(stretched, info=",
        "tests/accounts/test_device_secret.py::test_the_passphrase_without_the_device_secret_opens_nothing",
    ),
    Protection(
        "who may open names gets a device secret",
        "accounts/enrolment.py",
        "return settings.CASEBOOK_DEVICE_SECRET and user.has_role(Role.STREET_LAWYER, Role.COORDINATOR)",
        "return False",
        "tests/accounts/test_device_secret.py::test_who_may_open_names_gets_a_kit_with_a_device_code_and_a_browser_that_has_it",
    ),
    Protection(
        "a new kit makes a fresh device secret",
        "accounts/enrolment.py",
        "secret = os.urandom(DEVICE_SECRET_BYTES) if",
        "secret = opened.device_secret or os.urandom(DEVICE_SECRET_BYTES) if",
        "tests/accounts/test_device_secret.py::test_a_new_kit_makes_the_old_paper_worthless",
    ),
    Protection(
        "pages cannot read the device secret",
        "accounts/browser.py",
        "httponly=True,",
        "httponly=False,",
        "tests/accounts/test_device_secret.py",
    ),
    Protection(
        "a browser is known to the ledger by person",
        "accounts/browser.py",
        'ctx("browser", user.pk, number)',
        'ctx("browser", number)',
        "tests/accounts/test_device_secret.py::test_two_people_at_one_browser_are_not_linked_by_it",
    ),
    Protection(
        "names not opened in this session ask for the passphrase",
        "cases/access.py",
        "        require_fresh_for_names(actor, case.id)",
        "        pass",
        "tests/accounts/test_step_up.py::test_names_of_a_case_not_opened_in_this_session_ask_for_the_passphrase_and_lead_back",
    ),
    Protection(
        "an export asks for the passphrase",
        "publication/views/digests.py",
        "    require_fresh(request)\n",
        "",
        "tests/accounts/test_step_up.py::test_an_export_needs_a_fresh_passphrase",
    ),
    Protection(
        "a fresh passphrase grows old",
        "accounts/step_up.py",
        "if proof.at + seconds <= int(time.time()):",
        "if proof.at == 0:",
        "tests/accounts/test_step_up.py::test_fresh_is_five_minutes",
    ),
    Protection(
        "only a right passphrase is a fresh one",
        "accounts/actions.py",
        'opened = _open_with_passphrase(request, actor, passphrase, device_secret, how="step-up")',
        'opened = enrolment.OpenedKeyring(None, None, b"")',
        "tests/accounts/test_step_up.py::test_a_wrong_passphrase_renews_nothing_and_stands_in_the_ledger",
    ),
    Protection(
        "one's own sessions are only one's own",
        "accounts/sessions.py",
        "    if key not in {row.digest for row in sessions_of(actor.user.pk)}:",
        "    if False:",
        "tests/accounts/test_sessions.py::test_a_session_of_somebody_else_does_not_exist",
    ),
    Protection(
        "ending a session closes its keys",
        "accounts/sessions.py",
        "    unlocking.end_bound_to(actor.user, [bytes.fromhex(key) for key in keys])",
        "    pass",
        "tests/accounts/test_sessions.py::test_ending_one_session_signs_out_and_locks_there_only",
    ),
    Protection(
        "a sign-in ends ten hours later whatever is done",
        "casebook/core/hashed_sessions.py",
        "        if not isinstance(began, int):",
        "        if True:",
        "tests/accounts/test_sessions.py::test_signing_in_ends_after_ten_hours_whatever_is_done",
    ),
    Protection(
        "tries at a security key are counted",
        "accounts/forms.py",
        "    def clean_credential(self) -> Any:\n"
        '        count_attempt("second-factor", str(self.user.pk), limit=settings.CASEBOOK_SIGN_IN_LIMIT)\n',
        "    def clean_credential(self) -> Any:\n",
        "tests/accounts/test_security_keys.py::test_tries_at_a_key_are_counted",
    ),
    Protection(
        "sign-ins are counted across processes",
        "accounts/adapters.py",
        '        count_attempt("sign-in", subject, limit=settings.CASEBOOK_SIGN_IN_LIMIT)',
        "        pass",
        "tests/test_two_workers.py::test_the_eleventh_sign_in_of_a_minute_is_refused_across_processes",
    ),
    Protection(
        "a backup says when it was made and cannot be dated back",
        "casebook/core/backup/sealed_file.py",
        '", packed)',
        '")',
        "tests/backup/test_bad_parts.py::test_a_head_dated_back_to_make_parts_fit_is_refused",
    ),
    Protection(
        "keys older than the data do not bring erased keys back",
        "casebook/core/backup/restoring.py",
        "if keys_head.made_at < data_head.made_at:",
        "if False:",
        "tests/backup/test_bad_parts.py::test_a_key_part_older_than_the_data_part_is_refused",
    ),
    Protection(
        "parts of two installations are never mixed",
        "casebook/core/backup/restoring.py",
        "if data_head.installation != keys_head.installation:",
        "if False:",
        "tests/backup/test_bad_parts.py::test_parts_of_two_installations_are_refused",
    ),
    Protection(
        "a restore needs an empty machine",
        "casebook/core/backup/restoring.py",
        "    require_empty(connection)\n",
        "",
        "tests/backup/test_bad_parts.py::test_a_filled_database_is_left_as_it_is",
    ),
    Protection(
        "a restore that fails takes its files back",
        "casebook/core/backup/restoring.py",
        "            for path in staging.moved:\n                path.unlink(missing_ok=True)",
        "            pass",
        "tests/backup/test_bad_parts.py::test_a_failure_at_the_very_end_takes_the_files_back",
    ),
    Protection(
        "file names in a backup lead nowhere else",
        "casebook/core/backup/restoring.py",
        " or not EVIDENCE_NAME.fullmatch(head.name)",
        "",
        "tests/backup/test_bad_parts.py::test_a_file_name_that_leads_elsewhere_is_refused",
    ),
    Protection(
        "a backup puts no plaintext into a sealed column",
        "casebook/core/backup/rows.py",
        "    if not is_sealed(sealed):\n        raise ValueError\n",
        "",
        "tests/backup/test_bad_parts.py::test_plaintext_in_a_sealed_column_is_refused",
    ),
    Protection(
        "restored permissions are found by their name",
        "casebook/core/backup/rows.py",
        'yield index, _translation(names.permissions, here.permissions, "permission")',
        "continue",
        "tests/backup/test_restore.py::test_permissions_are_found_by_their_name",
    ),
    Protection(
        "no table is forgotten in a backup",
        "casebook/core/backup/parts.py",
        '    "mfa.Authenticator": Part.KEYS,\n',
        "",
        "tests/backup/test_backup.py::test_every_model_is_declared_for_a_part",
    ),
    Protection(
        "who may open a case is restored with the keys",
        "cases/backup_parts.py",
        '"CaseUserObjectPermission": Part.KEYS',
        '"CaseUserObjectPermission": Part.DATA',
        "tests/backup/test_restore.py::test_access_and_roles_that_were_taken_back_stay_so_with_older_data",
    ),
    Protection(
        "what was erased comes back with no older data",
        "cases/backup_parts.py",
        '"KeyWrap": Part.KEYS',
        '"KeyWrap": Part.DATA',
        "tests/backup/test_restore.py::test_what_was_shredded_stays_shredded_with_older_data",
    ),
    Protection(
        "open sessions are in no backup",
        "accounts/backup_parts.py",
        '"UnlockedSession": Part.NEITHER',
        '"UnlockedSession": Part.KEYS',
        "tests/backup/test_restore.py::test_nobody_is_signed_in_afterwards_and_no_link_of_before_works",
    ),
    Protection(
        "only their owner reads the parts of a backup",
        "casebook/core/backup/making.py",
        "0o600",
        "0o644",
        "tests/backup/test_backup.py::test_only_their_owner_reads_the_parts_and_nothing_else_is_left",
    ),
    Protection(
        "key parts past their time are deleted",
        "accounts/management/commands/backup.py",
        "            path.unlink(missing_ok=True)\n",
        "",
        "tests/backup/test_backup.py::test_parts_past_their_time_are_deleted_and_nothing_else",
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
