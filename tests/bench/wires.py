# SPDX-License-Identifier: Apache-2.0
"""What busy wires cost and whether anything is lost on them, over real descriptors.

    wires.py WECO BENCHES [SECONDS]

A line each: what, measured, bar. Ends with 1 when something was lost or a bar is missed. BENCHES is
the folder with bench_gateway and bench_flash_device. `./dev bench` runs it.
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

WECO, BENCHES = sys.argv[1:3]
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
        program = os.path.join(BENCHES, "bench_gateway")
        ran = subprocess.run([program, str(listener.getsockname()[1]), str(SECONDS)],
                             capture_output=True, text=True, check=True)
    answered, lost, cpu = ran.stdout.split()
    asked = SECONDS * 200
    show(f"Modbus/TCP, 20 units x 100 registers at 10 Hz, of {asked}", answered, str(asked),
         int(answered) >= asked - 20 and int(lost) == 0)
    share = float(cpu) / SECONDS
    show("  of a core", f"{100 * share:.2f} %", "5 %", share < 0.05)


class Line(threading.Thread):
    """A serial line of 11,520 bytes a second, each way, between a host's terminal and a device's.

    What is on its way is on the line: it is handed over byte by byte as its bits would arrive.
    """
    BYTES_PER_S = 11520

    def __init__(self, device):
        super().__init__(daemon=True)
        self.host, slave = os.openpty()
        self.device = os.open(device, os.O_RDWR | os.O_NOCTTY)
        for each in (self.host, slave, self.device):
            tty.setraw(each)
        self.slave, self.path, self.over = slave, os.ttyname(slave), False

    def run(self):
        ways = [[self.host, self.device, b"", 0.0], [self.device, self.host, b"", 0.0]]
        while not self.over:
            waiting = [way[0] for way in ways if not way[2]]
            busy = len(waiting) < len(ways)
            ready, _, _ = select.select(waiting, [], [], 0.0005 if busy else 0.05)
            now = time.monotonic()
            for way in ways:
                source, sink, data, since = way
                if not data and source in ready:
                    way[2:] = os.read(source, 4096), max(now, since)
                    continue
                there = min(len(data), int((now - since) * self.BYTES_PER_S))
                if there > 0:
                    os.write(sink, data[:there])
                    way[2:] = data[there:], since + there / self.BYTES_PER_S


def firmware(folder, payload, buffer, bar):
    """A whole image over SMP on a line of 115,200 bit/s."""
    device = subprocess.Popen([os.path.join(BENCHES, "bench_flash_device"), folder, str(payload),
                               str(buffer)], stdout=subprocess.PIPE)
    device.stdout.readline()
    line = Line(os.path.join(folder, "device"))
    line.start()
    journal = os.path.join(folder, f"journal-{buffer}")
    ran = subprocess.run([WECO, "flash", "install", f"serial:{line.path}?baud=115200",
                          os.path.join(folder, "new.bin"), "--key",
                          os.path.join(folder, "key.pem"), "--journal", journal, "--bench",
                          "--yes"], capture_output=True, text=True, check=False)
    line.over = True
    line.join()
    device.kill()
    device.wait()
    found = re.search(r"(\d+) bytes at (\d+) B/s", ran.stdout)
    if ran.returncode != 0 or not found:
        sys.exit(f"wires.py: the firmware did not arrive: {ran.stderr}")
    show(f"SMP at 115200 8N1, requests of {buffer} bytes, payload", f"{found[2]} B/s",
         f"{bar} B/s", int(found[2]) >= bar)


with tempfile.TemporaryDirectory(prefix="weco-wires-") as place:
    slcan(place)
    firmware(place, 256 * 1024, 1024, 7900)
    firmware(place, 256 * 1024, 4096, 8200)
gateway()
sys.exit(1 if failed else 0)
