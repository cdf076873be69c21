"""Stage 1: the case, the people in it, what happened, consent, evidence, and who may open it."""
