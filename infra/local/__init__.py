"""The local cloud of `make run`: MiniStack with checkpoints, an SMTP front in the place of SES, one HTTP front, a supervisor."""
