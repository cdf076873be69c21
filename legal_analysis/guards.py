"""What an analysis still needs before the case is anonymised."""

from django.utils.translation import gettext_lazy as _

from cases.access import OpenCase
from cases.stages import Missing
from legal_analysis.queries import ReviewState, open_findings


def missing_for_anonymisation(opened: OpenCase) -> tuple[Missing, ...]:
    """A finding, and for every finding a second expert who agrees or the visible mark that there is only one."""
    states = [each.state for each in open_findings(opened.case)]
    missing = []
    if not states:
        missing.append(Missing(_("Write at least one finding."), "legal_analysis:finding_add"))
    if ReviewState.WAITING in states:
        missing.append(
            Missing(
                _("Have every finding reviewed by a second expert, or mark it as the view of one expert."),
                "legal_analysis:case",
            )
        )
    if ReviewState.DISPUTED in states:
        missing.append(
            Missing(
                _("A second expert disagrees. Change the finding together, or mark it as the view of one expert."),
                "legal_analysis:case",
            )
        )
    return tuple(missing)
