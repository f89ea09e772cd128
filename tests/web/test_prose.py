"""Text of an analyst as safe HTML."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from caseloom.web import prose


def test_headings_lists_and_paragraphs():
    shown = prose.to_html("# Report\n\nTell us **what**.\nSoon.\n\n- one\n- two")

    assert shown == (
        "<h2>Report</h2><p>Tell us <strong>what</strong>.<br>Soon.</p><ul><li>one</li><li>two</li></ul>"
    )


def test_markup_in_the_text_stays_text():
    assert prose.to_html("<script>alert(1)</script>") == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


def test_a_link_leads_only_to_the_web():
    shown = prose.to_html("[a](https://example.org) [b](javascript:alert(1))")

    assert 'href="https://example.org"' in shown
    assert 'href="javascript' not in shown


ALLOWED = {"div", "h2", "h3", "h4", "p", "ul", "li", "strong", "em", "code", "a", "br"}


@given(st.text(alphabet="<>&\"'#*_-`[]()\n ahtps:/=", max_size=200))
def test_nothing_but_the_allowed_tags_comes_out(text):
    root = html.fragment_fromstring(str(prose.to_html(text)), create_parent="div")

    assert {element.tag for element in root.iter()} <= ALLOWED
    assert all(set(element.attrib) <= {"href", "rel"} for element in root.iter())
