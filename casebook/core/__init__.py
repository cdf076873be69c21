"""What every stage stands on: sealing, the ledger, errors, uploads, security headers and start-up checks."""
