"""What intake still needs before legal experts may read a case."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.access import OpenCase
from cases.contents import StatementContent
from cases.models import Case, Consent, ConsentScope
from cases.queries import statement_of
from cases.stages import Missing


def has_consent(case: Case, scope: ConsentScope) -> bool:
    """Whether the person said yes to this scope, has not taken it back, and it has not run out."""
    unexpired = Q(until=None) | Q(until__gte=timezone.localdate())
    return Consent.objects.filter(unexpired, case=case, scope=scope, given=True, withdrawn=False).exists()


def missing_for_analysis(opened: OpenCase) -> tuple[Missing, ...]:
    """What legal experts wait for, read anew."""
    return still_missing(
        statement_of(opened)[1],
        agreed=has_consent(opened.case, ConsentScope.EXPERTS),
        violations=opened.case.violations.exists(),
    )


def still_missing(content: StatementContent, *, agreed: bool, violations: bool) -> tuple[Missing, ...]:
    """Consent to share with experts, a kind of violation, a narrative, and its mentions confirmed."""
    missing = []
    if not agreed:
        missing.append(Missing(_("Ask her whether legal experts may read this."), "cases:consent"))
    if not violations:
        missing.append(Missing(_("Choose at least one kind of violation."), "cases:facts"))
    if not content.text.strip():
        missing.append(Missing(_("Write down what happened."), "cases:narrative"))
    elif not content.confirmed:
        missing.append(Missing(_("Check the names and numbers we found."), "cases:mentions"))
    return tuple(missing)
