#!/usr/bin/env python3
"""Runs every model on DuckDB into a database file, and prints the seconds of each as JSON; a process of its own, to be measured.

    duckdb_side.py --sources DIR --sql DIR --work DIR --threads N --memory-mib N

DIR of --sources  what `hachi sources --export` wrote
DIR of --sql      the models: <area>/<table>.sql
DIR of --work     for the database and for what does not fit into memory

A model that fails ends it: `gave_up` then names it and says why. Rows may come in any order, which spares DuckDB memory.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import duckdb

sys.path.append(str(Path(__file__).resolve().parents[1] / "oracle"))

from models import fill, in_order, read_models
from snapshot import GENERATED_FOLDER, SEGMENTS_FILE, SEGMENTS_TABLE, load_sources, quote, segments

SEGMENTS_STAGE = "segments"


def connect(given):
    """A new database within the limits."""
    connection = duckdb.connect(str(given.work / "models.duckdb"))
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set threads = {given.threads}")
    connection.execute(f"set memory_limit = '{given.memory_mib}MiB'")
    connection.execute(f"set temp_directory = {quote(str(given.work / 'temp'))}")
    connection.execute("set preserve_insertion_order = false")
    return connection


def statements(given):
    """Name -> statement, in order."""
    parameters = json.loads((given.sources / "params.json").read_text(encoding="utf-8"))
    found = {}
    for model in in_order(read_models(given.sql) | read_models(given.sources / GENERATED_FOLDER)):
        what = "view" if model.kind == "view" else "table"
        found[model.name] = f"create {what} {model.name} as {fill(model, parameters)}"
    return found | {SEGMENTS_STAGE: f"create table {SEGMENTS_TABLE} as {segments(given.sources / SEGMENTS_FILE)}"}


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description="runs every model on DuckDB and prints the seconds of each")
    parser.add_argument("--sources", type=Path, required=True, help="folder of raw tables")
    parser.add_argument("--sql", type=Path, required=True, help="folder of the models")
    parser.add_argument("--work", type=Path, required=True, help="folder for the database")
    parser.add_argument("--threads", type=int, required=True, help="threads")
    parser.add_argument("--memory-mib", type=int, required=True, help="memory limit in MiB")
    return parser.parse_args()


def main():
    given = arguments()
    connection = connect(given)
    load_sources(connection, given.sources)
    seconds, gave_up = {}, None
    for name, statement in statements(given).items():
        start = time.monotonic()
        try:
            connection.execute(statement)
        except duckdb.Error as error:
            gave_up = f"`{name}`: {error}"
            break
        seconds[name] = time.monotonic() - start
    print(json.dumps({"seconds": seconds, "gave_up": gave_up}))


if __name__ == "__main__":
    main()
