"""What users do with tickets: open, read, change, link, comment."""
