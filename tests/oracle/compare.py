"""Whether a published table is the table that DuckDB made: every row, every column."""

RELATIVE_TOLERANCE = 1e-9
ROWS_SHOWN = 5


def columns(connection, relation):
    """Column name -> DuckDB type, in order."""
    return {row[0]: row[1] for row in connection.execute(f"describe select * from {relation}").fetchall()}


def count(connection, relation):
    """Number of rows."""
    return connection.execute(f"select count(*) from {relation}").fetchone()[0]


def equal(ours, theirs, column_type):
    """SQL that is true where both values are the same."""
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
    unequal = " or ".join(f"""not {equal(f'ours."{name}"', f'theirs."{name}"', kind)}""" for name, kind in types.items())

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


def compare(connection, name, theirs):
    """Lines that say how the published rows `theirs` differ from DuckDB's table; none: they do not."""
    types, published = columns(connection, name), columns(connection, theirs)
    if types != published:
        return [f"columns: DuckDB {types}", f"columns: lake   {published}"]
    lines = []
    rows = count(connection, name), count(connection, theirs)
    if rows[0] != rows[1]:
        lines.append(f"DuckDB has {rows[0]} rows, the lake {rows[1]}")
    for mine, other in differing_rows(connection, name, theirs, types):
        lines += [f"DuckDB: {mine or 'no row'}", f"lake:   {other or 'no row'}"]
    return lines
