#!/usr/bin/env python3
"""Estimates the published table `survival` again with lifelines, from the published acts, and compares.

    survival.py --sources DIR --params FILE.json --lake DIR

DIR of --sources  conformed raw tables from `hachi sources --export`; of these `raw_members` is read, for the days of joining
FILE.json         parameter name -> SQL literal, such as {"min_group": "5"}
DIR of --lake     the lake; the manifest of the highest number is compared

How long members stayed is worked out here in Python, the curve, Greenwood's error and the log(-log) interval by lifelines. One
line per curve goes to stdout. Exit code 0: all curves are equal; 1: some differ, and their first differing numbers are shown;
2: nothing could be compared. Doubles are equal within a relative 1e-9. Curves that are held back are not compared.
"""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path

import duckdb
import numpy
from lifelines import KaplanMeierFitter

from compare import RELATIVE_TOLERANCE, ROWS_SHOWN
from models import Unusable
from snapshot import latest_tables, load_sources, parquet

COUNTS = ("members", "at_risk", "events", "censored")
ESTIMATES = ("survival", "std_error", "low", "high")


def load_published(connection, lake):
    """Makes a view of every published table that is read here."""
    published = latest_tables(lake)
    for name in ("survival", "member_days", "payments", "interactions"):
        files = published.get(name)
        if not files:
            raise Unusable(f"the lake has no rows of `{name}`")
        connection.execute(f"create view {name} as select * from {parquet(files)}")


def literal(connection, parameters, name):
    """The value of a parameter."""
    return connection.execute(f"select {parameters[name]}").fetchone()[0]


def until(end, start, watermark):
    """Days from the start to the end, or to the watermark, and whether there is an end."""
    return ((end or watermark) - start).days, end is not None


def activity(connection, watermark, gone_after_days):
    """Start, days and event of each member: from the first to the last active day."""
    members = connection.execute(
        "select min(event_date), max(event_date) from member_days where event_date <= ? group by user_id", [watermark]
    ).fetchall()
    for first, last in members:
        gone = (watermark - last).days >= gone_after_days
        yield first, *until(last if gone else None, first, watermark)


def membership(connection, watermark):
    """The same for the first unbroken paid spell."""
    periods = defaultdict(list)
    for user_id, start, end in connection.execute(
        """
        select user_id, period_start_date, period_end_date from payments
        where kind = 'payment' and period_start_date < period_end_date
        order by all
        """
    ).fetchall():
        periods[user_id].append((start, end))
    for spells in periods.values():
        start, covered = spells[0]
        for next_start, next_end in spells:
            if next_start > covered:
                break
            covered = max(covered, next_end)
        if start <= watermark:
            yield start, *until(covered if covered <= watermark else None, start, watermark)


def ended(connection, watermark, parameters):
    """The same from joining to the first act of a kind that ends a membership."""
    kinds = f"{parameters['end_any']} or kind in ({parameters['end_kinds']})"
    if not connection.execute(f"select {parameters['end_any']} or not '' in ({parameters['end_kinds']})").fetchone()[0]:
        return
    members = connection.execute(
        f"""
        with joined as (
            select user_id, min(local_date) as joined_date from raw_members
            where problem is null and not coalesce(is_staff, false) group by user_id
        ),
        seen as (
            select user_id, event_date from member_days union all select user_id, event_date from payments
        ),
        roster as (
            select coalesce(joined.user_id, seen.user_id) as user_id,
                coalesce(any_value(joined_date), min(event_date)) as joined_date
            from joined full join seen on joined.user_id = seen.user_id group by 1
        ),
        ends as (
            select user_id, min(event_date) as end_date from interactions where event_date <= ? and ({kinds}) group by 1
        )
        select joined_date, end_date from roster left join ends on roster.user_id = ends.user_id
        """,
        [watermark],
    ).fetchall()
    for joined, end in members:
        if joined <= (end or watermark):
            yield joined, *until(end, joined, watermark)


def curves(spans, min_group):
    """Cohort -> [(days, event)], by the month of the start and for all months that are not too small."""
    months = defaultdict(list)
    for start, days, event in spans:
        months[start.replace(day=1).isoformat()].append((days, event))
    every = [span for month in months.values() if len(month) >= min_group for span in month]
    return {"all": every, **months} if every else months


def estimate(spans, min_group):
    """Day -> numbers in the order of COUNTS and ESTIMATES; None where the table has no number."""
    days, events = zip(*spans)
    fitted = KaplanMeierFitter(alpha=0.05).fit(days, events)
    table, interval = fitted.event_table, fitted.confidence_interval_
    rows = {}
    for day, row in table.iterrows():
        at_risk, left, censored = int(row["at_risk"]), int(row["observed"]), int(row["censored"])
        if at_risk < min_group or left + censored == 0:
            continue
        survival = 0.0 if left == at_risk else float(fitted.survival_function_.loc[day].iloc[0])
        greenwood = table.loc[:day]
        with numpy.errstate(divide="ignore", invalid="ignore"):
            terms = greenwood["observed"] / (greenwood["at_risk"] * (greenwood["at_risk"] - greenwood["observed"]))
        error = survival * float(numpy.sqrt(terms.sum())) if survival > 0 else None
        bounds = [float(bound) for bound in interval.loc[day]] if 0 < survival < 1 else [None, None]
        rows[int(day)] = (len(days), at_risk, left, censored, survival, error, *bounds)
    return rows


def published_curves(connection):
    """(measure, cohort) -> day -> numbers; a curve that is held back has no number anywhere."""
    found = defaultdict(dict)
    names = ", ".join(COUNTS + ESTIMATES)
    for measure, cohort, day, *numbers in connection.execute(f"select measure, cohort, day, {names} from survival").fetchall():
        found[measure, cohort][day] = tuple(numbers)
    return found


def near(ours, theirs):
    """Whether two numbers are the same."""
    if ours is None or theirs is None:
        return ours is theirs
    return abs(ours - theirs) <= RELATIVE_TOLERANCE * max(abs(ours), abs(theirs))


def differences(expected, found):
    """Lines that say where two curves differ."""
    for day in sorted(expected.keys() | found.keys()):
        if day not in expected or day not in found:
            yield f"day {day}: only {'the lake' if day in found else 'lifelines'} has it"
            continue
        for name, ours, theirs in zip(COUNTS + ESTIMATES, expected[day], found[day]):
            if not near(ours, theirs):
                yield f"day {day}: {name}: lifelines {ours}, lake {theirs}"


def report(expected, found):
    """Prints a line per curve, and what differs; the number of curves that do."""
    unequal = 0
    for name in sorted(expected.keys() | found.keys()):
        rows = found.get(name, {})
        if rows and all(numbers[0] is None for numbers in rows.values()):
            print(f"held    {' '.join(name)}")
            continue
        lines = list(differences(expected.get(name, {}), rows))
        print(f"{'differs' if lines else 'equal  '} {' '.join(name)} ({len(rows)} rows)")
        for line in lines[:ROWS_SHOWN]:
            print(f"    {line}")
        unequal += bool(lines)
    return unequal


def expected_curves(connection, parameters):
    """(measure, cohort) -> day -> numbers, as lifelines has them."""
    watermark = literal(connection, parameters, "watermark")
    measures = {
        "activity": activity(connection, watermark, literal(connection, parameters, "gone_after_days")),
        "membership": membership(connection, watermark),
        "ended": ended(connection, watermark, parameters),
    }
    min_group = literal(connection, parameters, "min_group")
    fitted = {
        (measure, cohort): estimate(members, min_group)
        for measure, spans in measures.items()
        for cohort, members in curves(spans, min_group).items()
    }
    return {name: rows for name, rows in fitted.items() if rows}


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description="compares the published table `survival` with lifelines")
    parser.add_argument("--sources", type=Path, required=True, help="folder of raw_*.parquet")
    parser.add_argument("--params", type=Path, required=True, help="JSON file: parameter name -> SQL literal")
    parser.add_argument("--lake", type=Path, required=True, help="folder of the lake")
    return parser.parse_args()


def main():
    given = arguments()
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    try:
        parameters = json.loads(given.params.read_text(encoding="utf-8"))
        load_sources(connection, given.sources)
        load_published(connection, given.lake)
        return 1 if report(expected_curves(connection, parameters), published_curves(connection)) else 0
    except (Unusable, OSError, ValueError, KeyError, duckdb.Error) as error:
        print(f"survival: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
