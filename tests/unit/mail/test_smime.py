"""Opaque S/MIME signatures."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import understand
from chalicelib.mail.smime import signed_content


@pytest.fixture(scope="module")
def signer() -> pkcs7.PKCS7SignatureBuilder:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Eva Muster")])
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    )
    return pkcs7.PKCS7SignatureBuilder().add_signer(builder.sign(key, hashes.SHA256()), key, hashes.SHA256())


def signed(signer: pkcs7.PKCS7SignatureBuilder, content: bytes, encoding: serialization.Encoding) -> bytes:
    return signer.set_data(content).sign(encoding, [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities])


@pytest.mark.parametrize("size", [0, 1, 127, 128, 300, 70_000])
def test_the_content_of_real_signatures(signer: pkcs7.PKCS7SignatureBuilder, size: int) -> None:
    content = b"x" * size
    assert signed_content(signed(signer, content, serialization.Encoding.DER)) == content
    assert signed_content(signed(signer, content, serialization.Encoding.PEM)) == content


def test_the_mail_inside_is_the_body(signer: pkcs7.PKCS7SignatureBuilder) -> None:
    inner = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n"
    inner += b"--b\r\nContent-Type: image/gif\r\n\r\nGIF\r\n--b--\r\n"
    p7m = base64.encodebytes(signed(signer, inner, serialization.Encoding.DER))
    mail = understand(b"Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n" + p7m)
    assert mail["text"] == "Hello"
    assert [a["content_type"] for a in mail["attachments"]] == ["image/gif", "application/pkcs7-mime"]


@given(st.binary(max_size=200), st.integers(0, 60))
def test_any_bytes_give_bytes_or_none(data: bytes, cut: int) -> None:
    head = bytes.fromhex("3080060a2a864886f70d010702a0803080020101310030800609")
    for tried in (data, head[:cut] + data, b"\x30\x80" * cut + data):
        content = signed_content(tried)
        assert content is None or isinstance(content, bytes)
