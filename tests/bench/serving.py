#!/usr/bin/env python3
"""Measures the sidecar: its rate against nginx with the same bytes, its latency at a fixed rate, many members, swaps, slow clients.

    serving.py --sidecar FILE --lake FILE --session FILE --folder DIR [--seconds N] [--latency-seconds N] [--members N] [--soak N]
               [--parts PART...]

FILE of --sidecar  the binary hachi-serving, built with --profile sidecar
FILE of --lake     serving/snapshot/examples/lake.rs, built with --profile sidecar
FILE of --session  serving/examples/session.rs, built with --profile sidecar
DIR of --folder    where lakes and measurements are kept; a lake that is there is used again
--parts            rate, latency, session, members, swaps, slow; default: all

Needs nginx, wrk and h2load (nghttp2), all on the path. Servers have the first core, clients the second. Rates are of one run in which
both servers take turns, `ROUNDS` times each; each side's best counts. `anew` is the rate of a hundred thousand members who ask in
turn, so that hardly an answer was made before. nginx is measured as Debian sets it, and without sendfile(2), with which it sends such
a small file faster. At the fixed rate so many connections take turns that a client's own bursts are small. Traffic goes to 127.0.0.1
alone.
"""

import argparse
import concurrent.futures
import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

PARTS = ("rate", "latency", "session", "members", "swaps", "slow")
ROUNDS, CONNECTIONS, PACED, FIXED_RATE, SLOW, WARM = 3, 64, 16, 10_000, 1_000, 50_000
SERVER_CORE, CLIENT_CORE = "0", "1"
MEMBER, LIMIT = "m17", 4
# A file of ten gigabytes is hashed before it is served.
PATIENCE_S = 300

SETTINGS = {"nginx": "sendfile on; tcp_nopush on;", "nginx_without_sendfile": "sendfile off;"}
NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  {setting}
  keepalive_requests 1000000000;
  open_file_cache max=100;
  default_type application/json;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; }}
}}
"""


def free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def wait(done, what):
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            if done():
                return
        except OSError:
            pass
        time.sleep(0.02)
    raise SystemExit(f"{what}: not within {PATIENCE_S} s")


@contextmanager
def on_core(core, command, log=subprocess.DEVNULL):
    process = subprocess.Popen(["taskset", "-c", core, *map(str, command)], stdout=subprocess.DEVNULL, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def sidecar(options, lake, poll_s=1):
    port = free_port()
    command = [options.sidecar, "--lake", lake, "--pseudonym-key", lake.parent / "key", "--listen", f"127.0.0.1:{port}"]
    command += ["--log-format", "json", "--poll-seconds", poll_s]
    with open(options.folder / "sidecar.log", "w") as log, on_core(SERVER_CORE, command, log) as process:
        wait(lambda: get(port, "/readyz")[0] == 200, "the sidecar")
        yield port, process.pid


def activations(options):
    """What each snapshot that was swapped in took, in milliseconds: verified, opened, swapped."""
    lines = map(json.loads, (options.folder / "sidecar.log").read_text().splitlines())
    told = [line["fields"] for line in lines if "swapped_s" in line["fields"]]
    return [{name.replace("_s", "_ms"): 1000 * fields[name] for name in ("verified_s", "opened_s", "swapped_s")} for fields in told]


@contextmanager
def nginx(folder, port, setting):
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port, setting=setting))
    with on_core(SERVER_CORE, ["nginx", "-p", folder, "-c", config]):
        wait(lambda: get(port, "/list.json")[0] == 200, "nginx")
        yield


def lake_of(options, members):
    lake = options.folder / f"serving-{members}" / "lake"
    if not (lake / "manifests").exists():
        shutil.rmtree(lake, ignore_errors=True)
        lake.parent.mkdir(parents=True, exist_ok=True)
        said = subprocess.run([options.lake, "make", lake, str(members)], check=True, capture_output=True, text=True).stdout
        (lake.parent / "published").write_text(said)
    return lake


def wrk(port, path, seconds, script=None, connections=CONNECTIONS):
    command = ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["-s", str(script)] if script else []
    said = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", said)
    if failed:
        raise SystemExit(f"wrk had failures: {failed.group(0)}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1)), re.search(r"99%\s+(\S+)", said).group(1)


def members_script(options, members, pause_ms=0):
    """A request of wrk for any of so many members, and how long a connection rests after it."""
    script = options.folder / "members.lua"
    path = f'"/v1/users/m" .. math.random(0, {members - 1}) .. "/recommendations?limit={LIMIT}"'
    functions = {"request": f'wrk.format("GET", {path})'} | ({"delay": pause_ms} if pause_ms else {})
    script.write_text("".join(f"{name} = function() return {value} end\n" for name, value in functions.items()))
    return script


def rate(options):
    lake = lake_of(options, 100_000)
    with sidecar(options, lake) as (port, _):
        path = f"/v1/users/{MEMBER}/recommendations?limit={LIMIT}"
        _, body = get(port, path)
        www = options.folder / "www"
        www.mkdir(exist_ok=True)
        (www / "list.json").write_bytes(body)
        other, best = free_port(), {"sidecar": 0.0} | dict.fromkeys(SETTINGS, 0.0)
        for _ in range(ROUNDS):
            for name, setting in SETTINGS.items():
                with nginx(options.folder, other, setting):
                    best[name] = max(best[name], wrk(other, "/list.json", options.seconds)[0])
            best["sidecar"] = max(best["sidecar"], wrk(port, path, options.seconds)[0])
        anew = wrk(port, "/", options.seconds, members_script(options, 100_000))[0]
    ratios = {name: best["sidecar"] / best[name] for name in SETTINGS}
    return {"bytes": len(body), "per_s": best, "ratios": ratios, "anew_per_s": anew}


def session(options):
    said = subprocess.run([options.session], check=True, capture_output=True, text=True).stdout
    return json.loads(said)


def percentiles(microseconds):
    ordered = sorted(microseconds)
    at = lambda share: ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1000
    return {"requests": len(ordered), "p50_ms": at(0.5), "p99_ms": at(0.99), "p999_ms": at(0.999), "max_ms": ordered[-1] / 1000}


def fixed_rate(options, port, path, seconds):
    clients = 20
    log = options.folder / "h2load.log"
    log.unlink(missing_ok=True)
    command = ["taskset", "-c", CLIENT_CORE, "h2load", "--h1", f"-c{clients}", f"--rps={FIXED_RATE // clients}", f"-D{seconds}"]
    said = subprocess.run([*command, f"--log-file={log}", f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True).stdout
    failed = re.search(r"(\d+) failed, (\d+) errored, (\d+) timeout", said)
    if not failed or any(int(count) for count in failed.groups()):
        raise SystemExit(f"h2load had failures:\n{said}")
    rows = [line.split() for line in log.read_text().splitlines()]
    if any(row[1] != "200" for row in rows):
        raise SystemExit("an answer was not 200")
    return percentiles([int(row[2]) for row in rows])


def latency(options):
    with sidecar(options, lake_of(options, 100_000)) as (port, _):
        return fixed_rate(options, port, f"/v1/users/{MEMBER}/recommendations?limit={LIMIT}", options.latency_seconds)


def resident(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return {name: int(re.search(rf"{name}:\s+(\d+)", status).group(1)) / 1024 for name in ("VmHWM", "VmRSS", "RssAnon")}


def members(options):
    lake = lake_of(options, options.members)
    size = sum(file.stat().st_size for file in lake.glob("serve/*/*"))
    with sidecar(options, lake) as (port, pid):
        before = resident(pid)
        speed, _ = wrk(port, "/", options.seconds, members_script(options, options.members))
        # Of members all over the file, whose pages the first round brings into memory; then nobody has to wait for others.
        wrk(port, "/", options.seconds, members_script(options, WARM))
        warm_speed, p99 = wrk(port, "/", options.seconds, members_script(options, WARM, pause_ms=1), PACED)
        again = subprocess.Popen([options.lake, "again", str(lake), "1", "0"])
        under_swap = fixed_rate(options, port, f"/v1/users/{MEMBER}/recommendations?limit={LIMIT}", 3 * options.seconds)
        again.wait()
        wait(lambda: len(activations(options)) > 1, "the swap")
        after = resident(pid)
    return {"published": (lake.parent / "published").read_text().strip(), "bytes": size, "members": options.members, "per_s": speed,
            "warm_per_s": warm_speed, "warm_p99": p99, "mib_before": before, "mib_after": after,
            "activations": activations(options), "under_swap": under_swap}


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def swaps(options):
    lake = lake_of(options, 1_000)
    path = f"/v1/users/{MEMBER}/recommendations?limit={LIMIT}"
    with sidecar(options, lake) as (port, pid):
        first = json.loads(get(port, "/status")[1])["snapshot"]["number"]
        again = subprocess.Popen([options.lake, "again", str(lake), str(options.soak), "1000"])
        seen = []
        with concurrent.futures.ThreadPoolExecutor() as pool:
            load = pool.submit(fixed_rate, options, port, path, options.soak)
            while not load.done():
                seen.append({**resident(pid), "descriptors": descriptors(pid)})
                time.sleep(5)
            answered = load.result()
        again.wait()
        last = json.loads(get(port, "/status")[1])["snapshot"]["number"]
    half = seen[len(seen) // 2 :]
    slope = statistics.linear_regression(range(len(half)), [row["RssAnon"] for row in half]).slope if len(half) > 2 else None
    swapped = [one["swapped_ms"] for one in activations(options)]
    return {"swaps": last - first, "swapped_ms_max": max(swapped), **answered, "mib_per_5_s": slope, "first": seen[0], "last": seen[-1]}


def slow(options):
    path = f"/v1/users/{MEMBER}/recommendations?limit={LIMIT}"
    with sidecar(options, lake_of(options, 1_000)) as (port, _):
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW)]
        for one in held:
            one.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        answered = fixed_rate(options, port, path, 10)
        # A head that does not end is cut after five seconds.
        cut = sum(is_cut(one) for one in held)
        return {"slow": SLOW, "cut": cut, **answered}


def is_cut(one):
    one.settimeout(0.05)
    try:
        while data := one.recv(4096):
            if not data:
                return True
        return True
    except TimeoutError:
        return False
    except OSError:
        return True
    finally:
        one.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sidecar", type=Path, required=True)
    parser.add_argument("--lake", type=Path, required=True)
    parser.add_argument("--session", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--latency-seconds", type=int, default=60)
    parser.add_argument("--members", type=int, default=10_000_000)
    parser.add_argument("--soak", type=int, default=600)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    options = parser.parse_args()
    missing = [tool for tool in ("nginx", "wrk", "h2load", "taskset") if not shutil.which(tool)]
    if missing:
        raise SystemExit(f"not installed: {', '.join(missing)}")
    options.folder = options.folder.absolute()
    options.folder.mkdir(parents=True, exist_ok=True)
    for part in options.parts:
        print(json.dumps({part: globals()[part](options)}), flush=True)


if __name__ == "__main__":
    main()
