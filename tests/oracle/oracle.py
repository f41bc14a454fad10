#!/usr/bin/env python3
"""Runs the SQL models on a second engine, DuckDB, and compares its tables with a published snapshot.

    oracle.py --sources DIR --sql DIR --params FILE.json --lake DIR

DIR of --sources  what `hachi sources --export` wrote: raw_*.parquet, or folders raw_*/ of Parquet files, segments.json, and
                  the models that are generated: sql/<area>/<table>.sql
DIR of --sql      the models: <area>/<table>.sql
FILE.json         parameter name -> SQL literal, such as {"min_group": "5"}
DIR of --lake     the lake; the manifest of the highest number is compared

One line per table goes to stdout. Exit code 0: all tables are equal; 1: some differ, and their first differing rows are
shown; 2: nothing could be compared. Doubles are equal within a relative 1e-9, everything else exactly.
"""

import argparse
import json
import re
import sys
import tomllib
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import duckdb

HEADER = re.compile(r"\s*/\*---\n(.*?)---\*/", re.DOTALL)
QUOTED = r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/"
PARAMETER = re.compile(QUOTED + r"|\$([a-z_][a-z0-9_]*)", re.DOTALL)
TABLE_NAME = re.compile(r"\b(?:from|join)\s+([a-z_][a-z0-9_]*)")

RELATIVE_TOLERANCE = 1e-9
ROWS_SHOWN = 5

GENERATED_FOLDER = "sql"
SEGMENTS_FILE = "segments.json"
SEGMENTS_TABLE = "member_segments"


class Unusable(Exception):
    """What was given can't be compared at all."""


@dataclass(frozen=True)
class Model:
    """One .sql file: its name, what becomes of it (table, scratch, view), its select, what it says of its KPI."""

    name: str
    kind: str
    sql: str
    kpi: dict | None = None

    def reads(self):
        """Names after `from` and `join`: tables, and the model's own CTEs."""
        return set(TABLE_NAME.findall(re.sub(QUOTED, "", self.sql, flags=re.DOTALL)))


def read_models(folder):
    """Name -> Model, of every .sql file below the folder."""
    models = {}
    for path in sorted(folder.rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        header = HEADER.match(text)
        if not header:
            raise Unusable(f"`{path}` has no header between `/*---` and `---*/`")
        says = tomllib.loads(header.group(1))
        models[path.stem] = Model(path.stem, says["kind"], text[header.end() :], says.get("kpi"))
    if not models:
        raise Unusable(f"no .sql files in `{folder}`")
    return models | registry([model for model in models.values() if model.kpi])


def registry(models):
    """The two views that all KPIs together make: their values, and what they mean."""
    if not models:
        return {}
    values = [
        f"select {quote(kpi_name(model))} as kpi, event_date, numerator, denominator, people from {model.name}" for model in models
    ]
    made = {"kpi_values": values, "kpi_registry": [meaning(model) for model in models]}
    return {name: Model(name, "view", "\nunion all\n".join(selects)) for name, selects in made.items()}


def meaning(model):
    """A KPI's row of the registry."""
    says = model.kpi
    fields = {
        "kpi": quote(kpi_name(model)),
        "title": quote(says["title"]),
        "numerator": quote(says["numerator"]),
        "denominator": quote(says["denominator"]) if "denominator" in says else "cast(null as varchar)",
        "window_days": f"cast({says['window_days']} as int)",
        "maturity_days": f"cast({says.get('maturity_days', 0)} as int)",
        "unit": quote(says["unit"]),
        "direction": quote(says["direction"]),
        "is_share": "true" if says.get("is_share", False) else "false",
    }
    return "select " + ", ".join(f"{value} as {column}" for column, value in fields.items())


def kpi_name(model):
    """The file's name without `kpi_`."""
    return model.name.removeprefix("kpi_")


def quote(text):
    """An SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def in_order(models):
    """Models, each after what it reads."""
    graph = {name: model.reads() & models.keys() for name, model in models.items()}
    try:
        return [models[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise Unusable(f"these models need each other in a circle: {error.args[1]}") from error


def fill(model, parameters):
    """The model's SQL with literals for parameters; quotes and comments stay as they are."""

    def literal(match):
        name = match.group(1)
        if name is None:
            return match.group(0)
        if name not in parameters:
            raise Unusable(f"`{model.name}` needs the parameter `${name}`, which is not in --params")
        return parameters[name]

    return PARAMETER.sub(literal, model.sql)


def load_sources(connection, folder):
    """Makes a view of every raw_* file or folder."""
    for path in sorted(folder.glob("raw_*")):
        files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        if files and all(file.suffix == ".parquet" for file in files):
            connection.execute(f"create view {path.stem} as select * from {parquet(files)}")
    if not connection.execute("select 1 from duckdb_views() where view_name like 'raw!_%' escape '!'").fetchall():
        raise Unusable(f"no raw_*.parquet in `{folder}`")


def build(connection, models, parameters):
    """Runs every model."""
    for model in in_order(models):
        what = "view" if model.kind == "view" else "table"
        try:
            connection.execute(f"create {what} {model.name} as {fill(model, parameters)}")
        except duckdb.Error as error:
            raise Unusable(f"`{model.name}` does not run on DuckDB: {error}") from error


def build_segments(connection, path):
    """Makes the table of declared segments, which a stage of hachi makes from predicates."""
    declared = json.loads(path.read_text(encoding="utf-8"))
    selects = [f"select '' as segment, user_id from {declared['from']} where false"]
    for name, predicate in sorted(declared["segments"].items()):
        selects.append(f"select '{name}' as segment, user_id from {declared['from']} where {predicate}")
    connection.execute(f"create table {SEGMENTS_TABLE} as {' union all '.join(selects)}")


def latest_tables(lake):
    """Table name -> Parquet files, from the manifest of the highest number."""
    manifests = sorted((lake / "manifests").glob("*.json"))
    if not manifests:
        raise Unusable(f"no manifest in `{lake / 'manifests'}`")
    manifest = json.loads(manifests[-1].read_text(encoding="utf-8"))
    return {table["name"]: [lake / file["path"] for file in table["files"]] for table in manifest["tables"]}


def parquet(files):
    """`read_parquet` of exactly these files."""
    names = ", ".join(quote(str(file)) for file in files)
    return f"read_parquet([{names}], hive_partitioning = false)"


def columns(connection, relation):
    """Column name -> DuckDB type, in order."""
    return {row[0]: row[1] for row in connection.execute(f"describe select * from {relation}").fetchall()}


def equal(column, column_type):
    """SQL that is true where both sides have the same value."""
    ours, theirs = f'ours."{column}"', f'theirs."{column}"'
    same = f"{ours} is not distinct from {theirs}"
    if column_type not in ("DOUBLE", "FLOAT"):
        return f"({same})"
    near = f"abs({ours} - {theirs}) <= {RELATIVE_TOLERANCE} * greatest(abs({ours}), abs({theirs}))"
    return f"({same} or coalesce({near}, false))"


def numbered(relation, types):
    """The relation's rows with their place when sorted by all columns, doubles last."""
    exact = [name for name, kind in types.items() if kind not in ("DOUBLE", "FLOAT")]
    order = exact + [name for name in types if name not in exact]
    by = ", ".join(f'"{name}"' for name in order)
    return f"(select *, row_number() over (order by {by}) as place from {relation})"


def differing_rows(connection, ours, theirs, types):
    """The first rows that differ, as pairs of texts; a missing row is None."""
    unequal = " or ".join(f"not {equal(name, kind)}" for name, kind in types.items())

    def text(side):
        fields = ", ' | ', ".join(f"""coalesce(cast({side}."{name}" as varchar), 'null')""" for name in types)
        return f"case when {side}.place is not null then concat({fields}) end"

    return connection.execute(
        f"""
        select {text("ours")}, {text("theirs")}
        from {numbered(ours, types)} as ours
        full join {numbered(theirs, types)} as theirs on ours.place = theirs.place
        where ours.place is null or theirs.place is null or {unequal}
        order by coalesce(ours.place, theirs.place)
        limit {ROWS_SHOWN}
        """
    ).fetchall()


def count(connection, relation):
    """Number of rows."""
    return connection.execute(f"select count(*) from {relation}").fetchone()[0]


def compare(connection, name, files):
    """Lines that say how the published table differs from DuckDB's; none: it does not."""
    if files is None:
        return ["is not in the manifest"]
    rows = count(connection, name)
    if not files:
        return [f"DuckDB has {rows} rows, the lake has no file"] if rows else []
    theirs = parquet(files)
    types, published = columns(connection, name), columns(connection, theirs)
    if types != published:
        return [f"columns: DuckDB {types}", f"columns: lake   {published}"]
    lines = []
    if rows != count(connection, theirs):
        lines.append(f"DuckDB has {rows} rows, the lake {count(connection, theirs)}")
    for mine, other in differing_rows(connection, name, theirs, types):
        lines += [f"DuckDB: {mine or 'no row'}", f"lake:   {other or 'no row'}"]
    return lines


def report(connection, models, published):
    """Prints a line per table, and what differs; the number of tables that do."""
    unequal = 0
    tables = sorted([name for name, model in models.items() if model.kind == "table"] + [SEGMENTS_TABLE])
    for name in tables:
        lines = compare(connection, name, published.get(name))
        print(f"{'differs' if lines else 'equal  '} {name} ({count(connection, name)} rows)")
        for line in lines:
            print(f"    {line}")
        unequal += bool(lines)
    print(f"{len(tables) - unequal} of {len(tables)} tables are equal")
    return unequal


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description="compares a published snapshot with DuckDB's answer to the same SQL")
    parser.add_argument("--sources", type=Path, required=True, help="folder of raw_*.parquet")
    parser.add_argument("--sql", type=Path, required=True, help="folder of the models")
    parser.add_argument("--params", type=Path, required=True, help="JSON file: parameter name -> SQL literal")
    parser.add_argument("--lake", type=Path, required=True, help="folder of the lake")
    return parser.parse_args()


def main():
    given = arguments()
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    try:
        models = read_models(given.sql) | read_models(given.sources / GENERATED_FOLDER)
        parameters = json.loads(given.params.read_text(encoding="utf-8"))
        published = latest_tables(given.lake)
        load_sources(connection, given.sources)
        build(connection, models, parameters)
        build_segments(connection, given.sources / SEGMENTS_FILE)
        return 1 if report(connection, models, published) else 0
    except (Unusable, OSError, ValueError, KeyError, duckdb.Error) as error:
        print(f"oracle: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
