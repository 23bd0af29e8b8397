"""The language files: complete, clean, quick to load."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from chalicelib.mail import languages
from chalicelib.mail.languages import folded, read_languages, vocabulary
from chalicelib.mail.signatures import is_sent_from

FOLDER = Path(languages.__file__).parent
CODES = sorted(vocabulary().languages)
# The languages that support is promised in; others are welcome.
PROMISED = """
    en de fr es pt it nl pl ru uk cs sk hu ro bg el tr sv nb da fi et lv lt hr sl sr
    ja ko zh-Hans zh-Hant ar he fa hi th vi id
"""


def test_promised_languages_are_there() -> None:
    assert set(PROMISED.split()) <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_words_are_clean_and_given_once(code: str) -> None:
    language = vocabulary().languages[code]
    lists = {
        name: getattr(language, name)
        for name in language.__struct_fields__
        if name not in ("name", "labels", "vacation")
    }
    lists |= {f"labels.{name}": getattr(language.labels, name) for name in language.labels.__struct_fields__}
    for name, words in lists.items():
        assert len({folded(word) for word in words}) == len(words), name
        for word in words:
            assert word == " ".join(word.split()), (name, word)
            assert word.strip(":：") == word, (name, word)
            assert name == "sent_from" or "…" not in word, (name, word)
    for name in (
        "labels.from_",
        "labels.date",
        "labels.to",
        "labels.cc",
        "labels.subject",
        "wrote",
        "forwarded",
        "original",
    ):
        assert lists[name], name


@pytest.mark.parametrize("code", CODES)
def test_phrases_of_phones_are_found(code: str) -> None:
    for phrase in vocabulary().languages[code].sent_from:
        assert phrase.count("…") <= 2, phrase
        assert is_sent_from(phrase.replace("…", "iPhone"), vocabulary()), phrase


def test_every_key_is_explained() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name in vocabulary().languages["en"].__struct_fields__:
        assert f"`{name}" in readme


def test_broken_file_is_refused(tmp_path: Path) -> None:
    text = (FOLDER / "en.json").read_text(encoding="utf-8")
    (tmp_path / "xx.json").write_text(text.replace('"wrote"', '"wrotte"'), encoding="utf-8")
    with pytest.raises(msgspec.ValidationError):
        read_languages(tmp_path)


def test_labels_rarely_mean_two_things() -> None:
    """A label with two meanings makes blocks of two languages look alike; each such word is a decision."""
    double = {label for label, meanings in vocabulary().labels.items() if len(set(meanings) - {"other"}) > 1}
    assert double == set()


def test_folding_ignores_what_readers_do_not_see() -> None:
    assert folded("\u202bVON\u200f") == folded("von") == "von"
    assert folded("A\u0308NDERUNG") == folded("änderung")
    assert folded("İLT") == folded("ilt")
    assert folded("De\u00a0la") == "de la"
    assert folded("d’origine") == folded("d'origine")


def test_loading_is_cheap() -> None:
    """At most a few times what parsing the same bytes as JSON costs: no pattern is compiled per word."""
    code = (
        "import time, json, pathlib\n"
        "from chalicelib.mail import languages as l\n"
        "folder = pathlib.Path(l.__file__).parent\n"
        "def least(f):\n"
        "    times = []\n"
        "    for _ in range(7):\n"
        "        start = time.process_time(); f(); times.append(time.process_time() - start)\n"
        "    return min(times)\n"
        "plain = least(lambda: [json.loads(p.read_bytes()) for p in folder.glob('*.json')])\n"
        "print(least(l.vocabulary.__wrapped__) / plain)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=FOLDER.parents[2]
    )
    assert float(run.stdout) < 8
