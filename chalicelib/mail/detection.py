"""The charset of bytes that nobody labelled: UTF-8, ISO-2022-JP, or the candidate whose letters look like a language.

Each candidate is tried on a sample; what it decodes to is scored by how many of its non-ASCII letters are the common
ones of the languages that use it, in lower case (the reverse case is how KOI8-R looks in windows-1251). The best
score wins; windows-1252 where nothing does better. Own code: a general detector was slower, larger and took Russian
KOI8-R for Japanese (docs/decisions/013-charset-detection.md).
"""

from __future__ import annotations

import re
from typing import Final

SAMPLE: Final = 4_000  # bytes that are looked at
ESC_JAPANESE: Final = re.compile(rb"\x1b\$[@B]|\x1b\([JI]")

#: Codec, and its common letters. The order decides between equals.
_SINGLE_BYTE: Final = (
    ("cp1252", "äöüßéèêàâçîïôùûñáíóúãõåøæœÄÖÜÉÁÓÚÑÇÅØ„“”‘’–€¿¡«»°§"),
    ("cp1250", "ąćęłńóśźżĄĆŁŚŹŻáčďéěíňřšťúůýžÁČŘŠŽőűöüŐÖÜâăîșțşţ„”–"),
    ("iso8859-2", "ąćęłńóśźżĄĆŁŚŹŻáčďéěíňřšťúůýžÁČŘŠŽőűöüŐÖÜâăîşţ"),
    ("cp1254", "çğıöşüÇĞİÖŞÜâîû’“”"),
    ("cp1251", "оеаинтсрвлкмдпуяызьбгчйхжшюцщэфёъіїєґОЕАИНТСРВЛКМДПЗБГУ«»–—"),
    ("koi8-r", "оеаинтсрвлкмдпуяызьбгчйхжшюцщэфёъОЕАИНТСРВЛКМДПЗБГУ"),
    ("cp866", "оеаинтсрвлкмдпуяызьбгчйхжшюцщэфёъОЕАИНТСРВЛКМДПЗБГУ"),
    ("iso8859-5", "оеаинтсрвлкмдпуяызьбгчйхжшюцщэфёъОЕАИНТСРВЛКМДПЗБГУ"),
    ("cp1253", "αοιετσνηυρπκμλςωγδθχφβξζψάέίόύήώΑΕΚΜΠΤ"),
    ("cp1255", "יולהראבמתנשחפדקסעגטצכםןזךףץ"),
    ("cp1256", "اليمنوتربةعدسفهكقأحجشطصخإىذزثضغظئءآؤ،؟"),
    ("cp874", "กขคงจฉชซญดตถทธนบปผฝพฟภมยรลวศษสหอฮะาำิีึืุูเแโใไๆ่้๊๋์ั็"),
)  # fmt: skip
#: Scripts in which every letter is beyond ASCII: there the rarer ones count less, since any two such charsets overlap.
_BY_FREQUENCY: Final = frozenset(["cp1251", "koi8-r", "cp866", "iso8859-5", "cp1253", "cp1255", "cp1256"])
_WEIGHTS: Final = {
    codec: {c: 1.0 if codec not in _BY_FREQUENCY or i < 12 else 0.8 if i < 22 else 0.6 for i, c in enumerate(letters)}
    for codec, letters in _SINGLE_BYTE
}
_CASED: Final = frozenset(["cp1251", "koi8-r", "cp866", "iso8859-5", "cp1253"])
_KANA: Final = re.compile("[\u3041-\u30fe]")
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_WIDE: Final = re.compile("[^\x00-\x7f]")
_HALF_KANA: Final = re.compile("[\uff61-\uff9f]")
_WORD_TURNS_UPPER: Final = re.compile(r"[^\W\d_a-zA-Z][А-ЯЁΑ-Ω]")


def detect(data: bytes) -> str:
    """The most probable codec of `data`."""
    sample = data[:SAMPLE]
    if ESC_JAPANESE.search(sample):
        return "iso2022_jp_ext"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    high = sum(1 for byte in sample if byte >= 0x80)
    best, score = _single_byte(sample, high)
    wide = _wide(sample) if high * 2 > len(sample.strip()) or high > 40 else None
    if wide and wide[1] > score:
        return wide[0]
    return best if score > 0 else "cp1252"


def _single_byte(sample: bytes, high: int) -> tuple[str, float]:
    best, score = "cp1252", 0.0
    for codec, weights in _WEIGHTS.items():
        text = sample.decode(codec, "replace")
        known = sum(weights.get(letter, 0.0) for letter in text)
        plausible = (known - 2 * text.count("\ufffd")) / max(1, high)
        if codec in _CASED:
            plausible -= len(_WORD_TURNS_UPPER.findall(text)) / max(1, high)
        if plausible > score + 0.001:
            best, score = codec, plausible
    return best, score


def _wide(sample: bytes) -> tuple[str, float] | None:
    """The best East Asian codec and its score."""
    found: list[tuple[float, str]] = []
    for codec in ("cp932", "euc_jp", "euc_kr", "gb18030", "big5"):
        text = _decoded(sample, codec)
        if text is None:
            continue
        wide = max(1, len(_WIDE.findall(text)))
        kana, hangul, han = (len(pattern.findall(text)) / wide for pattern in (_KANA, _HANGUL, _HAN))
        if codec in ("cp932", "euc_jp"):
            score = 1.2 if kana > 0.15 and kana + han > 0.7 else 0.0
            score -= len(_HALF_KANA.findall(text)) / wide
        elif codec == "euc_kr":  # without the rare syllables of windows-949, as which Shift_JIS passes
            score = 1.3 if hangul > 0.85 else 0.0
        else:
            score = han * _common_han(sample, codec) + 0.1
        found.append((score, codec))
    if not found:
        return None
    score, codec = max(found)
    return ("cp949" if codec == "euc_kr" else codec), score


def _decoded(sample: bytes, codec: str) -> str | None:
    for cut in range(4):  # the sample may end inside a character
        try:
            return sample[: len(sample) - cut].decode(codec)
        except UnicodeDecodeError:
            continue
    return None


def _common_han(sample: bytes, codec: str) -> float:
    """The share of characters in the rows where the standards keep the common ones (GB 2312 16-55, Big5 A4-C6)."""
    first, last = (0xB0, 0xD7) if codec == "gb18030" else (0xA4, 0xC6)
    common = total = 0
    position = 0
    while position < len(sample):
        if sample[position] < 0x80:
            position += 1
            continue
        if 0xA1 <= sample[position] <= 0xA3:  # punctuation
            common += 1
        common += first <= sample[position] <= last
        total += 1
        position += 2
    return common / max(1, total)
