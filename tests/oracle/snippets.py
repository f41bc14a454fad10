"""Runs the Python examples of a page beside a lake, and compares what they print with what the page shows.

An example whose libraries are not installed is skipped, and said so. What the page shows without an output is not run.
"""

import argparse
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

EXAMPLE = re.compile(r"```python\n(?P<code>(?:(?!```).)*)```\n\n```console\n\$ python (?P<name>\S+)\n(?P<output>(?:(?!```).)*)```", re.DOTALL)
IMPORTED = re.compile(r"^(?:import|from) (\w+)", re.MULTILINE)
# What a library needs in order to read Parquet.
NEEDS = {"pandas": ["pyarrow"]}


def missing(code):
    """Libraries of an example that are not installed."""
    names = IMPORTED.findall(code)
    names += [needed for name in names for needed in NEEDS.get(name, [])]
    return [name for name in names if importlib.util.find_spec(name) is None]


def lines(text):
    """Lines without blanks at their ends."""
    return [line.rstrip() for line in text.strip().splitlines()]


def run(example, folder):
    """Whether an example prints what the page shows."""
    name, code = example["name"], example["code"]
    if absent := missing(code):
        print(f"skipped {name}: {', '.join(absent)} is not installed")
        return True
    said = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    is_equal = said.returncode == 0 and lines(said.stdout) == lines(example["output"])
    print(f"{'equal  ' if is_equal else 'other  '} {name}")
    if not is_equal:
        print(said.stdout + said.stderr)
    return is_equal


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="where `lake` is")
    arguments = parser.parse_args()
    examples = list(EXAMPLE.finditer(arguments.page.read_text(encoding="utf-8")))
    if not examples:
        sys.exit(f"no example in `{arguments.page}`")
    if not all([run(example, arguments.folder) for example in examples]):
        sys.exit(1)


if __name__ == "__main__":
    main()
