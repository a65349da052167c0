"""`dmz-gateway openapi`: the cloud-side document, from the packs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import yaml

from gateway.api.document import api_document
from gateway.examples import EXAMPLE_ENVIRONMENT
from gateway.packs import check_packs, pack_folders
from gateway.policies.compile import compile_snapshot


class _Plain(yaml.SafeDumper):
    """Writes for people and for any tool: no anchors, and lines of a text as lines."""

    def ignore_aliases(self, data: object) -> bool:
        """Always."""
        return True

    def text(self, data: str) -> yaml.ScalarNode:
        """A text of several lines is a block; YAML's own choice for any other."""
        style = "|" if "\n" in data else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)


_Plain.add_representer(str, _Plain.text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `openapi` takes."""
    parser.add_argument("--packs", type=Path, default=Path("contracts"), help="the packs folder")
    parser.add_argument("--json", action="store_true", help="JSON instead of YAML")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write it there")


def run(arguments: argparse.Namespace) -> int:
    """0 with the document, 2 when the packs have findings."""
    checked = check_packs(pack_folders(arguments.packs))
    if checked.findings or not checked.packs:
        for finding in checked.findings:
            print(finding, file=sys.stderr)
        print("the packs cannot be served; see dmz-gateway check", file=sys.stderr)
        return 2
    snapshot = compile_snapshot(checked.packs, EXAMPLE_ENVIRONMENT)
    described = api_document(arguments.packs, snapshot)
    text = (
        json.dumps(described, ensure_ascii=False, indent=2) + "\n"
        if arguments.json
        else yaml.dump(described, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=100)
    )
    if arguments.write is None:
        sys.stdout.write(text)
    else:
        arguments.write.write_text(text, encoding="utf-8")
    return 0
