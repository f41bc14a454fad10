"""Runs the tests of the dashboard and of the widget in a browser; says how each went, and why it failed."""

import argparse
import inspect
import sys
import tempfile
import traceback
from pathlib import Path

import dashboard
import widget
from browser import browser


def tests(only):
    """Functions that begin with `test_`, by module."""
    for module in (dashboard, widget):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("test_") and only in f"{module.__name__}.{name}":
                yield f"{module.__name__}: {name.removeprefix('test_').replace('_', ' ')}", function


def passed(name, function, given):
    """Whether a test passes; what it asks for is given by name."""
    with tempfile.TemporaryDirectory() as folder:
        asked = {**given, "folder": Path(folder)}
        try:
            function(**{name: asked[name] for name in inspect.signature(function).parameters})
        except Exception:  # noqa: BLE001: whatever went wrong, the others go on
            print(f"FAILED  {name}\n{traceback.format_exc()}")
            return False
    print(f"ok      {name}", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serving", type=Path, required=True, help="the sidecar's program")
    parser.add_argument("--lake", type=Path, required=True, help="a lake of the sample")
    parser.add_argument("--key", type=Path, required=True, help="its pseudonym key")
    parser.add_argument("--shots", type=Path, help="where pictures are kept, if they are wanted")
    parser.add_argument("--only", default="", help="tests with this in their names")
    options = parser.parse_args()
    with browser() as chromium:
        results = [passed(name, function, {"browser": chromium, "options": options}) for name, function in tests(options.only)]
    print(f"{sum(results)} of {len(results)} passed")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
