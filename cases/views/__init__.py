"""The pages of stage 1, one module a room."""
