"""The build's own rules."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from infra import build


def test_short_forms_become_intrinsics() -> None:
    text = "{a: !Ref T, b: !Sub 'x-${T}', c: !GetAtt T.Arn}"
    assert build.read_resources(text) == {
        "a": {"Ref": "T"},
        "b": {"Fn::Sub": "x-${T}"},
        "c": {"Fn::GetAtt": ["T", "Arn"]},
    }


def test_anchors_are_expanded() -> None:
    text = "{a: &x {k: 1}, b: *x, c: {<<: *x, l: 2}}"
    assert build.read_resources(text) == {"a": {"k": 1}, "b": {"k": 1}, "c": {"k": 1, "l": 2}}


@pytest.mark.parametrize(("text", "fault"), [("a: !Join [x]", "!Join is not understood"), ("- a", "not a map")])
def test_what_is_not_understood_is_refused(text: str, fault: str) -> None:
    with pytest.raises(build.BuildError, match=fault):
        build.read_resources(text)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for path in build.input_files():
        copy = tmp_path / path.relative_to(build.ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return tmp_path


@pytest.mark.parametrize("name", ["app.py", "chalicelib/config.py", "infra/resources.yaml", ".chalice/policy-api.json"])
def test_a_changed_input_changes_the_hash(tree: Path, name: str) -> None:
    before = build.inputs_hash("lambda", tree)
    (tree / "README.md").write_text("no input")
    assert build.inputs_hash("lambda", tree) == before
    assert build.inputs_hash("host", tree) != before
    (tree / name).write_text((tree / name).read_text() + "\n")
    assert build.inputs_hash("lambda", tree) != before


def test_requirements_must_be_pinned(tree: Path) -> None:
    assert "chalice" not in {line.split("==")[0] for line in build.packaged_requirements(tree)}
    (tree / "requirements.txt").write_text("nh3>=0.3\n")
    with pytest.raises(build.BuildError, match=r"not pinned with ==: nh3>=0\.3"):
        build.packaged_requirements(tree)


def test_an_application_that_cannot_be_imported_is_not_packaged(tree: Path, tmp_path: Path) -> None:
    (tree / "app.py").write_text("import nothing_of_this_name")
    with pytest.raises(build.BuildError, match="nothing_of_this_name"):
        build.package_with_chalice(tree, tmp_path / "build")
