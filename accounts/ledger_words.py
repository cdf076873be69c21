"""The ledger in words: what each action code and each detail is called, for people who audit."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.ledger_search import LedgerRow, has_reference
from accounts.models import Role
from casebook.core.ledger import Detail

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

ACTIONS: dict[str, str | Promise] = {
    "organisation.found": _("founded the organisation"),
    "organisation.request_officer": _("asked the root key for a new officer"),
    "organisation.install_officer": _("took in a certificate of the root key for an officer"),
    "account.invite": _("invited somebody"),
    "account.withdraw_invitation": _("withdrew an invitation"),
    "account.accept": _("accepted an invitation"),
    "account.confirm_keys": _("confirmed somebody's keys"),
    "account.hand_auditors_key": _("handed the auditors' key on"),
    "account.set_roles": _("changed somebody's roles"),
    "account.deactivate": _("closed an account"),
    "account.reactivate": _("opened a closed account again"),
    "account.rename": _("changed the own name shown to colleagues"),
    "account.reset_sign_in": _("made a link for a new sign-in"),
    "account.redeem_reset": _("used a link for a new sign-in"),
    "account.sign_in": _("signed in"),
    "account.sign_in_failed": _("failed to sign in"),
    "account.sign_out": _("signed out"),
    "account.unlock": _("opened the keys"),
    "account.unlock_failed": _("failed to open the keys"),
    "account.recovery_failed": _("failed to open the keys with a recovery code"),
    "account.organisation_changed": _("was refused: the organisation's key is not the one they enrolled with"),
    "account.log_mismatch": _("was refused: the ledger is not what they saw before"),
    "account.read_ledger": _("read the ledger"),
    "account.export_ledger": _("exported the ledger"),
    "request.refused": _("was refused"),
    "ledger.erase_details": _("erased details of the ledger"),
    "account.lock": _("locked the keys"),
    "account.change_passphrase": _("changed the passphrase"),
    "account.replace_keys": _("replaced their own keys"),
    "account.end_sessions": _("signed somebody out everywhere"),
    "team.create": _("made a team"),
    "team.rename": _("renamed a panel"),
    "team.delete": _("deleted a panel"),
    "team.join": _("put somebody into a team"),
    "team.leave": _("took somebody out of a team"),
    "team.renew_key": _("made a team a new key"),
    "team.give_key": _("gave a member the key of a team"),
    "account.new_recovery_code": _("made a new recovery kit"),
    "account.step_up": _("typed the passphrase again"),
    "account.end_session": _("ended one of the own sessions"),
    "account.end_other_sessions": _("ended all other own sessions"),
    "account.add_second_factor": _("added a second factor"),
    "account.remove_second_factor": _("removed a second factor"),
    "backup.make": _("made a backup"),
    "backup.restore": _("brought everything back from a backup"),
    "case.create": _("started a case"),
    "case.list": _("read the list of cases"),
    "case.open": _("opened a case"),
    "case.change_facts": _("changed the facts of a case"),
    "case.save_incident": _("saved what happened"),
    "case.save_narrative": _("saved a narrative"),
    "case.save_mentions": _("saved which words are names"),
    "case.save_person": _("saved a person of a case"),
    "case.remove_person": _("removed a person from a case"),
    "case.record_consent": _("recorded a consent"),
    "case.attach_evidence": _("added evidence"),
    "case.download_evidence": _("downloaded evidence"),
    "case.remove_evidence": _("removed evidence"),
    "case.grant": _("let somebody into a case"),
    "case.revoke": _("took access to a case back"),
    "case.remove_access": _("took all of somebody's access away, on this case"),
    "case.rekey": _("changed the keys of a case"),
    "case.grant_team": _("let a team into a case"),
    "case.revoke_team": _("took access to a case back from a team"),
    "case.hand_over": _("handed a case over and kept no key"),
    "case.wall": _("kept somebody out of a case"),
    "case.wall_down": _("let a person no longer be kept out of a case"),
    "case.share_again": _("gave somebody the keys to cases again"),
    "case.ask_emergency": _("asked for a case in an emergency"),
    "case.read_emergencies": _("read requests for emergency access"),
    "case.decide_emergency": _("decided about emergency access to a case"),
    "case.emergency_over": _("lost emergency access to a case: the hours were over"),
    "case.export_escrow": _("asked the custodians to recover a case"),
    "case.recover": _("received a case that the custodians recovered"),
    "case.move": _("moved a case to another stage"),
    "case.hold": _("put a case under legal hold"),
    "case.release_hold": _("lifted a legal hold"),
    "erasure.propose": _("proposed an erasure"),
    "erasure.withdraw": _("withdrew a proposal to erase"),
    "erasure.refuse": _("refused an erasure"),
    "erasure.approve": _("approved an erasure"),
    "erasure.carry_out": _("erased a case or a person in it"),
    "erasure.erase_again": _("erased again what had come back with older data"),
    "erasure.forget_events": _("erased what the ledger said of an erased case"),
    "erasure.set_rules": _("set how long cases are kept"),
    "analysis.add_annotation": _("tied words of a testimony to the law"),
    "analysis.change_annotation": _("changed an annotation"),
    "analysis.remove_annotation": _("removed an annotation"),
    "analysis.anchor_again": _("put an annotation back in its place"),
    "analysis.add_finding": _("added a finding"),
    "analysis.change_finding": _("changed a finding"),
    "analysis.review_finding": _("reviewed a finding"),
    "analysis.mark_single_expert": _("marked a finding as one expert's"),
    "analysis.send_on": _("sent a case on to anonymisation"),
    "analysis.confirm_instrument": _("confirmed the text of a law"),
    "publication.save_draft": _("saved a draft for publication"),
    "publication.submit": _("handed a record to a reviewer"),
    "publication.list_reviews": _("read the list of reviews"),
    "publication.send_back": _("sent a record back"),
    "publication.publish": _("published a record"),
    "publication.retract": _("retracted a published record"),
    "publication.withdraw": _("took a case back because consent was withdrawn"),
    "publication.shut_out": _("took a reviewer's access back"),
    "publication.create_digest": _("started a digest"),
    "publication.change_digest": _("changed a digest"),
    "publication.issue_digest": _("issued a digest"),
    "publication.supersede_digest": _("replaced an edition of a digest"),
    "publication.export_digest": _("exported a digest"),
}

_LABELS: dict[str, str | Promise] = {
    "target": _("about"),
    "backup_of": _("data as they stood at"),
    "keys_of": _("keys as they stood at"),
    "left_out": _("key rows newer than the data"),
    "person": _("person"),
    "people": _("people"),
    "epochs": _("keys given"),
    "roles": _("roles"),
    "how": _("how"),
    "unlocked": _("keys opened"),
    "device_secret": _("with a device secret"),
    "sessions": _("sessions ended"),
    "factor": _("second factor"),
    "level": _("access"),
    "need": _("asked for"),
    "compartment": _("part"),
    "compartments": _("parts opened"),
    "opened": _("cards opened"),
    "epoch": _("number of the key"),
    "escrow": _("recovery key included"),
    "revision": _("version"),
    "scope": _("scope"),
    "given": _("consent given"),
    "pending": _("keys still to be changed"),
    "before": _("before"),
    "after": _("after"),
    "reviewer": _("reviewer"),
    "number": _("number"),
    "edition": _("edition"),
    "next": _("replaced by"),
    "reason": _("reason"),
    "format": _("format"),
    "sha256": _("fingerprint (SHA-256)"),
    "code": _("code"),
    "finding": _("finding"),
    "single": _("one expert only"),
    "erasure": _("proposal"),
    "months": _("months"),
    "by_rule": _("by a rule of retention"),
    "destroyed": _("destroyed"),
    "of": _("what"),
    "team": _("team"),
    "hours": _("hours"),
    "reference": _("reference"),
    "allowed": _("allowed"),
    "cases": _("cases"),
    "case": _("case"),
    "seen": _("what they saw is of"),
    "events": _("entries"),
    "filter": _("filter"),
    "entry": _("entry"),
    "device": _("device"),
}


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One event as an auditor reads it; `details` is None where they were erased."""

    seq: int
    at: datetime
    actor: str
    what: str | Promise
    details: list[tuple[str | Promise, str | Promise]] | None


def in_words(rows: Iterable[LedgerRow]) -> list[LedgerLine]:
    """Rows of the ledger, in words. Cases go by their reference, everything else by its kind and the end of its id."""
    rows = list(rows)
    names = _names_of_targets(rows)
    return [_line(row, names) for row in rows]


def _line(row: LedgerRow, names: dict[str, str]) -> LedgerLine:
    if row.details is None:
        return LedgerLine(row.seq, row.at, "", _("These details were erased."), None)
    said = [(_LABELS.get(key, key), _say(key, value, names)) for key, value in row.details.items()]
    return LedgerLine(row.seq, row.at, row.actor, ACTIONS.get(row.action, row.action), said)


def _say(key: str, value: Detail, names: dict[str, str]) -> str | Promise:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return ", ".join(f"{name}: {part}" for name, part in value.items()) or "–"
    if isinstance(value, list):
        return ", ".join(str(Role(part).label) if part in Role.values else part for part in value) or "–"
    if key == "target":
        return names.get(str(value), str(value))
    if key == "case":
        return names.get(_case(value), str(value))
    return "–" if value is None else str(value)


def _case(key: Detail) -> str:
    """The case that a row belongs to, as a target."""
    return f"cases.Case:{key}"


def _names_of_targets(rows: Iterable[LedgerRow]) -> dict[str, str]:
    """What to call each target (`app.Model:key`) of the rows: one query for each kind that has references."""
    targets = {str(row.details["target"]) for row in rows if row.details and "target" in row.details}
    targets |= {_case(row.details["case"]) for row in rows if row.details and "case" in row.details}
    by_label: dict[str, list[str]] = {}
    for target in targets:
        label, _colon, key = target.rpartition(":")
        by_label.setdefault(label, []).append(key)
    return {
        f"{label}:{key}": name for label, keys in by_label.items() for key, name in _names_of_rows(label, keys).items()
    }


def _names_of_rows(label: str, keys: list[str]) -> dict[str, str]:
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return {}
    kind = str(model._meta.verbose_name)
    names = {key: f"{kind} {key.rpartition('-')[2]}" for key in keys}
    if has_reference(model):
        ids = [UUID(key) for key in keys if _UUID.fullmatch(key)]
        found = model._base_manager.filter(pk__in=ids).values_list("pk", "reference")
        names |= {str(key): f"{kind} {reference}" for key, reference in found}
    return names
