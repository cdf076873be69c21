"""What a case still needs before its anonymised record may go to a reviewer."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cases.access import OpenCase
from cases.guards import has_consent
from cases.models import ConsentScope
from cases.stages import Missing
from publication.queries import Preview, Workbench, preview_of, reviewers_for, workbench_of


def missing_for_review(opened: OpenCase) -> tuple[Missing, ...]:
    """Consent to publish, names lifted, every proposal answered about this version, a title, no name left, a reviewer.

    What was not decided by anybody (`Preview.leftovers`) is looked at in the act of submitting.
    """
    bench = workbench_of(opened)
    return tuple(missing_in(opened, bench, preview_of(opened, bench)))


def missing_in(opened: OpenCase, bench: Workbench, preview: Preview) -> Iterator[Missing]:
    """`missing_for_review` for a workbench that is open already."""
    if not has_consent(opened.case, ConsentScope.PUBLISH):
        missing = _("Ask the person whether this may be published anonymised. The consent is missing or has run out.")
        yield Missing(missing, "cases:consent")
    if not bench.content.text.strip():
        yield Missing(_("Write down what happened."), "cases:narrative")
    elif not bench.content.confirmed:
        yield Missing(_("Check the names and numbers we found."), "cases:mentions")
    yield from _missing_decisions(bench)
    if preview.visible:
        words = _("Something you hide stands in a replacement again. Change that replacement.")
        yield Missing(words, "publication:redaction")
    if preview.names:
        yield Missing(_("A name or number of somebody on file is still in the text. Hide it."), "publication:redaction")
    if not reviewers_for(opened):
        yield Missing(_("Nobody can review this yet: your organisation needs an advocate who never saw the case."))


def _missing_decisions(bench: Workbench) -> Iterator[Missing]:
    if bench.left:
        left = ngettext("%(left)d answer is still missing.", "%(left)d answers are still missing.", bench.left)
        yield Missing(left % {"left": bench.left}, "publication:redaction")
    if bench.draft is None or bench.is_behind:
        words = _("The testimony was changed. Look through the proposals and save them again.")
        yield Missing(words if bench.is_behind else _("Save your decisions."), "publication:redaction")
    if not bench.state.title.strip():
        yield Missing(_("Give the record a public title."), "publication:redaction")
