"""The list of violations on a page: groups to choose from, what to gather for them, and what cannot wait."""

from collections.abc import Collection
from dataclasses import dataclass

from cases.violations import Violation, all_violations, evidence_kinds, group_label


@dataclass(frozen=True, slots=True)
class ViolationChoice:
    code: str
    label: str
    definition: str
    women: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class ViolationGroup:
    """A subgroup of the list: the usual kinds first, the rarer ones folded away."""

    code: str
    label: str
    usual: tuple[ViolationChoice, ...]
    rarer: tuple[ViolationChoice, ...]

    @property
    def chosen(self) -> int:
        return sum(choice.chosen for choice in (*self.usual, *self.rarer))

    @property
    def rarer_chosen(self) -> bool:
        return any(choice.chosen for choice in self.rarer)


def violation_groups(chosen: Collection[str], *, with_definitions: bool) -> list[ViolationGroup]:
    """The whole list in the order of the file. Definitions exist in English only."""
    groups: dict[str, list[Violation]] = {}
    for violation in all_violations().values():
        groups.setdefault(violation.subgroup, []).append(violation)
    return [
        ViolationGroup(
            code=subgroup,
            label=group_label(subgroup),
            usual=tuple(_choice(each, chosen, with_definitions) for each in members if each.core),
            rarer=tuple(_choice(each, chosen, with_definitions) for each in members if not each.core),
        )
        for subgroup, members in groups.items()
    ]


def _choice(violation: Violation, chosen: Collection[str], with_definition: bool) -> ViolationChoice:
    return ViolationChoice(
        code=violation.code,
        label=violation.label,
        definition=violation.definition if with_definition else "",
        women=violation.women_specific,
        chosen=violation.code in chosen,
    )


@dataclass(frozen=True, slots=True)
class EvidenceHint:
    label: str
    gathered: bool


@dataclass(frozen=True, slots=True)
class UrgentHint:
    """What to do at once for one kind of violation."""

    violation: str
    action: str


def evidence_hints(codes: Collection[str], gathered: Collection[str]) -> list[EvidenceHint]:
    """What to gather for these kinds of violation, each thing once; what is on file already comes last."""
    terms = evidence_kinds()
    wanted = dict.fromkeys(
        kind for code in codes if code in all_violations() for kind in all_violations()[code].evidence
    )
    hints = [EvidenceHint(str(terms[kind]), kind in gathered) for kind in wanted if kind in terms]
    return sorted(hints, key=lambda hint: hint.gathered)


def urgent_hints(codes: Collection[str]) -> list[UrgentHint]:
    """Deadlines of hours and days that come with these kinds of violation."""
    known = (all_violations()[code] for code in all_violations() if code in codes)
    return [UrgentHint(each.label, each.urgent_action) for each in known if each.urgent_action]
