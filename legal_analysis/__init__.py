"""Stage 2: the law in versions, annotations of the testimony, findings and their reviews."""
