"""The type of a file whose label says nothing (`application/octet-stream`): by its first bytes, else by its name."""

from __future__ import annotations

from typing import Final

#: Labels that tell nothing about the file.
GENERIC: Final = frozenset(
    [
        "application/octet-stream",
        "application/binary",
        "application/unknown",
        "application/x-unknown",
        "application/x-download",
        "application/force-download",
        "binary/octet-stream",
    ]
)
_MAGIC: Final = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftyp", "video/mp4"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"BM", "image/bmp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"BEGIN:VCALENDAR", "text/calendar"),
    (0, b"BEGIN:VCARD", "text/vcard"),
)
_ENDINGS: Final = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "zip": "application/zip",
    "csv": "text/csv",
    "txt": "text/plain",
    "log": "text/plain",
    "md": "text/markdown",
    "xml": "application/xml",
    "json": "application/json",
    "ics": "text/calendar",
    "vcf": "text/vcard",
    "eml": "message/rfc822",
    "msg": "application/vnd.ms-outlook",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "heic": "image/heic",
    "svg": "image/svg+xml",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "html": "text/html",
    "htm": "text/html",
    "p7s": "application/pkcs7-signature",
}


def by_content(label: str, filename: str | None, head: bytes) -> str:
    """The content type of a file, given its label, its name and its first bytes; the label unless it is generic."""
    if label not in GENERIC:
        return label
    ending = (filename or "").rpartition(".")[2].lower()
    if head.startswith(b"PK\x03\x04"):  # ZIP, and the office formats that are ZIPs inside
        named = _ENDINGS.get(ending, "")
        return named if "openxml" in named or "opendocument" in named else "application/zip"
    for offset, magic, content_type in _MAGIC:
        if head.startswith(magic, offset):
            return content_type
    return _ENDINGS.get(ending, label)
