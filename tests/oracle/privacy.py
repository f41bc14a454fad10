"""Whether a table with numbers held back shows only what is true and tells of no few members.

DuckDB has the exact numbers. Of these, by the table's header: a shown value is the exact one; `suppressed` marks exactly the rows
that lack one; no count n is shown with 0 < n < k, nor a part n of s with 0 < s − n < k; what rests on a count is held back with
it; numbers that are not final are not shown; and along a line of cells that add up to a total, never exactly one cell is hidden. k is `min_group`. This holds for a first
snapshot: a later one may show an older number, or hide more.
"""

from compare import ROWS_SHOWN, columns, equal

SUPPRESSED = "suppressed"


def compare_protected(connection, model, theirs, k):
    """Lines that say what is wrong with the published rows `theirs` of the model; none: nothing."""
    types, published = columns(connection, model.name), columns(connection, theirs)
    if published != types | {SUPPRESSED: "BOOLEAN"}:
        return [f"columns: DuckDB {types} and {SUPPRESSED}", f"columns: lake   {published}"]
    pair(connection, model, theirs)
    privacy = model.says["privacy"]
    wrong = missing() | untrue(types, privacy) | telling(privacy["counts"], k) | leaning(privacy)
    wrong |= growing(privacy)
    lines = [line for name, predicate in wrong.items() for line in rows_where(connection, name, predicate)]
    connection.execute(f"delete from pairs where not ({final(privacy)})")
    return lines + [line for line_of in totals(model) for line in lonely(connection, privacy["counts"], line_of)]


def pair(connection, model, theirs):
    """Makes `pairs`: the exact row and the shown row of each key of the grain, as structs; null where there is none."""
    same = " and ".join(f'exact."{column}" is not distinct from shown."{column}"' for column in model.says["grain"])
    connection.execute(
        f"""
        create or replace temp table pairs as
        select exact, shown
        from (select line as exact from {model.name} as line)
        full join (select line as shown from {theirs} as line) on {same}
        """
    )


def hidden(column):
    """SQL: there is a value, and it is not shown."""
    return f'(exact."{column}" is not null and shown."{column}" is null)'


def protected(privacy):
    """All columns that may be held back."""
    return [*privacy["counts"], *privacy.get("ratios", {}), *privacy.get("rests", {})]


def final(privacy):
    """SQL: the numbers of the row will stay."""
    return f'coalesce(exact."{privacy["final"]}", false)' if "final" in privacy else "true"


def growing(privacy):
    """Rows whose numbers still grow, and are shown all the same."""
    shown = " or ".join(f'shown."{column}" is not null' for column in protected(privacy))
    return {"a number is shown that is not final": f"not ({final(privacy)}) and ({shown})"}


def missing():
    """Rows that only one side has."""
    return {"only DuckDB has the row": "shown is null", "only the lake has the row": "exact is null"}


def untrue(types, privacy):
    """Values that are not the exact ones, and rows that `suppressed` does not tell the truth about."""
    wrong = {}
    for column, kind in types.items():
        same = equal(f'exact."{column}"', f'shown."{column}"', kind)
        may_lack = f" or {hidden(column)}" if column in protected(privacy) else ""
        wrong[f"`{column}` differs"] = f"not ({same}{may_lack})"
    any_hidden = " or ".join(hidden(column) for column in protected(privacy))
    wrong[f"`{SUPPRESSED}` is wrong"] = f"shown.{SUPPRESSED} is distinct from ({any_hidden})"
    return {name: f"exact is not null and shown is not null and ({predicate})" for name, predicate in wrong.items()}


def telling(counts, k):
    """Shown counts that tell of few members, or of few left out."""
    wrong = {}
    for column, rule in counts.items():
        wrong[f"`{column}` is shown and below {k}"] = f'shown."{column}" > 0 and shown."{column}" < {k}'
        if "of" in rule:
            left = f'exact."{rule["of"]}" - exact."{column}"'
            wrong[f"`{column}` is shown and leaves fewer than {k}"] = f'shown."{column}" is not null and {left} > 0 and {left} < {k}'
    return wrong


def leaning(privacy):
    """Values that are shown although a count that they rest on is held back."""
    rests = list(privacy.get("rests", {}).items())
    parts = [(ratio, part) for ratio, parts in privacy.get("ratios", {}).items() for part in parts]
    found = {}
    for column, below in rests + [(ratio, part) for ratio, part in parts if part in privacy["counts"]]:
        found[f"`{column}` is shown without `{below}`"] = f'shown."{column}" is not null and {hidden(below)}'
    return found


def rows_where(connection, name, predicate):
    """The first rows of `pairs` where something is wrong, as lines."""
    rows = connection.execute(f"select exact, shown from pairs where {predicate} order by all limit {ROWS_SHOWN}").fetchall()
    return [f"{name}: DuckDB {exact}, lake {shown}" for exact, shown in rows]


def totals(model):
    """Count, columns that tell its cells apart, and those along which the cells add up, for every set of totals that matters."""
    privacy = model.says["privacy"]
    for name, rule in privacy["counts"].items():
        by = rule.get("by", model.says["grain"])
        for along in privacy.get("totals", []):
            if set(along) & set(by):
                yield name, by, along


def lonely(connection, counts, line_of):
    """Lines of cells with exactly one hidden, though another could be hidden with it: a part of nobody could not."""
    name, by, along = line_of
    of = counts[name].get("of")
    whole = f'exact."{of}"' if of else "cast(null as bigint)"
    cell = ", ".join(f'exact."{column}" as "{column}"' for column in by)
    fixed = [f'"{column}"' for column in by if column not in along]
    rows = connection.execute(
        f"""
        with cells as (
            select {cell}, max(exact."{name}") as n, max({whole}) as size, bool_or({hidden(name)}) as is_hidden
            from pairs group by all
        )
        select {", ".join([*fixed, "count(*) as cells"])}
        from cells
        group by {", ".join(fixed) or "true"}
        having count_if(is_hidden) = 1 and count_if(not is_hidden and n is not null and size is distinct from 0) > 0
        order by all
        limit {ROWS_SHOWN}
        """
    ).fetchall()
    return [f"of the cells of `{name}` along {along} exactly one is hidden: {row}" for row in rows]
