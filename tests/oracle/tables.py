#!/usr/bin/env python3
"""Writes the reference of published tables from a snapshot's manifest, which has it from the models' headers.

    tables.py --lake DIR --page FILE.md [--check]

With --check nothing is written: exit code 1 says that the page is not what would be written.
"""

import argparse
import json
import sys
from pathlib import Path

TITLE = """\
# Published tables

Every table of a snapshot: what a row is, its grain (the columns that name a row; rows are sorted by them), and each column's
meaning and unit. Written by `just tables`; change the header of the model instead.
"""

TYPES = {
    "Boolean": "boolean",
    "Date32": "date",
    "Float32": "float",
    "Float64": "double",
    "Int32": "integer",
    "Int64": "bigint",
    "List(Float32)": "list of float",
    "List(Float64)": "list of double",
    "List(Utf8)": "list of text",
    'Timestamp(µs, "UTC")': "timestamp, UTC",
    "Utf8": "text",
}


def latest_manifest(lake):
    """The manifest of the highest number."""
    paths = sorted((lake / "manifests").glob("*.json"))
    return json.loads(paths[-1].read_text(encoding="utf-8"))


def type_name(arrow):
    """What an analyst calls an Arrow type."""
    if arrow.startswith("List(Struct("):
        return "list of struct"
    return TYPES[arrow]


def cell(text):
    """Text that can stand in a Markdown table."""
    return text.replace("|", "\\|")


def section(table):
    """One table's part of the page."""
    grain = ", ".join(f"`{column}`" for column in table["grain"]) or "none: identical rows may repeat"
    rows = [f"| `{c['name']}` | {type_name(c['type'])} | {cell(c['description'])} |" for c in table["columns"]]
    head = ["| column | type | meaning and unit |", "|---|---|---|"]
    return "\n".join(["", f"## {table['name']}", "", table["description"], "", f"Grain: {grain}", "", *head, *rows, ""])


def page(manifest):
    """The whole page."""
    tables = sorted(manifest["tables"], key=lambda table: table["name"])
    links = [f"- [{table['name']}](#{table['name']})" for table in tables]
    return TITLE + "\n" + "\n".join(links) + "\n" + "".join(section(table) for table in tables)


def main():
    parser = argparse.ArgumentParser(description="writes the reference of published tables")
    parser.add_argument("--lake", type=Path, required=True, help="folder of the lake")
    parser.add_argument("--page", type=Path, required=True, help="Markdown file")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    given = parser.parse_args()
    text = page(latest_manifest(given.lake))
    if not given.check:
        given.page.write_text(text, encoding="utf-8")
    elif not given.page.exists() or given.page.read_text(encoding="utf-8") != text:
        print(f"`{given.page}` does not describe the tables that are published; run `just tables`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
