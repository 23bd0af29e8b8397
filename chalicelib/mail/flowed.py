"""format=flowed (RFC 3676): lines that end in a blank go on in the next; quote marks and signatures stay lines."""

from __future__ import annotations

from itertools import takewhile


def unflow(text: str, delsp: bool = False) -> str:
    r"""`text` with its flowed lines joined. `delsp`: the blank that marks a flowed line is not part of the text."""
    if " \n" not in text:
        return text.replace("\n ", "\n").removeprefix(" ") if "\n " in text or text.startswith(" ") else text
    out: list[str] = []
    open_depth: int | None = None  # quote depth of the paragraph that goes on
    for line in text.split("\n"):
        depth = sum(1 for _ in takewhile(lambda c: c == ">", line))
        content = line[depth:]
        content = content.removeprefix(" ")
        is_signature = content == "-- "
        if open_depth is not None and open_depth == depth and not is_signature:
            out.append(content)
        else:
            if out:
                out.append("\n")
            out.append(">" * depth + " " + content if depth else content)
        open_depth = None
        if content.endswith(" ") and not is_signature:
            open_depth = depth
            if delsp:
                out[-1] = out[-1][:-1]
    return "".join(out)
