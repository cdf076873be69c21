"""The pages of stage 3."""
