"""The MIME tree: structure, boundaries, bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail import bounds
from chalicelib.mail.parse import Part, parse

LINE = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=30).filter(
    lambda line: not line.startswith("--")
)
BODIES = st.lists(LINE, max_size=5).map(lambda lines: "\n".join(lines).encode())


def leaves(root: Part) -> list[bytes]:
    return [part.body() for part in root.walk() if not part.children]


def multipart(bodies: list[bytes], boundary: bytes = b"b", end: bytes = b"\n") -> bytes:
    text = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\n\n'
    text += b"".join(b"--" + boundary + b"\nContent-Type: text/plain\n\n" + body + b"\n" for body in bodies)
    return (text + b"--" + boundary + b"--\n").replace(b"\n", end)


@given(st.lists(BODIES, min_size=1, max_size=5), st.sampled_from([b"\n", b"\r\n"]))
def test_each_part_has_its_body_whatever_the_line_ends(bodies: list[bytes], end: bytes) -> None:
    root = parse(multipart(bodies, end=end))
    assert leaves(root) == [body.replace(b"\n", end) for body in bodies]
    assert root.all_defects() == []


@given(st.binary(max_size=400))
def test_any_bytes_give_a_tree(data: bytes) -> None:
    for part in parse(data).walk(messages=True):
        part.body()
        part.text()


@given(st.lists(BODIES, min_size=1, max_size=3), st.integers(0, 200))
def test_a_mail_cut_anywhere_gives_a_tree(bodies: list[bytes], cut: int) -> None:
    raw = multipart(bodies)
    assert sum(map(len, leaves(parse(raw[:-cut] if cut else raw)))) <= len(raw)


@pytest.mark.parametrize(
    ("raw", "bodies", "defects"),
    [
        (b"", [b""], []),
        (b"\n", [b""], []),
        (b"A: b\n\nx", [b"x"], []),
        (b"A: b\n", [b""], []),
        (b"\r\rx", [b"x"], ["bare_cr", "missing_blank_line"]),
        (
            b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo",
            [b"one", b"two"],
            ["missing_end_boundary"],
        ),
        (b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none--b--\n", [b"one"], ["missing_end_boundary"]),
        (b"Content-Type: multipart/mixed; boundary=b\n\n--b--\n", [b"--b--\n"], ["wrong_boundary"]),
        (b"Content-Type: multipart/mixed; boundary=b\n\n--b\n--b--\n", [b""], []),
        (b"Content-Type: multipart/mixed; boundary=b\n--b\n\nx\n--b--\n", [b"x"], ["missing_blank_line"]),
        (b"Content-Type: multipart/mixed boundary=b\n\n--b\n\nx\n--b--\n", [b"x"], []),
        (b"Content-Type: MULTIPART/Mixed; BOUNDARY=b\n\n--B\n\n--b\n\nx\n--b--\n", [b"x"], []),
    ],
)
def test_structures(raw: bytes, bodies: list[bytes], defects: list[str]) -> None:
    root = parse(raw)
    assert leaves(root) == bodies
    assert root.all_defects() == defects


def test_an_attached_mail_is_opened_when_asked() -> None:
    raw = b"Content-Type: message/rfc822\n\nSubject: inner\n\nhello"
    root = parse(raw)
    assert [part.content_type for part in root.walk()] == ["message/rfc822"]
    assert [part.headers.get("subject") for part in root.walk(messages=True)] == [None, "inner"]
    assert root.body() == b"Subject: inner\n\nhello"


def test_an_attached_mail_in_base64_is_opened() -> None:
    raw = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKeQ==\n"
    (inner,) = parse(raw).children
    assert inner.headers.get("subject") == "x"
    assert inner.body() == b"y"


@pytest.mark.parametrize("depth", [bounds.MAX_DEPTH - 1, bounds.MAX_DEPTH + 20])
def test_depth_is_bounded(depth: int) -> None:
    raw = b"\nx"
    for i in range(depth):
        name = b"b%dx" % i
        raw = (
            b"Content-Type: multipart/mixed; boundary="
            + name
            + b"\n\n--"
            + name
            + b"\n"
            + raw
            + b"\n--"
            + name
            + b"--\n"
        )
    root = parse(raw)
    deepest = max(part.depth for part in root.walk())
    assert deepest == min(depth, bounds.MAX_DEPTH)
    assert ("nested_too_deeply" in root.all_defects()) == (depth > bounds.MAX_DEPTH)


def test_parts_are_bounded_over_attached_mails() -> None:
    inner = b"Content-Type: multipart/mixed; boundary=i\n\n" + b"--i\n\nx\n" * 300 + b"--i--\n"
    part = b"--o\nContent-Type: message/rfc822\n\n" + inner
    root = parse(b"Content-Type: multipart/mixed; boundary=o\n\n" + part * 20 + b"--o--\n")
    assert len(list(root.walk(messages=True))) <= bounds.MAX_PARTS + 1
    assert "too_many_parts" in root.all_defects()


def test_the_raw_body_is_not_copied() -> None:
    raw = b"A: b\n\n" + b"x" * 100
    view = parse(raw).raw_body()
    assert view.obj is raw
    assert bytes(view) == b"x" * 100


def test_a_multipart_in_base64_has_no_encoding_of_its_own() -> None:
    root = parse(multipart([b"x"]).replace(b"Content-Type", b"Content-Transfer-Encoding: base64\nContent-Type", 1))
    assert leaves(root) == [b"x"]


@pytest.mark.parametrize(
    ("field", "content_type", "is_defect"),
    [
        (b"text/plain", "text/plain", False),
        (b"TEXT/HTML; charset=x", "text/html", False),
        (b"text", "text/plain", True),
        (b"html", "text/html", True),
        (b"multipart", "text/plain", True),
        (b"nonsense", "application/octet-stream", True),
        (b"", "text/plain", False),
        (b"=?utf-8?Q?x?=", "text/plain", True),
    ],
)
def test_content_types(field: bytes, content_type: str, is_defect: bool) -> None:
    root = parse(b"Content-Type: " + field + b"\n\nx")
    assert root.content_type == content_type
    assert ("broken_content_type" in root.defects) == is_defect


def test_html_without_label_names_its_own_charset() -> None:
    raw = b"Content-Type: text/html\n\n<meta charset=windows-1251>\xcf\xf0\xe8\xe2\xe5\xf2"
    assert parse(raw).text().endswith("Привет")
