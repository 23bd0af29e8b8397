"""`python -m chalicelib.mail [FILE ...]`: one JSON object a line for each mail (standard input without a file)."""

from __future__ import annotations

import sys

import msgspec

from .read import understand


def main(paths: list[str]) -> int:
    """Print the understanding of each file; 1 if one cannot be opened."""
    out = sys.stdout.buffer
    failed = 0
    for path in paths or ["-"]:
        try:
            if path == "-":
                raw = sys.stdin.buffer.read()
            else:
                with open(path, "rb") as file:
                    raw = file.read()
        except OSError as error:
            sys.stderr.write(f"{path}: {error.strerror}\n")
            failed = 1
            continue
        out.write(msgspec.json.encode(understand(raw)) + b"\n")
    out.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
