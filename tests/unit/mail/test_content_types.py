"""The type of files with labels that say nothing."""

from __future__ import annotations

import pytest

from chalicelib.mail.content_types import by_content

OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("label", "name", "head", "content_type"),
    [
        ("image/png", "a.pdf", b"%PDF-", "image/png"),
        ("application/octet-stream", None, b"%PDF-1", "application/pdf"),
        ("application/octet-stream", "a.doc", b"%PDF-1", "application/pdf"),
        ("application/octet-stream", "a.docx", b"PK\x03\x04", OFFICE),
        ("application/octet-stream", "a.exe", b"PK\x03\x04", "application/zip"),
        ("application/octet-stream", "a.PDF", b"?", "application/pdf"),
        ("application/octet-stream", "a.svg", b"<svg", "image/svg+xml"),
        ("binary/octet-stream", "a", b"RIFF....WEBP", "image/webp"),
        ("application/x-unknown", None, b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("application/octet-stream", None, b"", "application/octet-stream"),
        ("application/octet-stream", "a.unheard-of", b"?", "application/octet-stream"),
    ],
)
def test_types(label: str, name: str | None, head: bytes, content_type: str) -> None:
    assert by_content(label, name, head) == content_type
