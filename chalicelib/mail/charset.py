"""Bytes to text: by label, byte order mark, the bytes themselves; mojibake only where nothing tells, no exception.

Labels are read as browsers read them (WHATWG Encoding Standard §4.2), since mailers write `iso-8859-1` and mean
windows-1252. A text that is valid UTF-8 with non-ASCII letters is UTF-8, whatever single-byte charset the label
claims: the reverse does not happen by accident. `detect` guesses only when there is no label that fits.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from .detection import ESC_JAPANESE, SAMPLE, detect

_ALIASES: Final[dict[str, str]] = {
    **dict.fromkeys(
        ["ascii", "usascii", "iso88591", "latin1", "l1", "ansix341968", "cp819", "ibm819", "iso646us", "us"], "cp1252"
    ),
    **dict.fromkeys(["windows1252", "cp1252", "xcp1252", "win1252", "ansi", "westeuropean", "iso885911987"], "cp1252"),
    **dict.fromkeys(["utf8", "unicode11utf8", "unicode20utf8", "xunicode20utf8", "utf8n", "utf", "unicode"], "utf-8"),
    **dict.fromkeys(["unicode11utf7", "utf7", "xunicode11utf7", "csutf7"], "utf-7"),
    **dict.fromkeys(["iso88599", "latin5", "windows1254", "xcp1254", "iso885991989", "turkish"], "cp1254"),
    **dict.fromkeys(["iso88598i", "iso88598e", "logical", "visual", "iso88598"], "iso8859-8"),
    **dict.fromkeys(
        ["gb2312", "gbk", "xgbk", "gb231280", "csgb2312", "chinese", "gb18030", "cp936", "ms936", "936"], "gb18030"
    ),
    **dict.fromkeys(["euccn", "xeuccn", "iso2022cn"], "gb18030"),
    **dict.fromkeys(
        ["ksc56011987", "ksc5601", "euckr", "windows949", "cp949", "korean", "ksc56011989", "isoir149", "949"], "cp949"
    ),
    **dict.fromkeys(
        ["shiftjis", "sjis", "xsjis", "windows31j", "ms932", "mskanji", "csshiftjis", "cp932", "shiftjisx0213"], "cp932"
    ),
    **dict.fromkeys(["big5", "big5hkscs", "cnbig5", "csbig5", "xxbig5", "cp950"], "big5hkscs"),
    **dict.fromkeys(["tis620", "iso885911", "windows874", "dos874", "cp874"], "cp874"),
    **dict.fromkeys(
        ["iso2022jp", "csiso2022jp", "iso2022jpms", "cp50220", "cp50221", "jis", "iso2022jp1"], "iso2022_jp_ext"
    ),
    **dict.fromkeys(["iso2022kr", "csiso2022kr"], "iso2022_kr"),
    **dict.fromkeys(["macintosh", "mac", "xmacroman", "csmacintosh", "macroman", "applemacintosh"], "mac_roman"),
    **dict.fromkeys(["xmaccyrillic", "xmacukrainian"], "mac_cyrillic"),
    **dict.fromkeys(["utf16", "utf16le", "ucs2", "iso10646ucs2", "csunicode"], "utf-16-le"),
    **dict.fromkeys(["koi8r", "koi8", "koi", "cskoi8r"], "koi8-r"),
    **dict.fromkeys(["koi8u", "koi8ru"], "koi8-u"),
    **dict.fromkeys(["iso88596i", "iso88596e", "arabic", "asmo708", "ecma114"], "iso8859-6"),
    **dict.fromkeys(["suneugreek", "greek", "greek8", "ecma118", "elot928"], "iso8859-7"),
    **dict.fromkeys(["hzgb2312", "hz"], "hz"),
    **dict.fromkeys(["dos866", "cp866", "ibm866"], "cp866"),
    **dict.fromkeys(["eucjp", "xeucjp", "xeuc"], "euc_jp"),
    "iso885910": "iso8859-10",
    "utf16be": "utf-16-be",
    "utf32": "utf-32",
}
#: Labels that say nothing.
_NO_LABEL: Final = frozenset(
    ["", "unknown", "unknown8bit", "xunknown", "default", "none", "binary", "8bit", "7bit", "xuserdefined", "charset"]
)
#: Python's text codecs that are no charsets.
_NO_CHARSETS: Final = frozenset(["idna", "punycode", "unicodeescape", "rawunicodeescape", "undefined", "mbcs", "oem"])
#: Charsets in which bytes below 0x80 do not all mean ASCII.
_NOT_ASCII: Final = frozenset(["utf-7", "utf-16-le", "utf-16-be", "utf-32", "iso2022_jp_ext", "iso2022_kr", "hz"])
_MULTI_BYTE: Final = frozenset(["gb18030", "cp949", "cp932", "big5hkscs", "euc_jp", "utf-8", *_NOT_ASCII])
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: What a text is in that is not in the charset it claims.
_KIN: Final[dict[str, tuple[str, ...]]] = {
    "iso2022_jp_ext": ("cp932", "euc_jp"),
    "cp932": ("euc_jp",),
    "euc_jp": ("cp932",),
    "big5hkscs": ("gb18030",),
    "iso2022_kr": ("cp949",),
    "hz": ("gb18030",),
}
_ESCAPE_JAPANESE: Final = re.compile(rb"\x1b(?:\$[@B]|\([BJI])")
_META: Final = re.compile(
    rb"""<meta[^>]{0,500}?charset\s{0,20}=\s{0,20}["']?\s{0,20}([A-Za-z0-9_:.\-]{1,40})""", re.IGNORECASE
)
_C1: Final = {code: chr(code) for code in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def codec_for(label: str | None) -> str | None:
    """Python's name of the codec that a charset label means, or None when the label says nothing or nobody knows it."""
    key = re.sub(r"[^a-z0-9]", "", (label or "")[:60].lower())
    if key in _NO_LABEL or key in _NO_CHARSETS:
        return None
    if key in _ALIASES:
        return _ALIASES[key]
    if re.fullmatch(r"windows12\d\d", key):
        return "cp" + key[7:]
    for name in ((label or "").strip().strip("\"'").lower(), key):
        try:
            found = codecs.lookup(name)
        except (LookupError, ValueError):
            continue
        if found._is_text_encoding:
            return _ALIASES.get(re.sub(r"[^a-z0-9]", "", found.name), found.name)
    return None


def decode(data: bytes, label: str | None) -> tuple[str, tuple[str, ...]]:
    """The text that `data` means under the charset `label`, and defect codes (`unknown_charset`, `wrong_charset`)."""
    codec = codec_for(label)
    unknown = ("unknown_charset",) if label and codec is None and label.strip() else ()
    if data.isascii() and codec not in _NOT_ASCII and not (b"\x1b" in data and ESC_JAPANESE.search(data)):
        return data.decode("ascii"), unknown
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace"), ()
    if codec is None or (codec == "cp1252" and ESC_JAPANESE.search(data)):
        found = detect(data)
        return _replaced(data, found), unknown
    text = strictly(data, codec)
    if codec == "cp932" and text is not None and _is_euc_jp(data, text):
        return data.decode("euc_jp"), ("wrong_charset",)
    if text is not None and (codec in _MULTI_BYTE or (better := strictly(data, "utf-8")) is None):
        return text, ()
    if text is not None and better is not None:
        return better, ("wrong_charset",)
    return _wrong_label(data, codec), ("wrong_charset",)


def _is_euc_jp(data: bytes, text: str) -> bool:
    """Whether Shift_JIS is EUC-JP after all: read wrongly it is full of half-width katakana, which are rare."""
    sample = text[:SAMPLE]
    kana = sum(1 for letter in sample if "\uff61" <= letter <= "\uff9f")
    return kana * 4 > len(sample) and strictly(data, "euc_jp") is not None


def strictly(data: bytes, codec: str) -> str | None:
    """`data` in `codec`, or None if a byte does not fit. In cp1252 the five unused bytes are C1 controls (WHATWG)."""
    if codec == "iso2022_jp_ext":
        return _iso_2022_jp(data)
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        if codec == "cp1252":
            return (
                "".join(_C1.get(byte) or bytes([byte]).decode("cp1252") for byte in data)
                if len(data) < 1000
                else _latin(data)
            )
        return None
    except (LookupError, UnicodeError):
        return None


def _iso_2022_jp(data: bytes) -> str | None:
    """ISO-2022-JP with the vendors' characters (WHATWG §12.2): double-byte stretches read as windows-932."""
    if not data.isascii():
        return None
    out, mode, position = [], b"", 0
    for escape in [*_ESCAPE_JAPANESE.finditer(data), None]:
        piece = data[position : escape.start() if escape else len(data)]
        if mode in (b"\x1b$@", b"\x1b$B"):
            lines = piece.split(b"\n")  # a line end closes the stretch, whatever its writer forgot
            out.append(_jis_to_text(lines[0]))
            out += ["\n" + line.decode("ascii", "replace") for line in lines[1:]]
        elif mode == b"\x1b(I":
            out.append(bytes(byte | 0x80 for byte in piece).decode("cp932", "replace"))
        else:
            out.append(piece.decode("ascii", "replace"))
        if escape:
            mode, position = escape.group(), escape.end()
    return "".join(out)


def _jis_to_text(pairs: bytes) -> str:
    """JIS X 0208 pairs (row and cell, each 0x21-0x7E) as text, by way of Shift_JIS."""
    shifted = bytearray()
    for row, cell in zip(pairs[::2], pairs[1::2], strict=False):
        shifted.append((row + 1) // 2 + (0x70 if row < 0x5F else 0xB0))
        shifted.append((cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E) & 0xFF)
    return shifted.decode("cp932", "replace")


def _latin(data: bytes) -> str:
    table = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
    return data.decode("latin-1").translate(table)


def _replaced(data: bytes, codec: str) -> str:
    text = strictly(data, codec)
    return data.decode(codec, "replace") if text is None else text


def _wrong_label(data: bytes, codec: str) -> str:
    """The best reading of bytes that do not fit the charset they claim."""
    utf8 = data.decode("utf-8", "replace")
    broken = utf8.count("\ufffd")
    whole = sum(1 for byte in data if 0xC2 <= byte < 0xF5) if len(data) < SAMPLE else len(data) - len(utf8)
    if broken == 0 or (codec == "utf-8" and whole - broken > broken):
        return utf8
    claimed = data.decode(codec, "replace")
    if codec != "utf-8" and claimed.count("\ufffd") * 20 < max(20, len(claimed)):
        return claimed
    kin = next((other for other in _KIN.get(codec, ()) if strictly(data, other) is not None), None)
    found = kin or detect(data)
    return claimed if found == codec else _replaced(data, found)


def from_meta(data: bytes) -> str | None:
    """The charset an HTML document names itself in its first bytes (HTML §13.2.3.2)."""
    found = _META.search(data[:4096])
    return found[1].decode("ascii") if found else None
