"""From what queries found to what templates show. Written out by hand, field by field."""
