"""format=flowed (RFC 3676): a line that ends in a blank goes on in the next one.

`unflow` joins the paragraphs that the writer wrote. QUIRK: quoted lines stay as they were sent (§4.5 would join them
too): their marks line by line are what quotes are recognised by, and a reader folds them away. A signature mark (`--
`) and an empty line always end a paragraph; space-stuffing (§4.4) is undone. Linear in the text.
"""

from __future__ import annotations


def unflow(text: str, delsp: bool = False) -> str:
    r"""`text` with its flowed lines joined. `delsp`: the blank that marks a flowed line is not part of the text."""
    out: list[str] = []
    is_open = False  # the last line goes on
    for line in text.split("\n"):
        is_quote = line.startswith(">")
        content = line if is_quote else line.removeprefix(" ")
        is_fixed = is_quote or content == "-- " or not content.strip()
        if out and not (is_open and not is_fixed):
            out.append("\n")
        is_open = not is_fixed and content.endswith(" ")
        out.append(content[:-1] if is_open and delsp else content)
    return "".join(out)
