"""The ledger in words: what each action code and each detail is called, for people who audit."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from accounts.queries import LedgerRow
from casebook.core.ledger import Detail

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

ACTIONS: dict[str, str | Promise] = {
    "organisation.found": _("founded the organisation"),
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
    "account.lock": _("locked the keys"),
    "account.change_passphrase": _("changed the passphrase"),
    "account.new_recovery_code": _("made a new recovery code"),
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
    "case.rekey": _("changed the keys of a case"),
    "case.move": _("moved a case to another stage"),
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
    "person": _("person"),
    "roles": _("roles"),
    "how": _("how"),
    "unlocked": _("keys opened"),
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
        return ", ".join(f"{name}: {part}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(str(Role(part).label) if part in Role.values else part for part in value) or "–"
    if key == "target":
        return names.get(str(value), str(value))
    return "–" if value is None else str(value)


def _names_of_targets(rows: Iterable[LedgerRow]) -> dict[str, str]:
    """What to call each target (`app.Model:key`) of the rows: one query for each kind that has references."""
    targets = {str(row.details["target"]) for row in rows if row.details and "target" in row.details}
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
    if _has_reference(model):
        ids = [UUID(key) for key in keys if _UUID.fullmatch(key)]
        found = model._base_manager.filter(pk__in=ids).values_list("pk", "reference")
        names |= {str(key): f"{kind} {reference}" for key, reference in found}
    return names


def _has_reference(model: type[models.Model]) -> bool:
    try:
        model._meta.get_field("reference")
    except FieldDoesNotExist:
        return False
    return True
