"""The sidecar and the community site as processes, ended with their test."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMUNITY = ROOT / "serving/examples/community"
PATIENCE_S = 20


class Sidecar:
    """A running `hachi-serving`."""

    def __init__(self, address):
        self.address = address

    def get(self, path, token=None):
        """The JSON at a path."""
        request = urllib.request.Request(self.address + path, headers={"authorization": f"Bearer {token}"} if token else {})
        return json.load(urllib.request.urlopen(request))


@contextmanager
def sidecar(options, *arguments):
    """A sidecar of the sample that is ready, on a free port."""
    command = [options.serving, "--lake", options.lake, "--pseudonym-key", options.key, "--listen", "127.0.0.1:0", *arguments]
    with _running(command) as lines:
        address = next(lines).strip()
        _wait(address)
        yield Sidecar(address)


@contextmanager
def community(folder, address, port):
    """The community site of the examples, whose pages ask the sidecar at that address."""
    program = COMMUNITY / "community.py"
    with _running([sys.executable, program, "--folder", folder, "--port", port, "--sidecar", address]) as lines:
        yield next(lines).removeprefix("site: ").strip()


def free_port():
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def _running(command):
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield iter(process.stdout.readline, "")
    finally:
        process.terminate()
        process.wait()


def _wait(address):
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        try:
            urllib.request.urlopen(f"{address}/readyz")
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{address} was not ready within {PATIENCE_S} s")
