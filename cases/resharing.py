"""Giving keys again to people who have permission but lost their keys: who, to how many cases, and doing it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import Http404

from accounts.actor import Actor
from accounts.models import User, UserKey
from casebook.core import ledger
from cases.access import open_case, permitted
from cases.compartments import ALL_COMPARTMENTS
from cases.models import Case, CaseUserObjectPermission, KeyWrap, RecipientKind
from cases.rekeying import finish_rekeys
from cases.roster import roster_of
from cases.sharing import grant
from cases.wraps import openable_wraps


@dataclass(frozen=True, slots=True)
class WithoutKeys:
    """A person who may open cases but holds no key for them. `confirmed`: their present keys are confirmed."""

    person: User
    confirmed: bool
    cases: Sequence[Case]


def people_without_keys(actor: Actor) -> list[WithoutKeys]:
    """Who lacks the key to cases that the actor could share with them again, by name."""
    actor.require_keys()
    cases: dict[UUID, list[UUID]] = defaultdict(list)
    for user_id, case_id in _permissions_without_key(actor).values_list("user_id", "content_object_id"):
        cases[user_id].append(case_id)
    rows = Case.objects.in_bulk([case_id for ids in cases.values() for case_id in ids])
    confirmed = set(
        UserKey.objects.filter(user__in=list(cases), active=True, certificate__isnull=False).values_list(
            "user_id", flat=True
        )
    )
    people = User.objects.filter(pk__in=list(cases), is_active=True).order_by("display_name", "id")
    return [WithoutKeys(each, each.id in confirmed, [rows[case_id] for case_id in cases[each.id]]) for each in people]


def _permissions_without_key(actor: Actor) -> QuerySet[CaseUserObjectPermission]:
    epoch = UserKey.objects.filter(user=OuterRef("user_id"), active=True).values("epoch")[:1]
    wraps = KeyWrap.objects.filter(
        compartment__case=OuterRef("content_object_id"),
        kind=RecipientKind.USER,
        recipient=OuterRef("user_id"),
        recipient_epoch=OuterRef("present_epoch"),
    )
    mine = openable_wraps(actor).filter(compartment__case=OuterRef("content_object_id"))
    rows: QuerySet[CaseUserObjectPermission] = CaseUserObjectPermission.objects.filter(
        permission__codename="view_case", content_object__in=permitted(actor, "share_case").values("pk")
    ).exclude(user=actor.user)
    lacking = rows.annotate(present_epoch=Subquery(epoch)).filter(~Exists(wraps), Exists(mine))
    return lacking.order_by("content_object_id")


def is_anybody_without_keys(actor: Actor) -> bool:
    """Whether somebody who replaced their keys lacks one that the actor could give: for lists.

    One query over the people of the organisation; a second one only where somebody ever replaced their keys.
    """
    present = UserKey.objects.filter(user__organisation=actor.user.organisation_id, user__is_active=True, active=True)
    replaced = list(present.filter(epoch__gt=1).values_list("user_id", flat=True))
    return bool(replaced) and _permissions_without_key(actor).filter(user__in=replaced).exists()


@transaction.atomic
def share_again(actor: Actor, person: User, *, limit: int) -> int:
    """Give a person the keys to at most `limit` cases that they lack; how many still wait.

    What their earlier keys could open gets new keys first. Raises 404 for somebody who lacks nothing, and what
    `cases.sharing.grant` raises: UnconfirmedKeyError above all.
    """
    waiting = next((each for each in people_without_keys(actor) if each.person.id == person.id), None)
    if waiting is None:
        raise Http404
    done = waiting.cases[:limit]
    for case in done:
        opened = open_case(actor, case.reference, need="share_case", optional=ALL_COMPARTMENTS)
        finish_rekeys(opened)
        for level in sorted(each.level for each in roster_of(case).people if each.user.id == person.id):
            grant(opened, person, level)
    ledger.record("case.share_again", actor=actor, person=person.username, cases=[case.reference for case in done])
    return len(waiting.cases) - len(done)
