"""What is well nested already is passed on as it is, and cleans to the same as what is flattened."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.mail.html import clean
from chalicelib.mail.html_flatten import flatten

MANY = 600  # elements: more tags than those that are passed on for being few


def mail(inside: str, times: int = MANY) -> str:
    return f"<!DOCTYPE html><html><head><style>p {{color: red}}</style></head><body>{inside * times}</body></html>"


PLAIN = [
    "<p>a <b>b</b><br></p>",
    '<P CLASS="x">a</P>',
    "<div style='color: red'><span>a</span></div>",
    "<table><tr><td><table><tr><td>a</td></tr></table></td></tr></table>",
    "<ul><li>a<ul><li>b</li></ul></li></ul>",
    '<a href=https://x.example/a>b</a><img src="cid:a"/>',
    "<!-- a --><hr>",
]
NOT_PLAIN = [
    "<p>a<p>b</p></p>",
    "<div>a",
    "a</div>",
    "<b><i>a</b></i>",
    '<div title="</div>">a</div>',
    '<div title=">">a</div>',
    '<div x=\'"\' a=">">a</div>',
    '<div\xa0a="b">a</div>',
    "<svg><title>a</title></svg>",
    "<style><b></style>a</b>",
    "<a href=https://x.example>a<a href=https://x.example>b</a></a>",
    "<h1>a<h2>b</h2></h1>",
    "a < b",
]


@pytest.mark.parametrize("inside", PLAIN)
def test_what_is_well_nested_is_passed_on(inside: str) -> None:
    assert flatten(mail(inside)) == mail(inside)


@pytest.mark.parametrize("inside", NOT_PLAIN)
def test_what_a_parser_might_nest_otherwise_is_flattened(inside: str) -> None:
    assert flatten(mail(inside)) != mail(inside)


@pytest.mark.parametrize("inside", [*PLAIN, "<div>" * 99 + "a" + "</div>" * 99])
def test_both_ways_clean_to_the_same(inside: str) -> None:
    html = mail(inside)
    assert clean(html) == clean(flatten(html, always=True))


TREES = st.recursive(
    st.sampled_from(["a", "&amp;", "<br>", "<img src=cid:x>", "<hr/>"]),
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>",
        st.sampled_from(
            ["p", "div", "b", "font", "span", "table", "tr", "td", "ul", "li", "a", "h1", "blockquote", "pre", "center"]
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@given(TREES)
def test_any_well_formed_tree_cleans_to_the_same_both_ways(tree: str) -> None:
    html = mail(tree + "<i></i><i></i>")
    assert clean(html) == clean(flatten(html, always=True))
    assert clean(clean(html)) == clean(html)
