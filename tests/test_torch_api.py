"""docs/torch-api.md is what the package says, and every reason in it is needed."""

import importlib.util
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture(scope="module")
def api_page():
    at = importlib.util.spec_from_file_location("api_page", ROOT / "tools" / "api_page.py")
    module = importlib.util.module_from_spec(at)
    at.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def states(api_page):
    return api_page.states()


def test_the_page_is_up_to_date(api_page):
    assert api_page.PAGE.read_text() == api_page.page(), "run: python tools/api_page.py"


def test_what_the_page_says_of_a_name_is_so(api_page, states):
    """Read the page itself: names under "Works" and "Differs" resolve, the others do not."""
    sections = re.split(r"^## ", api_page.PAGE.read_text(), flags=re.MULTILINE)[1:]
    for text, (section, found) in zip(sections, states.items(), strict=True):
        assert text.startswith(api_page.title(section) + "\n")
        absent = text.partition("\nNot here:\n")[2]
        names = re.sub(r"^- .*?:\s+(?=`)", "", absent, flags=re.M | re.S)
        said = set(re.findall(r"`([^`]+)`", names))
        for row, _ in found:
            try:
                api_page.find(row)
                here = True
            except LookupError:
                here = False
            assert here == (row.name not in said), f"{row.full}: here is {here}"


def test_every_missing_name_has_a_reason(states):
    bare = [r.full for found in states.values() for r, s in found
            if s.word == "missing" and s.said == "not written yet"]  # fmt: skip
    assert not bare, bare


def test_every_reason_is_used(api_page, states):
    """Otherwise what it speaks of has come, or gone."""
    rows = [(r.full, s.word) for found in states.values() for r, s in found]
    for pattern, (word, _) in api_page.reasons().items():
        assert any(w == word and re.fullmatch(pattern, full) for full, w in rows), pattern


def test_most_of_torch_is_here(states):
    """A guard against a page that finds nothing: counts are read from the package."""
    words = [s.word for found in states.values() for _, s in found]
    assert words.count("works") > 2400
