# SPDX-License-Identifier: Apache-2.0
"""A cheap USB CAN adapter on a pseudo-terminal, written from the SLCAN commands alone, with a
battery behind it whose recorded frames come again and again: weco finds and reads it, at either
speed. The other way round, weco is the adapter with a battery behind it, for python3-can.

    slcan_test.py WECO SOURCE [unittest arguments]
"""
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import threading
import time
import tty
import unittest

WECO, SOURCE = sys.argv[1], sys.argv[2]
SPEEDS = {"S0": 10, "S1": 20, "S2": 50, "S3": 100, "S4": 125, "S5": 250, "S6": 500, "S7": 800}


def recorded_frames(name):
    """(id, bytes) of a candump console log."""
    frames = []
    with open(f"{SOURCE}/tests/vectors/can/{name}.log", encoding="utf-8") as log:
        for line in log:
            found = re.match(r"\s+can\d\s+([0-9A-F]+)\s+\[(\d)\]((?:\s+[0-9A-F]{2})*)", line)
            if found:
                frames.append((int(found[1], 16), bytes.fromhex(found[3])))
    return frames


class Adapter(threading.Thread):
    """Answers S, O, L, C, V, N and sends what is on its bus while it is open at the bus's speed."""

    def __init__(self, frames, kbit_s):
        super().__init__(daemon=True)
        self.master, slave = os.openpty()
        tty.setraw(self.master)
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        self.slave = slave  # kept open, so that the terminal outlives its clients
        self.frames, self.kbit_s = frames, kbit_s
        self.set_to, self.listening, self.sent = None, False, []
        self.stop = False
        self.start()

    def command(self, text):
        if text in SPEEDS and not self.listening:
            self.set_to = SPEEDS[text]
        elif text in ("O", "L") and self.set_to is not None and not self.listening:
            self.listening = True
        elif text == "C":
            self.listening = False
        elif text == "V":
            return b"V1013\r"
        elif text == "N":
            return b"NA123\r"
        elif text[:1] in ("t", "T", "r", "R"):
            self.sent.append(text)
            return b"z\r"
        elif text:
            return b"\a"
        return b"\r"

    def run(self):
        pending, due = b"", time.monotonic()
        while not self.stop:
            ready, _, _ = select.select([self.master], [], [], 0.05)
            if ready:
                pending += os.read(self.master, 4096)
                while b"\r" in pending:
                    line, pending = pending.split(b"\r", 1)
                    os.write(self.master, self.command(line.decode("ascii", "replace")))
            if time.monotonic() < due or not self.listening:
                continue
            due = time.monotonic() + 0.3
            if self.set_to != self.kbit_s:
                continue  # the wrong speed hears nothing
            for can_id, data in self.frames:
                text = f"t{can_id:03X}{len(data)}{data.hex().upper()}\r"
                os.write(self.master, text.encode("ascii"))


def weco(*arguments):
    done = subprocess.run([WECO, *arguments], capture_output=True, text=True, timeout=60,
                          check=False)
    return done.returncode, done.stdout, done.stderr


class Slcan(unittest.TestCase):
    def with_adapter(self, capture, kbit_s):
        adapter = Adapter(recorded_frames(capture), kbit_s)
        self.addCleanup(setattr, adapter, "stop", True)
        return adapter

    def test_a_battery_behind_a_cheap_adapter_is_read_down_to_its_limits(self):
        adapter = self.with_adapter("pylontech_setfirelabs_10pack", 500)
        code, out, err = weco("status", f"slcan:{adapter.path}?bitrate=500k", "--json")
        self.assertEqual(code, 0, err)
        status = json.loads(out)
        values = status["nodes"][0]["values"]
        self.assertEqual(status["device"]["dialect"], "pylontech-1.2")
        self.assertEqual(values["charge_voltage_limit_V"], 53.2)
        self.assertEqual(values["soc_pct"], 26)
        self.assertEqual(values["module_count"], 10)
        self.assertEqual(adapter.sent, [], "listening never sends")

    def test_a_bus_at_250_kbit_is_found_without_being_told(self):
        adapter = self.with_adapter("pylontech_setfirelabs_10pack", 250)
        code, out, err = weco("scan", f"slcan:{adapter.path}", "--json", "--listen", "1s")
        self.assertEqual(code, 0, err)
        devices = json.loads(out)["devices"]
        self.assertEqual(len(devices), 1)
        self.assertEqual(devices[0]["device"]["vendor"], "PYLON")
        self.assertEqual(adapter.sent, [], "a scan of a CAN bus never sends")

    def test_a_silent_bus_is_said_to_be_silent(self):
        adapter = self.with_adapter("pylontech_setfirelabs_10pack", 125)
        code, out, _ = weco("scan", f"slcan:{adapter.path}", "--json", "--listen", "1s")
        self.assertEqual(code, 3)
        findings = json.loads(out)["endpoints"][0]["findings"]
        self.assertEqual([finding["name"] for finding in findings], ["silent_line"])
        code, out, err = weco("status", f"slcan:{adapter.path}", "--timeout", "1s")
        self.assertEqual((code, out), (3, ""))
        self.assertIn("no CAN frame came", err)


class ServedBattery(unittest.TestCase):
    """weco is the adapter, with a virtual battery on the bus behind it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="weco-slcan-")
        cls.path = os.path.join(cls.folder.name, "adapter")
        cls.line = os.path.join(cls.folder.name, "line")
        cls.process = subprocess.Popen(
            [WECO, "simulate", "weco_smart", "--serve", f"slcan:{cls.path}", "--serve",
             f"pty:{cls.line}", "--for", "60s"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 10
        while not os.path.exists(cls.line):
            if cls.process.poll() is not None or time.monotonic() > end:
                raise AssertionError("The simulator did not start.")
            select.select([], [], [], 0.01)

    @classmethod
    def tearDownClass(cls):
        cls.process.kill()
        cls.process.communicate()
        cls.folder.cleanup()

    def test_python_can_hears_a_battery_and_is_heard(self):
        import can  # noqa: PLC0415: a failure here is this test's
        heard = {}
        with can.Bus(interface="slcan", channel=self.path, bitrate=500000,
                     sleep_after_open=0.1) as bus:
            end = time.monotonic() + 10
            while not {0x351, 0x355, 0x356} <= set(heard):
                self.assertLess(time.monotonic(), end, f"only {sorted(heard)} came")
                message = bus.recv(timeout=0.5)
                if message is not None:
                    heard[message.arbitration_id] = bytes(message.data)
            bus.send(can.Message(arbitration_id=0x305, data=bytes(8), is_extended_id=False))
        self.assertEqual(heard[0x351][:4].hex(), "5c12bd00", "470.0 V and 18.9 A, low byte first")

    def test_status_tells_the_same_over_the_bus_and_over_the_line(self):
        seen = []
        for endpoint in (f"slcan:{self.path}", f"serial:{self.line}"):
            code, out, err = weco("status", endpoint, "--json")
            self.assertIn(code, (0, 10), err)
            nodes = json.loads(out)["nodes"]
            seen.append({node["values"].get("charge_voltage_limit_V") for node in nodes} - {None})
        self.assertEqual(seen, [{470}, {470}])

    def test_a_bus_at_another_speed_is_silent(self):
        code, _, err = weco("status", f"slcan:{self.path}?bitrate=250k", "--timeout", "2s")
        self.assertEqual(code, 3, err)
        self.assertIn("no CAN frame came", err)


unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
