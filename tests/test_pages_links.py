"""Addresses and links of pages: there and back, on a server and in a static site."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dress_kg import terms
from dress_kg.pages.address import KINDS, SINGLE, Address, parse
from dress_kg.pages.asset_files import asset, assets, hashed
from dress_kg.pages.links import ServerLinks, SiteLinks, file_of, web

ITEM = terms.evidence("dress", "a-b-2016")
EACH = [
    *(Address(name) for name in SINGLE),
    Address("items", number=7),
    Address("item", ITEM),
    Address("agent", terms.vocabulary("cyclosporine")),
    Address("publication", terms.publication("lee-2008")),
    Address("table", "dress", 2),
    Address("quality", "dress"),
    Address("quality", "dress", 3, ("rule", "dose-implausible")),
    Address("quality", "dress", narrowed=("severity", "warning")),
    Address("query", "clinician/conflicting-reports"),
    Address("node", terms.dataset("dress")),
]


def test_every_kind_of_page_is_among_the_examples() -> None:
    assert {each.kind for each in EACH} == set(KINDS)


@pytest.mark.parametrize("address", EACH, ids=lambda each: each.path())
def test_an_address_comes_back_from_its_path(address: Address) -> None:
    assert parse(address.path()) == address
    other = "https://data.example.org/kg/"
    if address.key is None or not address.key.startswith(terms.DATA):
        assert parse(address.path(other), other) == address
    else:
        moved = Address(address.kind, address.key.replace(terms.DATA, other), address.number)
        assert moved.path(other) == address.path()
        assert parse(moved.path(other), other) == moved


@pytest.mark.parametrize("at", EACH, ids=lambda each: each.path())
@pytest.mark.parametrize("to", EACH, ids=lambda each: each.path())
def test_a_link_of_the_site_leads_from_file_to_file(at: Address, to: Address) -> None:
    link = SiteLinks(at).to(to)
    assert not link.startswith(("/", "http"))
    assert posixpath.normpath(posixpath.join(posixpath.dirname(file_of(at)), link)) == file_of(to)


@given(st.text(max_size=30))
def test_no_path_is_a_fault(text: str) -> None:
    found = parse("/" + text)
    assert found is None or found.kind in KINDS


def test_a_foreign_iri_is_no_address() -> None:
    with pytest.raises(ValueError, match="not an IRI of ours"):
        Address("publication", "https://example.org/x").path()


@pytest.mark.parametrize(
    "iri",
    [
        "javascript:a(1)",
        "data:text/html,x",
        "https://a.b/\u202eg",
        'https://a.b/"',
        "//a",
        None,
        "http://a b",
    ],
)
def test_only_plain_web_addresses_are_linked(iri: str | None) -> None:
    assert web(iri) is None
    assert iri is None or ServerLinks().node(iri) is None


def test_parts_of_an_item_are_on_its_page() -> None:
    assert ServerLinks().item(terms.part(ITEM, "step", 2)) == "/id/evidence/dress/a-b-2016#step-2"


def test_data_stand_beside_their_page() -> None:
    site = SiteLinks(Address("item", ITEM))
    assert ServerLinks().data(ITEM, "turtle") == "/id/evidence/dress/a-b-2016?format=turtle"
    assert site.data(ITEM, "turtle") == "a-b-2016.ttl"
    assert site.data(terms.source("dress"), "jsonld") == "../../source/dress.jsonld"


def test_assets_are_named_by_their_content() -> None:
    assert "style.css" in set(assets())
    for name in assets():
        found = asset(hashed(name))
        assert found is not None
        assert found == asset(name)
    assert asset("../layout.py") is None
    assert ServerLinks().asset("style.css") == f"/assets/{hashed('style.css')}"
