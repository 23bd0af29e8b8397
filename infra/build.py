"""Build what is deployed: `build/sam.json` (the template) and `build/postfach.zip` (the code of every function).

    python -m infra.build [--lint] [--platform lambda|host]

One package serves every stage, on AWS and in the local cloud; stages differ in template parameters alone.

1. `infra/resources.yaml` becomes JSON, because chalice writes YAML with aliases when it merges YAML.
2. `chalice package` runs on a staged copy without requirements. Given ours, it would resolve them anew at each
   change of code (2-12 s), and it would follow PynamoDB to a second botocore (17 MB against 1 MB).
3. The pinned requirements are laid beside it as wheels for Lambda's platform, without their dependencies: each is
   listed in requirements.txt or requirements-vendor.txt itself, and a test imports the unpacked zip alone.
4. Both become one zip whose bytes depend on its content alone: an unchanged build is an unchanged deployment.

The build is skipped when no input changed (`build/inputs.sha256`). `--lint` runs cfn-lint on the result and fails
with it. The Python that builds is the Python that runs: chalice writes its version as the runtime, and wheels are
made for it.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import platform as platform_module
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
TEMPLATE = BUILD / "sam.json"
ZIP = BUILD / "postfach.zip"
CHALICE_STAGE = "main"
MAX_ZIP_BYTES = 10 * 1024 * 1024
OLDEST_PYTHON = (3, 11)
REQUIREMENTS = ("requirements.txt", "requirements-vendor.txt")

# Chalice picks its two runtime files itself; its requirement would bring its command line and botocore along.
NOT_PACKAGED = ("chalice",)
# What wheels carry and no function reads.
USELESS_SUFFIXES = (".pyc", ".pyi", ".pyx", ".pxd", ".pxi", ".c", ".h", "py.typed")


class BuildError(Exception):
    """The package cannot be built; the message is one sentence for people."""


class _TemplateLoader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """YAML with CloudFormation's short forms `!Ref`, `!Sub` and `!GetAtt`."""


def _short_form(loader: _TemplateLoader, suffix: str, node: yaml.Node) -> dict[str, object]:
    if not isinstance(node, yaml.ScalarNode) or suffix not in ("Ref", "Sub", "GetAtt"):
        raise BuildError(f"infra/resources.yaml:{node.start_mark.line + 1}: !{suffix} is not understood here")
    value = node.value
    if suffix == "GetAtt":
        return {"Fn::GetAtt": value.split(".", 1)}
    return {"Ref" if suffix == "Ref" else f"Fn::{suffix}": value}


_TemplateLoader.add_multi_constructor("!", _short_form)


def read_resources(text: str) -> dict[str, object]:
    """The merge file as plain data, anchors expanded."""
    resources = yaml.load(text, Loader=_TemplateLoader)
    if not isinstance(resources, dict):
        raise BuildError("infra/resources.yaml is not a map")
    return resources


def packaged_requirements(root: Path = ROOT) -> list[str]:
    """The pinned lines that go into the zip."""
    lines = [line.split("#")[0].strip() for name in REQUIREMENTS for line in (root / name).read_text().splitlines()]
    wanted = [line for line in lines if line and line.split("==")[0] not in NOT_PACKAGED]
    loose = [line for line in wanted if "==" not in line]
    if loose:
        raise BuildError(f"these requirements are not pinned with ==: {', '.join(loose)}")
    return wanted


def input_files(root: Path = ROOT) -> Iterator[Path]:
    """Every file that the package is made from, in a stable order."""
    single = ["app.py", "infra/resources.yaml", "infra/build.py", *REQUIREMENTS]
    yield from (root / name for name in single)
    yield from sorted((root / ".chalice").glob("*.json"))
    for path in sorted((root / "chalicelib").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            yield path


def inputs_hash(platform: str, root: Path = ROOT) -> str:
    """One hash over names and contents of the inputs, the Python version and the platform."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {platform}".encode())
    for path in input_files(root):
        content = path.read_bytes()
        digest.update(f"\n{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def host_runs_lambda_wheels() -> bool:
    """Whether wheels for Lambda (Linux, x86_64) run here, as the local cloud needs."""
    return sys.platform == "linux" and platform_module.machine() == "x86_64"


def _run(command: list[str], what: str) -> None:
    environment = {**os.environ, "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", "us-east-1")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise BuildError(f"{what} failed:\n{done.stdout}{done.stderr}".rstrip())


def install_dependencies(platform: str) -> Path:
    """Unpack the pinned wheels into `build/deps/<hash>`, once for each set of pins, Python and platform."""
    pins = packaged_requirements()
    tag = hashlib.sha256(json.dumps([pins, sys.version_info[:2], platform]).encode()).hexdigest()[:16]
    target = BUILD / "deps" / tag
    if target.exists():
        return target
    unfinished = target.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-compile",
    ]
    command += ["--only-binary", ":all:", "--target", str(unfinished)]
    if platform == "lambda":
        command += ["--platform", "manylinux2014_x86_64", "--platform", "manylinux_2_28_x86_64"]
        command += ["--implementation", "cp", "--python-version", "{}.{}".format(*sys.version_info)]
    _run([*command, *pins], "installing the packaged requirements")
    unfinished.rename(target)
    return target


def package_with_chalice(root: Path = ROOT, folder: Path = BUILD) -> Path:
    """Let chalice write template and bare zip (application code alone) from a staged copy; returns their folder.

    Raises `BuildError` when the application cannot be imported.
    """
    stage = folder / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    for path in input_files(root):
        copy = stage / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    for name in REQUIREMENTS:
        (stage / name).unlink()
    merge = stage / "resources.json"
    merge.write_text(json.dumps(read_resources((stage / "infra/resources.yaml").read_text())))
    out = stage / "out"
    command_line = [sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())"]
    chalice = [*command_line, "--project-dir", str(stage), "package", "--stage", CHALICE_STAGE]
    _run([*chalice, "--merge-template", str(merge), str(out)], "chalice package")
    return out


def bytecode(modules: dict[str, bytes]) -> dict[str, bytes]:
    """The compiled forms of modules, by the names Python looks for; they are used as they are (PEP 552, unchecked).

    Lambda's folder cannot be written to, so without them every cold start would compile every module: more time than
    all the imports take otherwise. Another Python than the one that builds ignores them. A fixed hash seed and a fresh
    process make the same bytes of the same modules.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, source in modules.items():
            (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / name).write_bytes(source)
        command = [
            sys.executable,
            "-m",
            "compileall",
            "-q",
            "--invalidation-mode",
            "unchecked-hash",
            "-s",
            folder,
            folder,
        ]
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode:
            raise BuildError(f"compiling failed:\n{done.stdout}{done.stderr}".rstrip())
        found = sorted(Path(folder).rglob("*.pyc"))
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def write_zip(bare: Path, dependencies: Path, target: Path) -> None:
    """Join chalice's zip and the dependencies; order, dates and permissions do not depend on who builds."""
    contents: dict[str, bytes] = {}
    for path in dependencies.rglob("*"):
        name = path.relative_to(dependencies).as_posix()
        # pip's own notes (RECORD, INSTALLER, direct_url) differ from build to build; metadata and licences stay.
        if path.is_file() and not name.endswith((*USELESS_SUFFIXES, "/RECORD", "/INSTALLER", "/REQUESTED")):
            contents[name] = path.read_bytes()
    with zipfile.ZipFile(bare) as source:
        contents |= {name: source.read(name) for name in source.namelist() if not name.endswith(".pyc")}
    contents |= bytecode({name: content for name, content in sorted(contents.items()) if name.endswith(".py")})
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if name.endswith(".so") else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, contents[name], compresslevel=9)


def lint() -> None:
    """Fail unless cfn-lint finds nothing at all in the template."""
    _run(
        [
            sys.executable,
            "-c",
            "import sys; from cfnlint.runner import main; sys.exit(main())",
            "--non-zero-exit-code",
            "informational",
            str(TEMPLATE),
        ],
        "cfn-lint",
    )


def build(platform: str = "lambda") -> bool:
    """Bring `build/` up to date; returns whether anything had to be built. Concurrent builds wait for each other."""
    if sys.version_info < OLDEST_PYTHON:
        raise BuildError(
            "Postfach needs Python {}.{} or newer; this is {}.{}.".format(*OLDEST_PYTHON, *sys.version_info)
        )
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = BUILD / "inputs.sha256"
        wanted = inputs_hash(platform)
        if stamp.exists() and stamp.read_text() == wanted and TEMPLATE.exists() and ZIP.exists():
            return False
        stamp.unlink(missing_ok=True)
        dependencies = install_dependencies(platform)
        out = package_with_chalice()
        write_zip(out / "deployment.zip", dependencies, ZIP)
        if ZIP.stat().st_size > MAX_ZIP_BYTES:
            raise BuildError(f"the zip has {ZIP.stat().st_size:,} bytes; more than {MAX_ZIP_BYTES:,} is not wanted")
        shutil.copyfile(out / "sam.json", TEMPLATE)
        stamp.write_text(wanted)
        return True


def main() -> int:
    """Build from the command line."""
    parser = argparse.ArgumentParser(description="Build Postfach's template and zip into build/.")
    parser.add_argument("--lint", action="store_true", help="run cfn-lint on the template; any finding fails")
    parser.add_argument("--platform", choices=["lambda", "host"], default="lambda", help="whose wheels the zip carries")
    arguments = parser.parse_args()
    try:
        fresh = build(arguments.platform)
        if arguments.lint:
            lint()
    except BuildError as error:
        print(f"build: {error}", file=sys.stderr)
        return 1
    print(
        f"{'built' if fresh else 'unchanged'}: {TEMPLATE.relative_to(ROOT)}, {ZIP.relative_to(ROOT)}"
        f" ({ZIP.stat().st_size:,} bytes)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
