# SPDX-License-Identifier: Apache-2.0
"""200 devices read by one script, beside the slowest of them read alone.

Four programs serve 50 devices each, over TCP, and take 30, 60, 90 and 120 ms for an answer. The
script looks at each device as a whole: a chain of questions, of which none waits for another
device's.
"""
import contextlib
import socket
import subprocess
import tempfile
import time

DEVICES = 50  # of a program
LATE_MS = (30, 60, 90, 120)
SCRIPT = """return {
  purpose = "Look at every device of a street at once.",
  rights = { "read" },
  arguments = { { name = "devices", type = "device", many = true } },
  run = function(given)
    local points = 0
    for _, house in ipairs(weco.parallel(given.devices, function(place)
      local device = assert(weco.open(place, { family = "weco_smart" }))
      return #assert(device:points())
    end)) do
      points = points + assert(house.value, house.error)
    end
    return points
  end,
}
"""


def free_places():
    """Ports that nobody has, all looked for at once so that each is another."""
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0)))
                 for _ in range(DEVICES)]
        return [f"tcp:127.0.0.1:{each.getsockname()[1]}" for each in taken]


def serve(weco, late_ms):
    """A program with its devices; they are there once it has said so of each."""
    places = free_places()
    served = [word for place in places for word in ("--serve", place)]
    program = subprocess.Popen(
        [weco, "simulate", "weco_smart", *served, "--fault", f"wire_late:chance=100,by={late_ms}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for _ in places:
        program.stderr.readline()
    return program, places


def wall(weco, script, devices):
    """Best of three, and what it read."""
    best, points = float("inf"), 0
    for _ in range(3):
        begun = time.monotonic()
        points = int(subprocess.run([weco, "run", script, *devices], capture_output=True, text=True,
                                    check=True).stdout)
        best = min(best, time.monotonic() - begun)
    return best, points


def street(weco):
    """Wall times in seconds: of all devices, and of the slowest."""
    programs = []
    try:
        for late_ms in LATE_MS:
            programs.append(serve(weco, late_ms))
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(SCRIPT)
            script.flush()
            together, points = wall(weco, script.name, [at for _, all_ in programs for at in all_])
            slowest, each = wall(weco, script.name, programs[-1][1][:1])
        if points != each * DEVICES * len(LATE_MS):
            raise RuntimeError(f"{points} points of {each} at each device")
        return together, slowest
    finally:
        for program, _ in programs:
            program.terminate()
            program.wait(timeout=30)
