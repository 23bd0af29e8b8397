"""Understanding and composing mail: bytes in, values out. No AWS, no environment, never raises on any input.

`read_mail(raw)` is what code uses, `understand(raw)` the same as plain JSON values, `attachment_content(raw, index)`
the bytes of one attachment. The order of the work stands in `read.py`.
"""

from .model import ParsedMail
from .read import attachment_content, read_mail, understand

__all__ = ["ParsedMail", "attachment_content", "read_mail", "understand"]
