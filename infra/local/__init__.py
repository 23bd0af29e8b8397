"""The local cloud of `make run`: MiniStack with checkpoints, an SMTP front for SES, an HTTP front, a supervisor."""
