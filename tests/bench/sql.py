#!/usr/bin/env python3
"""Measures a full run of hachi against DuckDB on the same SQL, and the run that adds one day against a full one.

    sql.py --hachi FILE --folder DIR [--rows N | --data DIR] [--threads N] [--memory-limit MIB] [--parts PART...]

FILE of --hachi   a release build
DIR of --folder   where the community, lakes, DuckDB's database and the measurements are kept; what is there is used again
--rows            log rows of a synthetic community of 731 days, about; default 1,000,000
DIR of --data     raw tables made by `hachi synth` earlier, instead of making them
--memory-limit    memory that both engines are told to work in; default 2048
--parts           what to measure now: full, duckdb, day; the other figures are of the last time. Default: all

The sides do not do the same. hachi reads the site's files and converts them, makes pseudonyms, runs the models and the learning
stages, sorts, hashes and checks every table, holds small numbers back, writes Parquet and the sidecar's file, syncs and publishes.
DuckDB reads raw tables that hachi has converted, and runs the models into a database file, in any order of rows, unchecked.
The new day is the last folder of the access log; other sources are whole in both runs, and `as_of` keeps out what is later.
What learning costs in a run is what a run of these stages alone costs more than a run that finds nothing new; inside the run they
share its processors with other steps, so it can't be told apart there.
A limit is what an engine keeps to by itself, not a wall around the process: peak memory is the largest resident set that the
system saw of each process. Seconds are of one run each, and wall time but for `processor`, which tells least of other load. Our models
are built side by side, so theirs add up to more than the run took.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRST_DAY, DAYS, COURSES = "2024-01-01", 731, 500
ROWS_PER_MEMBER = 1910
SHOWN_FROM_S = 0.05
STAGES_WITHOUT_SQL = ("evaluate", "learn")
COSTS = ("wall_s", "cpu_s")


class Failed(Exception):
    """A side that did not come to its end."""


class Bench:
    """The folder of one community, and the program that is measured."""

    def __init__(self, given):
        self.hachi = given.hachi.resolve()
        self.limits = {"threads": given.threads, "memory_mib": given.memory_limit}
        self.folder = given.folder.resolve() / (given.data.resolve().parent.name if given.data else str(given.rows))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = given.data.resolve() if given.data else self.folder / "data"
        if not given.data and not self.data.exists():
            self.synth(given.rows)
        # Models that are edited meanwhile would be another run's.
        self.sql = self.folder / "sql"
        shutil.rmtree(self.sql, ignore_errors=True)
        shutil.copytree(ROOT / "sql", self.sql)
        self.days = sorted(path.name.partition("=")[2] for path in (self.data / "access_log").glob("event_date=*"))
        if len(self.days) < 2:
            raise Failed(f"`{self.data}/access_log` needs folders event_date=… of two days or more; make it with `hachi synth`")

    def synth(self, rows):
        """Makes the community; the folder gets its name when it is whole."""
        draft = self.folder / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        members = max(1, round(rows / ROWS_PER_MEMBER))
        sizes = ["--members", members, "--days", DAYS, "--start", FIRST_DAY, "--courses", COURSES]
        self.measure("synth", ["synth", draft, "--config", ROOT / "hachi.toml", *sizes])
        draft.rename(self.data)

    def site(self, name, data):
        """A fresh site of this data, configured as the sample is: its folder."""
        site = self.folder / name
        shutil.rmtree(site, ignore_errors=True)
        site.mkdir()
        text = (ROOT / "hachi.toml").read_text(encoding="utf-8")
        text = text.replace('"data/sample/', f'"{data}/').replace('path = "sql"', f'path = "{self.sql}"')
        engine = "".join(f"{key} = {value}\n" for key, value in self.limits.items())
        (site / "hachi.toml").write_text(f"{text}\n[engine]\n{engine}", encoding="utf-8")
        return site

    def run(self, site, last_day, *arguments):
        """`hachi run` as of the end of the day: what it says, and its cost."""
        as_of = date.fromisoformat(last_day) + timedelta(days=1)
        said, cost = self.measure(site.name, ["run", "--config", site / "hachi.toml", "--as-of", as_of, "--json", *arguments])
        return json.loads(said) | cost

    def measure(self, name, arguments):
        """What a verb of hachi prints, and its cost."""
        return measured(self.folder / f"{name}.log", [self.hachi, *arguments], {"XDG_DATA_HOME": str(self.folder / "key")})


def measured(log, command, environment=None):
    """What the command prints, its seconds and its peak resident MiB; what it tells people goes to the log."""
    with open(log, "w", encoding="utf-8") as errors, open(f"{log}.out", "w+", encoding="utf-8") as output:
        start = time.monotonic()
        command = [str(part) for part in command]
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=os.environ | (environment or {}))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall_s = time.monotonic() - start
        output.seek(0)
        said = output.read()
    if process.returncode != 0:
        raise Failed(f"`{' '.join(command[:2])}` ended with {process.returncode}; see {log}")
    return said, {"wall_s": wall_s, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024}


def full(bench):
    """A full run of hachi over all days."""
    return bench.run(bench.site("full", bench.data), bench.days[-1], "--full")


def duckdb(bench):
    """The same models in a process of DuckDB, on the raw tables that the full run read."""
    site, raw, work = bench.folder / "full", bench.folder / "raw", bench.folder / "duckdb"
    shutil.rmtree(raw, ignore_errors=True)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    _, export = bench.measure("export", ["sources", "--config", site / "hachi.toml", "--export", raw])
    command = [sys.executable, Path(__file__).with_name("duckdb_side.py"), "--sources", raw, "--sql", bench.sql, "--work", work]
    limits = ["--threads", bench.limits["threads"], "--memory-mib", bench.limits["memory_mib"]]
    said, cost = measured(bench.folder / "duckdb.log", [*command, *limits])
    return json.loads(said) | cost | {"export_s": export["wall_s"]}


def day(bench):
    """A full run without the last day's log, then a run with it; and what learning alone costs in each."""
    data = bench.folder / "days"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(bench.data, data, copy_function=os.link)
    late = data / "access_log" / f"event_date={bench.days[-1]}"
    held = bench.folder / "last_day"
    shutil.rmtree(held, ignore_errors=True)
    late.rename(held)
    site = bench.site("day", data)
    before = bench.run(site, bench.days[-2], "--full")
    held.rename(late)
    after, again = bench.run(site, bench.days[-1]), bench.run(site, bench.days[-1])
    alone = {}
    for run in (before, after):
        stages = tuple(step["name"] for step in run["steps"] if step["name"] in STAGES_WITHOUT_SQL and step["action"] != "reuse")
        if stages not in alone:
            alone[stages] = bench.run(site, bench.days[-1], "--full", "--select", *stages) if stages else again
        run["learning"] = {cost: alone[stages][cost] - again[cost] for cost in COSTS}
    return {"before": before, "after": after, "again": again}


# What can be measured, in order.
PARTS = {"full": full, "duckdb": duckdb, "day": day}


def seconds_of(side):
    """Model -> seconds; a scratch table by day may be computed more than once."""
    if not side or "steps" not in side:
        return side["seconds"] if side else {}
    seconds = {}
    for step in side["steps"]:
        if step["action"] != "reuse":
            seconds[step["name"]] = seconds.get(step["name"], 0) + step["seconds"]
    return seconds


def ratio(above, below):
    """A quotient as text."""
    return f"{above / below:.2f}" if above is not None and below else ""


def cell(seconds):
    """Seconds as text."""
    return "" if seconds is None else f"{seconds:.2f}"


def print_models(ours, theirs):
    """A line per model that takes a while on either side, the slowest of ours first."""
    names = sorted(ours.keys() | theirs.keys(), key=lambda name: (-ours.get(name, 0), name))
    shown = [name for name in names if max(ours.get(name, 0), theirs.get(name, 0)) >= SHOWN_FROM_S]
    print(f"{'model':<28}{'ours s':>10}{'DuckDB s':>10}{'ratio':>8}")
    for name in shown:
        print_line(name, ours.get(name), theirs.get(name))
    rest = [name for name in names if name not in shown]
    print_line(f"{len(rest)} others", *(sum(side.get(name, 0) for name in rest) for side in (ours, theirs)))


def print_line(name, ours, theirs):
    """One line of the table."""
    print(f"{name:<28}{cell(ours):>10}{cell(theirs):>10}{ratio(ours, theirs):>8}")


def print_sides(ours, theirs):
    """The table of models, totals and peaks; what is missing was not measured."""
    mine, other = seconds_of(ours), seconds_of(theirs)
    print_models(mine, other)
    learning = sum(mine.get(name, 0) for name in STAGES_WITHOUT_SQL)
    models = sum(other.values()) if theirs else None
    print_line("all models", sum(mine.values()) - learning, models)
    print_line("learning stages", learning, None)
    print_line("wall, without learning", ours["wall_s"] - learning, theirs and theirs["wall_s"])
    print_line("wall", ours["wall_s"], theirs and theirs["wall_s"])
    print_line("processor", ours["cpu_s"], theirs and theirs["cpu_s"])
    if theirs:
        print_line("wall, DuckDB with export", ours["wall_s"], theirs["wall_s"] + theirs["export_s"])
        peaks = ours["peak_mib"], theirs["peak_mib"]
        print(f"peak memory: ours {peaks[0]:.0f} MiB, DuckDB {peaks[1]:.0f} MiB, ratio {ratio(*peaks)}")
        if theirs["gave_up"]:
            print(f"DuckDB gave up: {theirs['gave_up']}; what comes after it is missing")
    else:
        print(f"peak memory: ours {ours['peak_mib']:.0f} MiB")


def print_day(measurement):
    """What a new day costs, with and without learning."""
    before, after, again = (measurement[run] for run in ("before", "after", "again"))
    print(f"one more day: {beside(before, after, lambda run, cost: run[cost])}; ", end="")
    print(f"peak memory {before['peak_mib']:.0f} and {after['peak_mib']:.0f} MiB")
    print(f"  without learning: {beside(before, after, lambda run, cost: run[cost] - run['learning'][cost])}")
    print(f"  nothing new: {again['wall_s']:.1f} s, processor {again['cpu_s']:.1f} s")
    slowest = sorted(seconds_of(after).items(), key=lambda item: (-item[1], item[0]))[:8]
    print("  of the day: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in slowest))


def beside(before, after, cost_of):
    """A full run and the day's, by wall and processor time, as text."""
    costs = [(cost_of(before, cost), cost_of(after, cost)) for cost in COSTS]
    wall, processor = (f"{full:.1f} s and {day:.1f} s, 1/{full / day:.1f}" for full, day in costs)
    return f"full and day {wall}; processor {processor}"


def report(bench, found):
    """Prints all that is known."""
    ours = found.get("full")
    if ours:
        rows = {source["source"]: source["rows_read"] for source in ours["sources"]}["access_log"]
        print(f"{rows:,} log rows of {len(bench.days)} days; {bench.limits['threads']} threads, {bench.limits['memory_mib']} MiB")
        print("ours also converts the raw files, makes pseudonyms, sorts, hashes, checks, protects and publishes;")
        print("DuckDB reads tables that are converted already, and has no learning stages")
        print_sides(ours, found.get("duckdb"))
    if found.get("day"):
        print_day(found["day"])


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description="measures a run of hachi against DuckDB, and a new day against a full run")
    parser.add_argument("--hachi", type=Path, required=True, help="a release build")
    parser.add_argument("--folder", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--rows", type=int, default=1_000_000, help="log rows, about")
    parser.add_argument("--data", type=Path, help="folder of raw tables made by `hachi synth`")
    parser.add_argument("--threads", type=int, default=2, help="threads of both engines")
    parser.add_argument("--memory-limit", type=int, default=2048, metavar="MIB", help="what both engines are told to work in")
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS), help="what to measure now")
    return parser.parse_args()


def main():
    given = arguments()
    try:
        bench = Bench(given)
        found = {}
        for part, measure in PARTS.items():
            path = bench.folder / f"{part}.json"
            if part in given.parts:
                path.write_text(json.dumps(measure(bench)), encoding="utf-8")
            if path.exists():
                found[part] = json.loads(path.read_text(encoding="utf-8"))
        report(bench, found)
        return 0
    except (Failed, OSError, ValueError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
