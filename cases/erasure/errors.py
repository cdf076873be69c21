"""Why an erasure does not happen. Each says what to do; nothing was written. The attempt stands in the ledger
(`casebook.core.middleware`)."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from casebook.core.errors import CasebookError


class ErasureRefusedError(CasebookError):
    code = "erasure-refused"
    status = HTTPStatus.CONFLICT
    message = _("This can't be erased now.")


class HeldError(ErasureRefusedError):
    code = "legal-hold"
    message = _("A legal hold keeps this case. Nothing was erased. A coordinator can lift the hold on the case's page.")


class StillPublishedError(ErasureRefusedError):
    code = "still-published"
    message = _(
        "A record of this case is published. An advocate has to take it back first; then the case can be erased."
    )


class AlreadyProposedError(ErasureRefusedError):
    code = "already-proposed"
    message = _("This is proposed for erasure already. It waits for a second person.")


class OwnProposalError(ErasureRefusedError):
    code = "own-proposal"
    status = HTTPStatus.FORBIDDEN
    message = _("You proposed this yourself. Somebody else has to approve it. Nothing was erased.")


class AlreadyDecidedError(ErasureRefusedError):
    code = "already-decided"
    message = _("Somebody else decided about this a moment ago. Look below at what was decided.")


class ChangedMeanwhileError(ErasureRefusedError):
    code = "changed-meanwhile"
    message = _(
        "The case was changed after this was proposed, so nothing was erased. Refuse this proposal; if the case shall "
        "still be erased, let it be proposed anew."
    )


class NeedsKeysError(ErasureRefusedError):
    code = "needs-keys"
    status = HTTPStatus.FORBIDDEN
    message = _(
        "Only somebody who can open the case can erase one person in it: her words have to be taken out of the story. "
        "Nothing was erased. Ask a coordinator who works on the case."
    )
