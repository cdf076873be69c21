"""Backups: the whole database and the sealed evidence files in two parts, each sealed to the organisation's backup key.

`parts` says which table goes where, `sealed_file` is the format, `rows` turns rows into bytes and back, `making`
writes the two parts, `restoring` reads them, `key_file` keeps the private half, `retention` ends what has expired.
"""
