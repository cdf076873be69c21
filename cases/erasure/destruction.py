"""What erasing destroys, and the destroying itself: keys first, then every row that hangs off the case."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Count, Max, QuerySet

from accounts.models import User
from casebook.core.encoding import ctx
from casebook.core.sealing import seal
from cases.erasure.records import LegalHold
from cases.models import (
    Case,
    CaseGroupObjectPermission,
    CaseUserObjectPermission,
    CaseWall,
    Compartment,
    EmergencyAccess,
    EpochLink,
    EvidenceFile,
    KeyWrap,
    Person,
    RecipientKind,
)
from cases.stages import Stage

Counts = dict[str, int]
_ACCESS = (CaseUserObjectPermission, CaseGroupObjectPermission, CaseWall, EmergencyAccess, LegalHold)


def belongings() -> Iterator[tuple[type[models.Model], str]]:
    """Every table that goes with a case, over all apps, with the name of its way to the case.

    All whose foreign key cascades, but for the compartments: they stay and say `shredded`. What shall outlive a case
    (a certificate, a number in the public register) protects it.
    """
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            remote = field.remote_field
            cascades = getattr(remote, "on_delete", None) is models.CASCADE
            if cascades and field.related_model is Case and model is not Compartment:
                yield model, field.attname


def _versions(case_id: UUID) -> Iterator[QuerySet[Any]]:
    """The history rows of the case itself and of all that hangs off it."""
    yield Case.history.filter(id=case_id)
    for model, attname in belongings():
        if hasattr(model, "history"):
            yield model.history.filter(**{attname: case_id})


def state_of_case(case_id: UUID) -> str:
    """A digest, in hexadecimal, that differs once anything of the case was written; a new key changes nothing."""
    return _digest(_versions(case_id))


def state_of_person(person_id: UUID) -> str:
    """The same for one person's row."""
    return _digest([Person.history.filter(id=person_id)])


def _digest(versions: Any) -> str:
    seen = [list(rows.aggregate(Count("pk"), Max("pk")).values()) for rows in versions]
    return sha256(json.dumps(seen).encode()).hexdigest()


def inventory(case: Case) -> Counts:
    """How much there is to destroy, by kind."""
    wraps = KeyWrap.objects.filter(compartment__case=case)
    found = Counter[str](
        keys=wraps.exclude(kind=RecipientKind.ORGANISATION).count(),
        recovery_keys=wraps.filter(kind=RecipientKind.ORGANISATION).count(),
        older_keys=EpochLink.objects.filter(compartment__case=case).count(),
        versions=sum(rows.count() for rows in _versions(case.pk)),
        files=len(evidence_ids(case.pk)),
    )
    for model, attname in belongings():
        found["access" if model in _ACCESS else "records"] += model._base_manager.filter(**{attname: case.pk}).count()
    found["records"] += 1  # the case's own card
    return dict(found)


def evidence_ids(case_id: UUID) -> list[str]:
    """Ids of all files that lie, or ever lay, with the case."""
    live = EvidenceFile.objects.filter(case=case_id).values_list("file_id", flat=True)
    removed = EvidenceFile.history.filter(case_id=case_id).values_list("file_id", flat=True)
    return sorted({str(each) for each in (*live, *removed)})


def destroy_keys(case: Case) -> None:
    """Delete every key of a case, whoever holds it: people, teams, the recovery key, former epochs."""
    KeyWrap.objects.filter(compartment__case=case).delete()
    EpochLink.objects.filter(compartment__case=case).delete()
    Compartment.objects.filter(case=case).update(shredded=True, rekey_pending=False)


def purge(case: Case, *, by: User) -> None:
    """Delete every row that hangs off a case and every version of it; leave of the case its reference and organisation.

    Deleting live rows writes versions of its own: those go last. Safe to do again.
    """
    for model, attname in belongings():
        model._base_manager.filter(**{attname: case.pk}).delete()
    for rows in _versions(case.pk):
        rows.delete()
    nothing = seal(os.urandom(32), b"", context=ctx("erased", case.pk))
    Case.objects.filter(pk=case.pk).update(
        team=None, country="", year=0, perpetrator="", stage=Stage.WITHDRAWN, created_by=by, sealed_card=nothing
    )


def has_leftovers(case: Case) -> bool:
    """Whether a purged case has anything again: a backup of older data was restored, or a write was under way."""
    keys = KeyWrap.objects.filter(compartment__case=case), Compartment.objects.filter(case=case, shredded=False)
    rows = (model._base_manager.filter(**{attname: case.pk}) for model, attname in belongings())
    return case.year != 0 or any(each.exists() for each in (*keys, *rows, *_versions(case.pk)))
