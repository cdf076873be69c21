"""Refusals of stage 2."""

from django.utils.translation import gettext_lazy as _

from casebook.core.errors import CasebookError


class OwnFindingError(CasebookError):
    """Nobody reviews words of their own."""

    code = "own-finding"
    status = 409
    message = _("You wrote this finding yourself. Another legal expert has to review it.")


class BeingCheckedError(CasebookError):
    """The testimony was changed, and the names found in it wait for the street lawyer."""

    code = "being-checked"
    status = 409
    message = _(
        "The testimony was changed, and the street lawyer is still checking the names in it. You can read it again "
        "as soon as that is done. Your notes are kept."
    )
