"""Every address x every kind of visitor: what each may see. An address that is missing here fails the suite."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.actions import deactivate, find_invitation, invite, reset_sign_in
from accounts.models import Role
from accounts.teams import create_panel, join
from casebook.core import checkpoints
from casebook.core.models import AuditEvent
from cases.access import OpenCase
from cases.actions import attach_evidence
from cases.emergency import ask
from cases.erasure.proposals import approve, propose_case
from cases.erasure.records import ErasureReason
from cases.levels import AccessLevel
from cases.models import EmergencyAccess, KeyWrap, Person, Statement
from cases.sharing import grant, grant_team, wall_off
from tests.builders import World, found_world, unlocked
from tests.cases.builders import case_in_analysis, new_case
from tests.clients import client_of, secure
from tests.core.test_uploads import receive
from tests.legal_analysis.builders import annotated, concluded, load_law, opened_by
from tests.publication.builders import case_in_review, case_to_anonymise, digest_of, published_case
from tests.test_teams import coordinators

VISITORS = (
    "anonymous",
    "locked",
    "lawyer",
    "colleague",
    "coordinator",
    "expert",
    "advocate",
    "admin",
    "auditor",
    "foreigner",
)
"""`lawyer` made the cases, `colleague` is a street lawyer without access, `locked` is the lawyer with closed keys,
`foreigner` holds every role in another organisation."""

MATRIX = Path(__file__).with_name("access_matrix.txt")


@dataclass
class Stand:
    """Cases at every stage, and what each address needs to be reached."""

    world: World
    other: World
    arguments: dict[str, dict[str, Any]]


@pytest.fixture
def stand(world: World, settings: Any, tmp_path: Path) -> Stand:
    settings.CASEBOOK_UPLOAD_DIR, settings.CASEBOOK_EVIDENCE_DIR = tmp_path / "uploads", tmp_path / "evidence"
    load_law()
    analysed = case_in_analysis(world)
    grant(analysed, world.people["expert"], AccessLevel.EXPERT)
    expert = opened_by(world, analysed.case)
    evidence = attach_evidence(analysed, receive(b"photo"))
    annotation, finding = annotated(expert), concluded(expert)
    anonymised, reviewed = case_to_anonymise(world), case_in_review(world)
    _opened, record = published_case(world)
    digest = digest_of(world, record)
    admin = unlocked(world.people["admin"])
    person = world.people["colleague"]
    gone = world.add("gone", Role.LEGAL_EXPERT)
    deactivate(admin, gone)
    panel = create_panel(admin, name="Panel")
    join(admin, panel, world.people["expert"])
    offered = invite(admin, display_name="New", roles=[Role.ADVOCATE])
    here = {"reference": analysed.case.reference}
    waiting = propose_case(analysed, ErasureReason.ASKED)
    erased = approve(world.actor("coordinator"), propose_case(new_case(world), ErasureReason.ASKED).pk)
    arguments: dict[str, dict[str, Any]] = {
        "accounts:ledger_entry": {
            "seq": AuditEvent.objects.filter(organisation=world.organisation.pk).earliest("seq").pk
        },
        "accounts:ledger_checkpoint": {"size": checkpoints.issue().size},
        "erasure:proposal": {"erasure_id": waiting.pk},
        "erasure:certificate": {"erasure_id": erased.pk},
        "cases:person_edit": {"person_id": Person.objects.filter(case=analysed.case).latest("id").pk},
        "cases:evidence_download": {"evidence_id": evidence.pk},
        "cases:revoke": {"person_id": world.people["expert"].pk},
        **_shared(world, analysed),
        "cases:history_version": {"version": Statement.history.filter(case=analysed.case).earliest().history_id},
        "legal_analysis:instrument": {"code": "ECHR"},
        "legal_analysis:annotation_edit": {"annotation_id": annotation.pk},
        "legal_analysis:finding_edit": {"finding_id": finding.pk},
        "publication:redaction": {"reference": anonymised.case.reference},
        "publication:review": {"reference": reviewed.case.reference},
        "publication:record": {"number": record.number},
        "publication:digest": {"digest_id": digest.pk},
        "accounts:person": {"person_id": person.pk},
        "mfa_remove_webauthn": {"pk": 1},
        "accounts:team": {"team_id": panel.pk},
        "accounts:leave_team": {"team_id": panel.pk, "person_id": world.people["expert"].pk},
        "accounts:give_team_key": {"team_id": panel.pk, "person_id": world.people["expert"].pk},
        "cases:person_access": {"person_id": person.pk},
        "accounts:reactivate": {"person_id": gone.pk},
        "accounts:invitation": {"token": offered},
        "accounts:withdraw_invitation": {"invitation_id": find_invitation(offered).pk},
        "accounts:redeem_reset": {"token": reset_sign_in(admin, person)},
    }
    for same, others in _SAME.items():
        arguments |= dict.fromkeys(others, arguments[same])
    for name in _names():
        if name.startswith(("cases:", "erasure:", "legal_analysis:", "publication:")) and _wants(name, "reference"):
            arguments[name] = {**here, **arguments.get(name, {})}
    other = found_world("Far Shore", "LT", with_people=False)
    other.add("foreigner", *Role)
    return Stand(world, other, arguments)


def _shared(world: World, opened: OpenCase) -> dict[str, dict[str, Any]]:
    """What the addresses need that tell who may open a case: a panel, a wall, a request, somebody without keys."""
    panel = create_panel(world.actor("admin"), name="Other panel")
    join(world.actor("admin"), panel, world.people["second"])
    panel.refresh_from_db()
    grant_team(opened, panel)
    walled = new_case(world)
    grant(walled, world.add("returned", Role.STREET_LAWYER), AccessLevel.CASEWORKER)
    KeyWrap.objects.filter(recipient=world.people["returned"].pk).delete()
    wall_off(walled, world.people["advocate"])
    ask(world.actor("colleague"), opened.case.reference, reason="Custody.", hours=1)
    return {
        "cases:revoke_team": {"team_id": panel.pk},
        "cases:wall_down": {"reference": walled.case.reference, "person_id": world.people["advocate"].pk},
        "cases:share_again": {"person_id": world.people["returned"].pk},
        "cases:team_rekey": {"team_id": coordinators(world).pk},
        "cases:decide_emergency": {"request_id": EmergencyAccess.objects.get().pk},
    }


_SAME = {
    "accounts:ledger_entry": ("accounts:ledger_proof",),
    "cases:person_edit": ("cases:person_remove", "erasure:person"),
    "erasure:proposal": ("erasure:approve", "erasure:refuse", "erasure:withdraw"),
    "erasure:certificate": ("erasure:forget_events",),
    "cases:evidence_download": ("cases:evidence_remove",),
    "legal_analysis:instrument": ("legal_analysis:instrument_confirm",),
    "legal_analysis:annotation_edit": ("legal_analysis:annotation_remove", "legal_analysis:reanchor"),
    "legal_analysis:finding_edit": ("legal_analysis:finding_review", "legal_analysis:finding_single"),
    "publication:redaction": ("publication:preview", "publication:submit"),
    "publication:record": ("publication:record_json", "publication:retract"),
    "publication:digest": (
        "publication:digest_edit",
        "publication:digest_issue",
        "publication:digest_pdf",
        "publication:digest_json",
    ),
    "accounts:person": (
        "accounts:confirm_keys",
        "accounts:set_roles",
        "accounts:reset_sign_in",
        "accounts:deactivate",
        "accounts:add_to_team",
        "accounts:end_sessions",
    ),
    "accounts:team": (
        "accounts:rename_panel",
        "accounts:delete_panel",
        "accounts:join_team",
        "accounts:renew_team_key",
    ),
}


def _patterns(resolver: Any, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _patterns(each, f"{each.namespace}:" if each.namespace else namespace)
        else:
            yield f"{namespace}{each.name}", each


def _names() -> list[str]:
    return [name for name, _pattern in _patterns(get_resolver())]


def _wants(name: str, argument: str) -> bool:
    return argument in dict(_patterns(get_resolver()))[name].pattern.converters


def _expected() -> dict[tuple[str, str], dict[str, int]]:
    """The table as it stands in access_matrix.txt: address, method, and a status for each visitor."""
    lines = [line.split() for line in MATRIX.read_text(encoding="utf-8").splitlines()]
    rows = [line for line in lines if line and not line[0].startswith("#")]
    return {(row[0], row[1]): dict(zip(VISITORS, map(int, row[2:]), strict=True)) for row in rows}


def _browser(stand: Stand, visitor: str) -> Client:
    match visitor:
        case "anonymous":
            return secure(Client())
        case "foreigner":
            return client_of(stand.other, visitor)
        case "locked":
            client = client_of(stand.world, "lawyer")
            client.post(reverse("accounts:lock"))
            return client
        case _:
            return client_of(stand.world, visitor)


def _status(stand: Stand, client: Client, name: str, method: str) -> int:
    """The status of one request; whatever it did is undone."""
    address = reverse(name, kwargs=stand.arguments.get(name, {}))
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        response = client.generic(method, address, b"", "application/x-www-form-urlencoded")
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return response.status_code


def test_every_address_stands_in_the_matrix() -> None:
    assert sorted(set(_names())) == sorted({name for name, _method in _expected()})


@pytest.mark.parametrize("visitor", VISITORS)
def test_each_visitor_sees_what_the_matrix_says_and_nothing_else(stand: Stand, visitor: str) -> None:
    expected = {key: row[visitor] for key, row in _expected().items()}
    client = _browser(stand, visitor)

    seen = {(name, method): _status(stand, client, name, method) for name, method in expected}

    assert seen == expected


def test_forbidden_and_missing_are_the_same_page(stand: Stand) -> None:
    client = client_of(stand.world, "colleague")
    there = client.get(reverse("cases:detail", kwargs=stand.arguments["cases:detail"]))
    nowhere = client.get(reverse("cases:detail", kwargs={"reference": "2222222"}))

    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert _without_tokens(there.content) == _without_tokens(nowhere.content)


def _without_tokens(page: bytes) -> bytes:
    """The page without its form tokens, which differ from one request to the next, and without its own address."""
    return re.sub(rb"(?<=[\"'])[A-Za-z0-9]{64}(?=[\"'])|/cases/\w+/", b"", page)
