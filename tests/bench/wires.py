# SPDX-License-Identifier: Apache-2.0
"""What busy wires cost and whether anything is lost on them, over real descriptors.

    wires.py WECO GATEWAY [SECONDS]

A line each: what, measured, bar. Ends with 1 when something was lost or a bar is missed. GATEWAY is
bench_gateway. `./dev bench` runs it.
"""
import os
import re
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import tty

WECO, GATEWAY = sys.argv[1:3]
SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 60
FRAMES_PER_S = 4000
PERIOD_S = 0.01
# What makes a battery of the bus, once a batch; the numbered frames are strangers to it.
BATTERY = (b"t35181402E803E803D201\r", b"t35545A006400\r", b"t3566B4143200D700\r")
failed = []


def show(what, measured, bar, holds):
    print(f"{what:<58} {measured:>18} {bar:>12}  {'ok' if holds else 'MISSED'}", flush=True)
    if not holds:
        failed.append(what)


def ended(process):
    """Processor seconds of a program of ours that ended."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process.wait(timeout=30)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def every(period, begun, n):
    select.select([], [], [], max(0.0, begun + n * period - time.monotonic()))


class Adapter:
    """A CAN adapter on a pseudo-terminal that numbers the frames it sends."""

    def __init__(self):
        self.master, self.slave = os.openpty()
        tty.setraw(self.master)
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)

    def answer_until_open(self):
        opened = False
        while not opened:
            for line in os.read(self.master, 4096).split(b"\r"):
                opened = opened or line in (b"O", b"L")
                os.write(self.master, b"\r")

    def send(self, count):
        batch = int(FRAMES_PER_S * PERIOD_S) - len(BATTERY)
        begun = time.monotonic()
        rounds = int(count / FRAMES_PER_S / PERIOD_S)
        for n in range(rounds):
            lines = b"".join([*BATTERY, *(b"t7A08%016X\r" % (n * batch + i)
                                          for i in range(batch))])
            assert os.write(self.master, lines) == len(lines)
            every(PERIOD_S, begun, n + 1)
        return rounds * batch


def numbers_of(record):
    """The numbers of the frames that were recorded, in their order."""
    with open(record, encoding="utf-8") as events:
        for line in events:
            found = re.search(r'7A0#([0-9A-Fa-f]{16})', line)
            if found:
                yield int(found[1], 16)


def slcan(folder):
    adapter = Adapter()
    record = os.path.join(folder, "bus.ndjson")
    process = subprocess.Popen(
        [WECO, "status", f"slcan:{adapter.path}?bitrate=500k", "--watch", "--json", "--record",
         record], stdout=subprocess.DEVNULL)
    adapter.answer_until_open()
    begun = time.monotonic()
    sent = adapter.send(SECONDS * FRAMES_PER_S)
    took = time.monotonic() - begun
    select.select([], [], [], 1)  # what the terminal still holds
    process.send_signal(signal.SIGINT)
    cpu = ended(process) / took
    lost = sent - sum(1 for n, number in enumerate(numbers_of(record)) if n == number)
    show(f"SLCAN, {SECONDS * FRAMES_PER_S} frames in {took:.1f} s, lost", str(lost), "0", lost == 0)
    show("  and recorded, of a core", f"{100 * cpu:.1f} %", "15 %", cpu < 0.15)


def answer_for_all(listener):
    """A gateway with a device at each address: every register holds its own address."""
    link, _ = listener.accept()
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    pending = b""
    while piece := link.recv(4096):
        pending += piece
        while len(pending) >= 12:
            request, pending = pending[:12], pending[12:]
            transaction, _, _, unit, function, first, count = struct.unpack(">HHHBBHH", request)
            words = struct.pack(f">{count}H", *range(first, first + count))
            link.sendall(struct.pack(">HHHBBB", transaction, 0, 3 + len(words), unit, function,
                                     len(words)) + words)


def gateway():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_for_all, args=[listener], daemon=True).start()
        ran = subprocess.run([GATEWAY, str(listener.getsockname()[1]), str(SECONDS)],
                             capture_output=True, text=True, check=True)
    answered, lost, cpu = ran.stdout.split()
    asked = SECONDS * 200
    show(f"Modbus/TCP, 20 units x 100 registers at 10 Hz, of {asked}", answered, str(asked),
         int(answered) >= asked - 20 and int(lost) == 0)
    share = float(cpu) / SECONDS
    show("  of a core", f"{100 * share:.2f} %", "5 %", share < 0.05)


with tempfile.TemporaryDirectory(prefix="weco-wires-") as place:
    slcan(place)
gateway()
sys.exit(1 if failed else 0)
