"""What is in the zip, and that it runs with nothing beside it but what Lambda has."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from infra import build

LAMBDA_HAS = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")


@pytest.fixture(scope="session")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("zip")
    zipfile.ZipFile(package / "postfach.zip").extractall(folder)
    return folder


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages that Lambda's Python runtime has."""
    folder = tmp_path_factory.mktemp("runtime")
    for name in LAMBDA_HAS:
        spec = find_spec(name)
        assert spec
        assert spec.origin
        source = Path(spec.origin)
        source = source.parent if source.name == "__init__.py" else source
        (folder / source.name).symlink_to(source)
    return folder


def test_the_zip_is_small(package: Path) -> None:
    assert (package / "postfach.zip").stat().st_size <= 10 * 1024 * 1024


def test_the_zip_holds_code_and_no_second_botocore(package: Path) -> None:
    names = zipfile.ZipFile(package / "postfach.zip").namelist()
    tops = {name.split("/")[0] for name in names}
    assert {"app.py", "chalicelib", "chalice", "pynamodb", "nh3", "msgspec"} <= tops
    assert not tops & {"botocore", "boto3", "selectolax", "pip", "tests", "infra", "moto"}


def test_the_zip_holds_every_module_compiled(package: Path) -> None:
    """Lambda's folder is read-only: what comes uncompiled is compiled again at every cold start."""
    names = zipfile.ZipFile(package / "postfach.zip").namelist()
    modules = {name.removesuffix(".py") for name in names if name.endswith(".py")}
    tag = f".{sys.implementation.cache_tag}.pyc"
    assert modules == {name.removesuffix(tag).replace("__pycache__/", "") for name in names if name.endswith(".pyc")}


def test_every_function_starts_from_the_zip_alone(unpacked: Path, runtime: Path, template: dict[str, Any]) -> None:
    """Each handler is imported by a fresh interpreter that sees the zip and Lambda's packages alone."""
    handlers = {
        resource["Properties"]["Handler"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    assert len(handlers) >= 4
    for handler in sorted(handlers):
        module, name = handler.rsplit(".", 1)
        code = f"import sys; sys.path[:0] = {[str(unpacked), str(runtime)]!r}\n"
        code += f"import {module}; assert callable({module}.{name})"
        environment = {"PATH": os.defpath, "AWS_DEFAULT_REGION": "eu-central-1"}
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", code], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{handler}: {done.stderr}"


def test_every_module_of_ours_starts_from_the_zip_alone(unpacked: Path, runtime: Path) -> None:
    """Lazy imports too: a requirement that only this environment has would fail at the first mail."""
    modules = [
        ".".join(path.relative_to(unpacked).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((unpacked / "chalicelib").rglob("*.py"))
        if path.name != "__main__.py"
    ]
    assert len(modules) > 20
    code = f"import sys; sys.path[:0] = {[str(unpacked), str(runtime)]!r}\nimport importlib\n"
    code += f"for name in {modules!r}: importlib.import_module(name)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_same_content_makes_the_same_bytes(package: Path, unpacked: Path, tmp_path: Path) -> None:
    bare, dependencies = tmp_path / "bare.zip", tmp_path / "deps"
    shutil.copytree(unpacked, dependencies)
    for path in dependencies.rglob("*"):
        os.utime(path, (1, 1))
    with zipfile.ZipFile(bare, "w") as out:
        out.writestr("app.py", (unpacked / "app.py").read_bytes())
    build.write_zip(bare, dependencies, tmp_path / "again.zip")
    again, first = (hashlib.sha256(p.read_bytes()) for p in (tmp_path / "again.zip", package / "postfach.zip"))
    assert again.hexdigest() == first.hexdigest()


def test_a_second_build_has_nothing_to_do(package: Path) -> None:
    assert build.build() is False
