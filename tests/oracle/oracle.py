#!/usr/bin/env python3
"""Runs the SQL models on a second engine, DuckDB, and compares its tables with a published snapshot.

    oracle.py --sources DIR --sql DIR --params FILE.json --lake DIR

DIR of --sources  what `hachi sources --export` wrote: raw_*.parquet, or folders raw_*/ of Parquet files, segments.json, and
                  the models that are generated: sql/<area>/<table>.sql
DIR of --sql      the models: <area>/<table>.sql
FILE.json         parameter name -> SQL literal, such as {"min_group": "5"}
DIR of --lake     the lake; the manifest of the highest number is compared

Compared are published tables, and those that only the next run reads. Where numbers are held back, what is shown must be right
and must tell of no few members (privacy.py), and later models read what was published, here as there: so the manifest must be
the first of its lake. One line per table goes to stdout. Exit code 0: all tables are equal; 1: some differ, and their first
differing rows are shown; 2: nothing could be compared. Doubles are equal within a relative 1e-9, everything else exactly.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

from compare import compare, count
from models import Unusable, fill, in_order, read_models
from privacy import compare_protected
from snapshot import GENERATED_FOLDER, SEGMENTS_FILE, SEGMENTS_TABLE, latest_tables, load_sources, parquet, segments

COMPARED = ("table", "state")


@dataclass(frozen=True)
class Verdict:
    """How many rows DuckDB has of a table, and lines that say what is wrong; none: it is equal."""

    rows: int
    lines: list


def build(connection, model, parameters):
    """Runs a model."""
    what = "view" if model.kind == "view" else "table"
    try:
        connection.execute(f"create {what} {model.name} as {fill(model, parameters)}")
    except duckdb.Error as error:
        raise Unusable(f"`{model.name}` does not run on DuckDB: {error}") from error


def judge(connection, name, files, comparison):
    """The verdict on a table that DuckDB made, by `comparison` with the published rows."""
    rows = count(connection, name)
    if files is None:
        return Verdict(rows, ["is not in the manifest"])
    if not files:
        return Verdict(rows, [f"DuckDB has {rows} rows, the lake has no file"] if rows else [])
    return Verdict(rows, comparison(parquet(files)))


def publish(connection, name, files):
    """Puts the published rows in the place of the exact ones."""
    if files:
        connection.execute(f"drop table {name}")
        connection.execute(f"create view {name} as select * from {parquet(files)}")


def judge_models(connection, models, parameters, published):
    """Table name -> verdict; runs every model, each on what is published of those before."""
    min_group = connection.execute(f"select {parameters['min_group']}").fetchone()[0]
    verdicts = {}
    for model in in_order(models):
        build(connection, model, parameters)
        files = published.get(model.name)
        if "privacy" in model.says:
            verdicts[model.name] = judge(
                connection, model.name, files, lambda theirs: compare_protected(connection, model, theirs, min_group)
            )
            publish(connection, model.name, files)
        elif model.kind in COMPARED:
            verdicts[model.name] = judge(connection, model.name, files, lambda theirs: compare(connection, model.name, theirs))
    return verdicts


def report(verdicts):
    """Prints a line per table, and what differs; the number of tables that do."""
    for name, verdict in sorted(verdicts.items()):
        print(f"{'differs' if verdict.lines else 'equal  '} {name} ({verdict.rows} rows)")
        for line in verdict.lines:
            print(f"    {line}")
    unequal = sum(bool(verdict.lines) for verdict in verdicts.values())
    print(f"{len(verdicts) - unequal} of {len(verdicts)} tables are equal")
    return unequal


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description="compares a published snapshot with DuckDB's answer to the same SQL")
    parser.add_argument("--sources", type=Path, required=True, help="folder of raw_*.parquet")
    parser.add_argument("--sql", type=Path, required=True, help="folder of the models")
    parser.add_argument("--params", type=Path, required=True, help="JSON file: parameter name -> SQL literal")
    parser.add_argument("--lake", type=Path, required=True, help="folder of the lake")
    return parser.parse_args()


def verdicts(connection, given):
    """Table name -> verdict, of all models and of the declared segments."""
    models = read_models(given.sql) | read_models(given.sources / GENERATED_FOLDER)
    parameters = json.loads(given.params.read_text(encoding="utf-8"))
    published = latest_tables(given.lake)
    load_sources(connection, given.sources)
    found = judge_models(connection, models, parameters, published)
    connection.execute(f"create table {SEGMENTS_TABLE} as {segments(given.sources / SEGMENTS_FILE)}")
    files = published.get(SEGMENTS_TABLE)
    found[SEGMENTS_TABLE] = judge(connection, SEGMENTS_TABLE, files, lambda theirs: compare(connection, SEGMENTS_TABLE, theirs))
    return found


def main():
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    try:
        return 1 if report(verdicts(connection, arguments())) else 0
    except (Unusable, OSError, ValueError, KeyError, duckdb.Error) as error:
        print(f"oracle: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
