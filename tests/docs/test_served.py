"""What the edge shows of the documents is what is committed."""

from __future__ import annotations

import pytest
import yaml

from gateway.problems import TYPES
from sandbox.stack import Stack
from tests.docs.blocks import ROOT
from tests.e2e.cloud import Cloud


@pytest.fixture(scope="module")
def cloud(stack: Stack) -> Cloud:
    """The booking platform."""
    return Cloud(stack)


def test_served_document_is_the_committed_one(cloud: Cloud) -> None:
    """A platform may generate its client from either."""
    committed = yaml.safe_load((ROOT / "contracts" / "openapi.yaml").read_text("utf-8"))
    assert cloud.get("/openapi.json") == committed


@pytest.mark.parametrize("path", ["/docs/", *(kind.uri for kind in TYPES.values())])
def test_pages_are_there_for_a_browser(cloud: Cloud, path: str) -> None:
    """The API's page, and the page that each problem's type leads to."""
    answer = cloud.call("GET", path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
