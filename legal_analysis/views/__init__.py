"""Pages of stage 2. Thin: open the door, check the form, call one action, answer."""
