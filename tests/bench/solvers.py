#!/usr/bin/env python3
"""Measures the solvers against libraries from the Python package index, on the same data with the same threads in one run.

    solvers.py --bench FILE --folder DIR [--threads N] [--rounds N] [--parts PART...]

FILE of --bench   pipeline/solvers/examples/bench.rs, built with --release
DIR of --folder   where the matrix and the measurements are kept; what is there is used again
--parts           what to measure now: ials, ease, lists; the other figures are of the last time. Default: all

The packages are in tests/bench/requirements.txt. The positives have the shape and skew of MovieLens-1M: 6,040 users whose numbers
of positives are log-normal, 3,706 courses with a popularity like Zipf's, about a million entries, drawn from a seed.
Epochs are exact on all sides (Cholesky for every row), and the least of several; so are all seconds, and they are wall time. EASE is from
a dense Gram matrix, whose inverse numpy or scipy makes by the fastest of three ways, and from positives. Lists are the 50 best courses
of every user without those the user has. Sides take turns, each in a process of its own, for some rounds, of which each side's best
counts: what else the machine does meanwhile hits one side or the other. Where the peak differs between rounds, it did something else.
"""

import argparse
import functools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

USERS, COURSES, POSITIVES, SEED = 6040, 3706, 1_000_000, 8
GRAM_SIZES = (3706, 8192)
DIMS = (64, 192)
EPOCHS, REPEATS, LIST_LENGTH = 5, 3, 50
LAMBDA = 1000.0
# In peers' words as in ours.
IALS = {"reg": 0.007, "alpha0": 0.3}
PARTS = ("ials", "ease", "lists")


def make(path):
    """Draws the positives; the file gets its name when it is whole."""
    import numpy as np

    stream = np.random.default_rng(SEED)
    most, least = COURSES * 0.6, 18
    activity = stream.lognormal(4.5, 1.0, USERS)
    for _ in range(20):
        activity = np.clip(activity * POSITIVES / activity.sum(), least, most)
    popularity = np.log(1.0 / (np.arange(1, COURSES + 1) + 120.0) ** 1.15)
    names = stream.permutation(COURSES)
    rows = []
    for count in activity.astype(int):
        # Gumbel's maxima draw without replacement, by popularity.
        keys = popularity + stream.gumbel(size=COURSES)
        rows.append(np.sort(names[np.argpartition(-keys, count)[:count]]))
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    numbers = np.concatenate([[USERS, offsets[-1]], offsets, *rows]).astype("<u4")
    draft = path.with_suffix(".draft")
    numbers.tofile(draft)
    draft.rename(path)


def read(path):
    """The positives as a scipy matrix of ones."""
    import numpy as np
    import scipy.sparse

    numbers = np.fromfile(path, "<u4").astype(np.int32)
    offsets, courses = numbers[2 : USERS + 3], numbers[USERS + 3 :]
    return scipy.sparse.csr_matrix((np.ones(len(courses), np.float32), courses, offsets), shape=(USERS, COURSES))


def least(run, repeats=REPEATS):
    """The least seconds of some calls."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def say(part, what, value):
    """One measurement, as the other side writes it."""
    print(json.dumps({"part": part, "what": what, "value": value}), flush=True)


def irspack_epochs(positives, threads):
    """Exact epochs of irspack, for its fastest compiled way of solving exactly."""
    from irspack import IALSRecommender

    for dim in DIMS:
        model = IALSRecommender(
            positives, n_components=dim, n_threads=threads, solver_type="CHOLESKY", train_epochs=1, nu=1.0, **IALS
        )
        model.start_learning()
        say(f"ials-{dim}", "epoch_s", least(model.run_epoch, EPOCHS))


def implicit_epochs(positives, threads):
    """Exact epochs of implicit, and its lists."""
    import numpy as np
    from implicit.cpu.als import AlternatingLeastSquares

    for dim in DIMS:
        options = {"regularization": 0.01, "use_native": True, "use_cg": False, "num_threads": threads, "random_state": 1}
        model, seconds = AlternatingLeastSquares(factors=dim, iterations=EPOCHS, **options), []
        model.fit(positives, show_progress=False, callback=lambda _, epoch_s, *__: seconds.append(epoch_s))
        say(f"ials-{dim}", "epoch_s", min(seconds))
        users = np.arange(USERS)
        lists = lambda: model.recommend(users, positives, N=LIST_LENGTH, filter_already_liked_items=True)
        say(f"ials-{dim}", "lists_s", least(lists))


def numpy_ease(positives, threads):
    """EASE by numpy and scipy with OpenBLAS, in double precision as ours."""
    import numpy as np
    import scipy.linalg
    from threadpoolctl import threadpool_limits

    def by_inverse(system):
        return np.linalg.inv(system)

    def by_solve(system):
        factor = scipy.linalg.cho_factor(system, lower=True, check_finite=False)
        return scipy.linalg.cho_solve(factor, np.eye(len(system)), check_finite=False)

    def by_potri(system):
        factor, _ = scipy.linalg.lapack.dpotrf(system, lower=1, clean=0)
        inverse, _ = scipy.linalg.lapack.dpotri(factor, lower=1, overwrite_c=1)
        return np.tril(inverse) + np.tril(inverse, -1).T

    def weights(gram, invert):
        inverse = invert(gram + LAMBDA * np.eye(len(gram)))
        weights = inverse / -np.diag(inverse)
        np.fill_diagonal(weights, 0.0)
        return weights.astype(np.float32)

    def from_positives(invert):
        return weights((positives.T @ positives).toarray().astype(np.float64), invert)

    with threadpool_limits(threads):
        for size in GRAM_SIZES:
            apart = np.bitwise_xor.outer(np.arange(size), np.arange(size))
            gram = np.where(apart == 0, 400.0, 40.0 / np.sqrt(1.0 + apart))
            repeats = REPEATS if size < 5000 else 1
            for name, invert in (("inv", by_inverse), ("cho_solve", by_solve), ("potri", by_potri)):
                say(f"gram:{size}", f"{name}_s", least(lambda: weights(gram, invert), repeats))
            say(f"gram:{size}", "mean_square", float((weights(gram, by_potri).astype(np.float64) ** 2).sum() / size))
        say("ease", "fit_s", min(least(lambda: from_positives(invert)) for invert in (by_inverse, by_potri)))


# Peers by name; each runs in a process of its own.
PEERS = {"irspack": irspack_epochs, "implicit": implicit_epochs, "numpy": numpy_ease}
PEERS_OF = {"ials": ("irspack", "implicit"), "ease": ("numpy",), "lists": ("implicit",)}
OURS_OF = {
    "ials": ("ials-64", "ials-192", "ials-192-blocks"),
    "ease": ("ease", *(f"gram:{size}" for size in GRAM_SIZES)),
    "lists": ("ials-64", "ials-192"),
}


def lines_of(command, environment=None):
    """(part, what) -> value, of the JSON lines that a command prints."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True, env=os.environ | (environment or {}))
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {f"{line['part']} {line['what']}": line["value"] for line in lines}


def best(earlier, later):
    """Of two rounds of one side: the least seconds and the highest rates."""
    better = {key: (max if key.endswith("_gflops") else min)(earlier[key], later[key]) for key in earlier.keys() & later.keys()}
    return earlier | later | better


def measure(given, matrix):
    """Runs what was asked for, peers and ours in turn: side -> figures."""
    peers = list(dict.fromkeys(peer for part in given.parts for peer in PEERS_OF[part]))
    ours = list(dict.fromkeys(part for asked in given.parts for part in OURS_OF[asked]))
    own = lines_of([given.bench, matrix, COURSES, given.threads, "peak", *ours])
    # A part is held against the peak of its own run: figures of other runs may be of a busier machine.
    own |= {f"{part} {kind}": own[f"peak {kind}"] for part in ours for kind in ("f32_gflops", "f64_gflops")}
    figures = {"hachi": own}
    for peer in peers:
        # implicit and irspack have threads of their own, and are slowed by OpenBLAS' beside them.
        alone = {} if peer == "numpy" else {"OPENBLAS_NUM_THREADS": "1"}
        figures[peer] = lines_of([sys.executable, __file__, "--peer", peer, "--folder", given.folder, "--threads", given.threads], alone)
    return figures


def flops(dim, positives, rows):
    """Floating point operations of an exact epoch: outer products of both sides, one triangle, and a Cholesky factor per row."""
    return 2 * positives * dim * (dim + 1) + rows * dim**3 / 3


def share_of(operations, ours, part, what, kind):
    """The share of the peak at which a part of ours computed; none if it was not measured."""
    seconds, peak = ours.get(f"{part} {what}"), ours.get(f"{part} {kind}")
    return operations / seconds / 1e9 / peak if seconds and peak else None


def table(figures):
    """Rows of: what, ours, the peer, theirs, ratio, share of the peak."""
    ours = figures["hachi"]
    for dim in DIMS:
        operations = flops(dim, POSITIVES, USERS + COURSES)
        for peer in ("irspack", "implicit"):
            share = share_of(operations, ours, f"ials-{dim}", "epoch_s", "f32_gflops")
            yield f"exact epoch, d = {dim}", f"ials-{dim} epoch_s", peer, f"ials-{dim} epoch_s", share
    yield "block epoch, d = 192, blocks of 64", "ials-192-blocks epoch_s", "irspack", "ials-192 epoch_s", None
    for size in GRAM_SIZES:
        named = [key for key in figures.get("numpy", {}) if key.startswith(f"gram:{size} ") and key.endswith("_s")]
        best = min(named, key=figures["numpy"].get, default=None)
        share = share_of(size**3, ours, f"gram:{size}", "fit_s", "f64_gflops")
        yield f"EASE, {size} courses, from a Gram matrix", f"gram:{size} fit_s", "numpy", best, share
    yield f"EASE, {COURSES} courses, from positives", "ease fit_s", "numpy", "ease fit_s", None
    for dim in DIMS:
        yield f"lists of {LIST_LENGTH}, d = {dim}", f"ials-{dim} lists_s", "implicit", f"ials-{dim} lists_s", None


def show(figures):
    """Prints the table, with a dash for what was not measured."""
    print(f"{'':42} {'hachi s':>9}  {'peer':<22} {'peer s':>9} {'ratio':>6} {'of peak':>8}")
    for name, own, peer, other, share in table(figures):
        mine, theirs = figures["hachi"].get(own), figures.get(peer, {}).get(other)
        way = f"{peer} {other.split()[1].removesuffix('_s')}" if peer == "numpy" and other and "gram" in other else peer
        cells = [f"{mine:.3f}" if mine else "–", f"{theirs:.3f}" if theirs else "–"]
        ratio = f"{mine / theirs:.2f}" if mine and theirs else "–"
        print(f"{name:42} {cells[0]:>9}  {way:<22} {cells[1]:>9} {ratio:>6} {f'{share:.0%}' if share else '–':>8}")
    peak = figures["hachi"]
    print(f"in the last run: peak of matrix products: {peak['peak f32_gflops']:.0f} GFLOP/s single, {peak['peak f64_gflops']:.0f} double precision")
    for size in GRAM_SIZES:
        pair = [figures.get(side, {}).get(f"gram:{size} mean_square") for side in ("hachi", "numpy")]
        if all(pair):
            print(f"EASE, {size} courses: mean squared weights differ by {abs(pair[0] / pair[1] - 1):.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--peer", choices=list(PEERS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    matrix = given.folder / "positives.u32"
    if given.peer:
        return PEERS[given.peer](read(matrix), given.threads)
    if not given.bench:
        parser.error("--bench is needed")
    if not matrix.exists():
        make(matrix)
    kept = given.folder / "solvers.json"
    figures = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    rounds = [measure(given, matrix) for _ in range(given.rounds)]
    for side in rounds[0]:
        figures.setdefault(side, {}).update(functools.reduce(best, (measured[side] for measured in rounds)))
    peaks = [measured["hachi"]["peak f32_gflops"] for measured in rounds]
    kept.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    show(figures)
    print("peak of each round, single precision:", ", ".join(f"{peak:.0f}" for peak in peaks), "GFLOP/s")


if __name__ == "__main__":
    main()
