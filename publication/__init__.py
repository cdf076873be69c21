"""Stage 3: redaction, review, the public record, digests and taking consent back."""
