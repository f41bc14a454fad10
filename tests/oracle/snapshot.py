"""What hachi wrote, as DuckDB reads it: exported raw tables, and the tables of the latest manifest."""

import json

from models import Unusable

GENERATED_FOLDER = "sql"
SEGMENTS_FILE = "segments.json"
SEGMENTS_TABLE = "member_segments"


def quote(text):
    """An SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def parquet(files):
    """`read_parquet` of exactly these files."""
    names = ", ".join(quote(str(file)) for file in files)
    return f"read_parquet([{names}], hive_partitioning = false)"


def load_sources(connection, folder):
    """Makes a view of every raw_* file or folder."""
    for path in sorted(folder.glob("raw_*")):
        files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        if files and all(file.suffix == ".parquet" for file in files):
            connection.execute(f"create view {path.stem} as select * from {parquet(files)}")
    if not connection.execute("select 1 from duckdb_views() where view_name like 'raw!_%' escape '!'").fetchall():
        raise Unusable(f"no raw_*.parquet in `{folder}`")


def latest_tables(lake):
    """Table name -> Parquet files, published and kept as state, from the manifest of the highest number."""
    manifests = sorted((lake / "manifests").glob("*.json"))
    if not manifests:
        raise Unusable(f"no manifest in `{lake / 'manifests'}`")
    manifest = json.loads(manifests[-1].read_text(encoding="utf-8"))
    tables = manifest["tables"] + manifest["state"]
    return {table["name"]: [lake / file["path"] for file in table["files"]] for table in tables}


def segments(path):
    """The select of the table of declared segments, which a stage of hachi makes from predicates."""
    declared = json.loads(path.read_text(encoding="utf-8"))
    selects = [f"select '' as segment, user_id from {declared['from']} where false"]
    for name, predicate in sorted(declared["segments"].items()):
        selects.append(f"select {quote(name)} as segment, user_id from {declared['from']} where {predicate}")
    return " union all ".join(selects)
