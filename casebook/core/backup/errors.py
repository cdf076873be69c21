"""Why a backup or a restore was refused, in words for whoever runs the server."""

from casebook.core.errors import CasebookError


class BackupRefusedError(CasebookError):
    """Nothing was written, or nothing was left of it. `reason` says why and what to do; it names no row."""

    code = "backup-refused"

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return self.reason
