# SPDX-License-Identifier: Apache-2.0
"""weco among programs that others wrote: mbpoll and pymodbus read our servers, weco reads theirs.

Usage: peers_test.py WECO SOURCE [UNITTEST ARGUMENT...]

Real terminals, sockets and time, each wait with a deadline. What is not installed is a failure:
./dev test installs it.
"""
import contextlib
import json
import os
import re
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import tty
import unittest
from decimal import Decimal

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import profile_rows as rows  # noqa: E402
import pymodbus_peer as peer  # noqa: E402

WECO = ""
SOURCE = ""
DEADLINE_S = 20
PORT_ATTEMPTS = 5
UNMAPPED = 0x7000  # no family has a row there
NOT_THERE = 9      # no device answers at this unit


def need(condition, package):
    if not condition:
        raise AssertionError("The peer is not installed: apt-get install %s." % package)


def need_peers():
    need(shutil.which("mbpoll"), "mbpoll")
    for module, package in (("serial", "python3-serial"), ("pymodbus", "python3-pymodbus")):
        try:
            __import__(module)
        except ImportError:
            need(False, package)
    try:
        import pymodbus.client  # noqa: F401
        import pymodbus.server  # noqa: F401
    except ImportError as error:  # Debian 12's pymodbus only recommends what it imports
        need(False, "python3-serial-asyncio (%s)" % error)


def wait_for(what, condition):
    """Looks again every few milliseconds until the condition holds."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("Waited %d s for %s." % (DEADLINE_S, what))
        select.select([], [], [], 0.005)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def has_open(process, path):
    folder = "/proc/%d/fd" % process.pid
    with contextlib.suppress(OSError):
        return any(os.readlink(os.path.join(folder, fd)) == path for fd in os.listdir(folder))
    return False


def run(words):
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=DEADLINE_S, check=False)


def stop(process):
    process.kill()
    process.communicate()


class Simulator:
    """`weco simulate weco_smart` on a pseudo-terminal, on TCP and on TCP with RTU frames."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="weco-peers-")
        self.pty = os.path.join(self.folder.name, "tower")
        for _ in range(PORT_ATTEMPTS):  # between choosing a port and using it it may be taken
            if self._start():
                return
        raise AssertionError("No free port in %d attempts." % PORT_ATTEMPTS)

    def _start(self):
        self.tcp, self.rtu_over_tcp = free_port(), free_port()
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [WECO, "simulate", "weco_smart", "--serve", "pty:" + self.pty,
             "--serve", "tcp:127.0.0.1:%d" % self.tcp,
             "--serve", "tcp:127.0.0.1:%d?framing=rtu" % self.rtu_over_tcp, "--for", "60s"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)
        wait_for("the simulator", lambda: self.process.poll() is not None or (
            os.path.exists(self.pty) and listening(self.tcp) and listening(self.rtu_over_tcp)))
        if self.process.poll() is None:
            return True
        self.log.seek(0)
        said = self.log.read()
        if "in use" not in said.lower():
            raise AssertionError("The simulator ended: " + said)
        return False

    def close(self):
        stop(self.process)
        self.log.close()
        self.folder.cleanup()


class Mbpoll:
    LINE = re.compile(r"^\[(\d+)\]:\s+0x([0-9A-F]{4})$", re.MULTILINE)

    def __init__(self, kind, address):
        self.where = (["-m", "rtu", "-b", "9600", "-P", "none", address] if kind == "rtu" else
                      ["-m", "tcp", "-p", str(address), "127.0.0.1"])

    def ask(self, table, address, count, unit=peer.UNIT, timeout_s=2):
        return run(["mbpoll", "-1", "-0", "-a", str(unit), "-r", str(address), "-c", str(count),
                    "-t", {"input": "3:hex", "holding": "4:hex"}[table], "-o", str(timeout_s)]
                   + self.where)

    def read(self, table, address, count):
        ran = self.ask(table, address, count)
        found = self.LINE.findall(ran.stdout)
        if [int(at) for at, _ in found] != list(range(address, address + count)):
            raise AssertionError("mbpoll did not read %d registers at %d:\n%s%s"
                                 % (count, address, ran.stdout, ran.stderr))
        return [int(word, 16) for _, word in found]


def image(client, spans):
    """All registers at one moment, as {(table, address): word}."""
    return {(span.table, span.address + i): word for span in spans
            for i, word in enumerate(client.read(*span))}


def words_at(registers, cell):
    return [registers[cell.table, cell.address + i] for i in range(cell.words)]


def kind_of(node):
    return re.sub(r"\[[^]]*\]", "", node)


def json_keys(family):
    """{(node without numbers, point): key of status --json}, as weco describes the family."""
    shown = json.loads(run([WECO, "devices", "show", family, "--json"]).stdout)
    return {(kind_of(row["node"]), row["point"]): row["key"] for row in shown["values"]}


def status(endpoint, family, *words):
    ran = run([WECO, "status", endpoint, "--family", family, "--unit", "1", "--json", "--all",
               *words])
    if ran.returncode != 0:
        raise AssertionError("weco status %s ended with %d:\n%s%s"
                             % (endpoint, ran.returncode, ran.stdout, ran.stderr))
    read = json.loads(ran.stdout, parse_float=Decimal, parse_int=Decimal)
    return {node["path"]: node["values"] for node in read["nodes"]}


def value_in(nodes, cell, keys):
    value = nodes[cell.node][keys[kind_of(cell.node), cell.point]]
    return value[int(cell.index) - 1] if isinstance(value, list) and cell.index else value


class OurServer(unittest.TestCase):
    """Independent clients against `weco simulate`."""

    @classmethod
    def setUpClass(cls):
        need_peers()
        profile = os.path.join(SOURCE, "devices/weco_smart/profile.lua")
        cls.cells = rows.cells_of(profile)
        cls.spans = rows.spans_of(cls.cells, gap_max=16, count_max=125)
        cls.simulator = Simulator()
        cls.addClassCleanup(cls.simulator.close)
        cls.clients = {}
        for kind, address in cls.places():
            cls.clients[kind] = peer.Client(kind, address)
            cls.addClassCleanup(cls.clients[kind].close)

    @classmethod
    def places(cls):
        sim = cls.simulator
        return [("rtu", sim.pty), ("tcp", sim.tcp), ("rtu_over_tcp", sim.rtu_over_tcp)]

    def test_every_row_of_the_profile_is_read_by_this_test(self):
        with open(os.path.join(SOURCE, "devices/weco_smart/profile.lua"), encoding="utf-8") as text:
            placed = len(rows.PLACE.findall(text.read()))
        kinds = {(kind_of(c.node), c.point) for c in self.cells}
        self.assertEqual(len(kinds), placed)
        self.assertGreater(len(self.cells), 1500)
        covered = {(s.table, s.address + i) for s in self.spans for i in range(s.count)}
        for cell in self.cells:
            for i in range(cell.words):
                self.assertIn((cell.table, cell.address + i), covered)

    def assert_read_alike(self, span, readers):
        """Values move once a second: a read counts when the registers are the same after it."""
        for _ in range(PORT_ATTEMPTS):
            before = self.clients["tcp"].read(*span)
            read = {name: reader.read(*span) for name, reader in readers.items()}
            if self.clients["tcp"].read(*span) == before:
                for name, words in read.items():
                    self.assertEqual(words, before, "%s at %s" % (name, span))
                return
        self.fail("The registers at %s never stood still." % (span,))

    def test_mbpoll_and_pymodbus_read_the_same_registers_on_every_carrier(self):
        readers = {"pymodbus " + kind: client for kind, client in self.clients.items()}
        readers["mbpoll rtu"] = Mbpoll("rtu", self.simulator.pty)
        readers["mbpoll tcp"] = Mbpoll("tcp", self.simulator.tcp)
        for span in self.spans:
            self.assert_read_alike(span, readers)

    def assert_decoded(self, cell, value, before, after):
        """The JSON value was on the wire between the two images; none falls in these minutes."""
        low = rows.decode(cell, words_at(before, cell))
        high = rows.decode(cell, words_at(after, cell))
        what = "%s %s[%d]" % (cell.node, cell.point, cell.index)
        if low is None or value is None:
            self.assertEqual((value, low), (None, None), what)
        elif isinstance(value, list):  # a set, by its names
            self.assertEqual(len(value), bin(low).count("1"), what)
        elif isinstance(value, str) and isinstance(low, Decimal):
            self.assertIsNone(cell.values, what)  # a choice of the vocabulary, by its name
        elif isinstance(low, Decimal) and low != high:
            self.assertTrue(min(low, high) <= value <= max(low, high), (what, low, value, high))
            self.assertEqual(value.as_tuple().exponent, cell.exponent, what)
        else:
            self.assertEqual(str(value), str(low), what)

    def test_weco_status_says_what_the_registers_hold(self):
        keys = json_keys("weco_smart")
        endpoints = ["serial:%s?baud=9600" % self.simulator.pty,
                     "tcp:127.0.0.1:%d" % self.simulator.tcp,
                     "tcp:127.0.0.1:%d?framing=rtu" % self.simulator.rtu_over_tcp]
        for endpoint in endpoints:
            before = image(self.clients["tcp"], self.spans)
            nodes = status(endpoint, "weco_smart")
            after = image(self.clients["tcp"], self.spans)
            present = 0
            for cell in self.cells:
                if cell.node in nodes:
                    self.assert_decoded(cell, value_in(nodes, cell, keys), before, after)
                    present += rows.decode(cell, words_at(before, cell)) is not None
                else:  # a tower or module that is not installed
                    self.assertIsNone(rows.decode(cell, words_at(before, cell)), cell)
            self.assertEqual(len(nodes), 6)  # the inverter, one tower, four modules
            self.assertGreater(present, 250)

    def test_named_values_are_those_of_the_simulated_tower(self):
        nodes = status("tcp:127.0.0.1:%d" % self.simulator.tcp, "weco_smart")
        serial = self.clients["rtu"].read("input", 0x0021, 16)
        text = struct.pack(">16H", *serial).split(b"\0")[0].decode("ascii")
        self.assertEqual(text, nodes[""]["serial_number"])
        self.assertTrue(text.startswith("WI25"), text)
        cells = self.clients["rtu"].read("input", 0x1381, 16)  # tower 1, module 3
        self.assertEqual(["%.3f" % (word / 1000) for word in cells],
                         [str(v) for v in nodes["tower[1].module[3]"]["cell_voltage_V"]])
        self.assertTrue(all(3300 <= word <= 3340 for word in cells), cells)
        self.assertTrue(62 <= nodes[""]["soc_pct"] <= Decimal("62.1"))

    def test_an_unmapped_address_and_a_cut_value_are_illegal_data_addresses(self):
        for kind, address in self.places()[:2]:
            for table, at, count in (("input", UNMAPPED, 1), ("holding", UNMAPPED, 2),
                                     ("input", 0x0021, 15)):
                ran = Mbpoll(kind, address).ask(table, at, count)
                self.assertIn("Illegal data address", ran.stdout + ran.stderr)
                self.assertNotIn("]: ", ran.stdout)
                self.assertNotEqual(ran.returncode, 0)
        for client in self.clients.values():
            with self.assertRaises(peer.Refused) as refused:
                client.read("input", UNMAPPED, 1)
            self.assertEqual(refused.exception.code, 2)

    def test_a_unit_that_is_not_there_is_silent_on_a_line_and_named_by_a_gateway(self):
        started = time.monotonic()
        ran = Mbpoll("rtu", self.simulator.pty).ask("input", 0, 1, unit=NOT_THERE, timeout_s=0.3)
        self.assertIn("Connection timed out", ran.stdout + ran.stderr)
        self.assertGreaterEqual(time.monotonic() - started, 0.3)
        for kind, address in self.places():
            client = peer.Client(kind, address, timeout_s=1)
            self.addCleanup(client.close)
            with self.assertRaises(peer.Refused if kind == "tcp" else TimeoutError) as failed:
                client.read("input", 0, 1, unit=NOT_THERE)
            if kind == "tcp":
                self.assertEqual(failed.exception.code, 11)  # gateway target does not respond
        self.assertEqual(self.clients["rtu"].read("input", 0, 1), [0x5743])  # the line is well


class Crossover:
    """Two pseudo-terminals whose far ends are joined, like a cable with two adapters."""

    def __init__(self):
        self.masters, self.paths, slaves = [], [], []
        for _ in range(2):
            master, slave = os.openpty()
            tty.setraw(slave)
            self.masters.append(master)
            self.paths.append(os.ttyname(slave))
            slaves.append(slave)
        self.slaves = slaves  # kept open, so that a closed port is no hang-up
        self.wake, self.woken = os.pipe()
        self.thread = threading.Thread(target=self._carry, daemon=True)
        self.thread.start()

    def _carry(self):
        other = {self.masters[0]: self.masters[1], self.masters[1]: self.masters[0]}
        while True:
            ready, _, _ = select.select([*self.masters, self.wake], [], [])
            if self.wake in ready:
                return
            for master in ready:
                os.write(other[master], os.read(master, 4096))

    def close(self):
        os.write(self.woken, b"x")
        self.thread.join(DEADLINE_S)
        for fd in (*self.masters, *self.slaves, self.wake, self.woken):
            os.close(fd)


def meter_image(cells):
    """Singles of every kind that a meter may send: zero, negative, tiny, large, long ones."""
    samples = [230.1, -1520.25, 0.0, 0.1, 1e-4, 16777216.0, -0.0625, 1 / 3, 49.98, 123456.789]
    chosen = {"grid_frequency": 50.02, "meter_speed": 2.0, "meter_address": 1.0,
              "meter_parity": 0.0}
    registers = {"input": {}, "holding": {}}
    for n, cell in enumerate(cells):
        value = chosen.get(cell.point, samples[n % len(samples)] * (1 + n // len(samples)))
        for i, word in enumerate(struct.unpack(">2H", struct.pack(">f", value))):
            registers[cell.table][cell.address + i] = word
    return registers


class TheirServer(unittest.TestCase):
    """weco against a pymodbus server with the registers of an Eastron meter."""

    @classmethod
    def setUpClass(cls):
        need_peers()
        cls.cells = rows.cells_of(os.path.join(SOURCE, "devices/eastron_sdm630/profile.lua"))
        cls.registers = meter_image(cls.cells)
        cls.keys = json_keys("eastron_sdm630")

    def serve(self, kind, address, registers):
        process = subprocess.Popen(
            [sys.executable, peer.__file__, kind, str(address)], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(stop, process)
        process.stdin.write(json.dumps(registers))
        process.stdin.close()
        process.stdin = None
        return process

    def serve_tcp(self, kind, registers):
        for _ in range(PORT_ATTEMPTS):
            port = free_port()
            process = self.serve(kind, port, registers)
            wait_for("the pymodbus server",
                     lambda: process.poll() is not None or listening(port))
            if process.poll() is None:
                return port
        self.fail("The pymodbus server ended: " + process.stderr.read())

    def assert_every_value(self, nodes):
        for cell in self.cells:
            words = [self.registers[cell.table][cell.address + i] for i in range(2)]
            value = value_in(nodes, cell, self.keys)
            what = "%s[%d] %r" % (cell.point, cell.index, value)
            if cell.values is not None:  # a number that stands for another
                self.assertEqual(value, cell.values[int(rows.decode(cell, words))], what)
            else:
                self.assertIsInstance(value, Decimal, what)
                again = struct.unpack(">2H", struct.pack(">f", float(value)))
                self.assertEqual(list(again), words, what)

    def test_every_value_of_a_meter_over_tcp_is_the_single_on_the_wire(self):
        port = self.serve_tcp("tcp", self.registers)
        self.assert_every_value(status("tcp:127.0.0.1:%d" % port, "eastron_sdm630"))

    def test_every_value_of_a_meter_with_rtu_frames_in_tcp_is_the_single_on_the_wire(self):
        port = self.serve_tcp("rtu_over_tcp", self.registers)
        self.assert_every_value(status("tcp:127.0.0.1:%d?framing=rtu" % port, "eastron_sdm630"))

    def test_every_value_of_a_meter_on_a_serial_line_is_the_single_on_the_wire(self):
        cable = Crossover()
        self.addCleanup(cable.close)
        process = self.serve("rtu", cable.paths[0], self.registers)
        wait_for("the pymodbus server",
                 lambda: process.poll() is not None or has_open(process, cable.paths[0]))
        self.assertIsNone(process.poll(), "the pymodbus server ended")
        self.assert_every_value(status("serial:%s?baud=9600" % cable.paths[1], "eastron_sdm630"))

    def test_a_register_that_their_server_refuses_is_missing_and_the_rest_is_there(self):
        first = {at: word for at, word in self.registers["input"].items() if at < 0x0100}
        fewer = {"input": first, "holding": self.registers["holding"]}
        port = self.serve_tcp("tcp", fewer)
        values = status("tcp:127.0.0.1:%d" % port, "eastron_sdm630")[""]
        self.assertEqual(values["grid_frequency_Hz"], Decimal("50.02"))
        self.assertIsNone(values.get("energy_sum_kWh"))

    def test_a_unit_that_their_server_does_not_have_gives_no_answer(self):
        port = self.serve_tcp("tcp", self.registers)
        ran = run([WECO, "status", "tcp:127.0.0.1:%d" % port, "--family", "eastron_sdm630",
                   "--unit", str(NOT_THERE), "--timeout", "2s"])
        # 3.0 is silent or refuses; 3.8 answers with another unit, which is no answer to ours.
        self.assertIn(ran.returncode, (1, 3, 4), ran.stderr)
        self.assertEqual(ran.stdout, "")
        self.assertRegex(ran.stderr, r"^weco: .+\nHint: .+\n$")


class Recorded(unittest.TestCase):
    """A device that is read over a network, recorded, shown by tshark, and answers again."""

    def simulate(self, *words):
        process = subprocess.Popen([WECO, "simulate", *words, "--for", "60s"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(stop, process)
        return process

    def read_when_there(self, endpoint, *words):
        end = time.monotonic() + DEADLINE_S
        while True:
            try:
                return status(endpoint, "weco_smart", *words)
            except AssertionError:  # its port is not open yet
                if time.monotonic() > end:
                    raise

    def assert_shown_by_tshark(self, recording, scheme, port):
        need(shutil.which("tshark"), "tshark")
        protocol = {"udp": "mbudp", "tcp": "mbtcp"}[scheme]
        words = ["tshark", "-r", recording, "-d", "%s.port==%d,%s" % (scheme, port, protocol)]
        shown = run(words + ["-Y", "modbus"])
        self.assertGreater(len(shown.stdout.splitlines()), 10, shown.stderr)
        experts = run(words + ["-q", "-z", "expert"])
        self.assertEqual(experts.returncode, 0, experts.stderr)
        self.assertNotIn("Malformed", experts.stdout)
        self.assertNotIn("Errors (", experts.stdout)

    def test_tshark_opens_recordings_of_modbus_can_and_bluetooth_and_finds_nothing_malformed(self):
        need(shutil.which("tshark"), "tshark")
        with tempfile.TemporaryDirectory(prefix="weco-recorded-") as folder:
            path = os.path.join(folder, "all.pcapng")
            made = subprocess.run([os.environ["WECO_UNIT_TRANSPORTS"], "[.pcapng]"],
                                  env={**os.environ, "WECO_PCAPNG": path}, capture_output=True,
                                  text=True, timeout=DEADLINE_S, check=False)
            self.assertEqual(made.returncode, 0, made.stdout)
            experts = run(["tshark", "-r", path, "-q", "-z", "expert"])
            self.assertEqual(experts.returncode, 0, experts.stderr)
            self.assertNotIn("Malformed", experts.stdout)
            words = ["tshark", "-r", path, "-d", "udp.port==502,mbudp"]
            for shown, count in (("modbus", 6), ("btatt.opcode == 0x52", 3),
                                 ("btatt.opcode == 0x1b", 3), ("can", 12), ("can.flags.xtd==1", 6),
                                 ("_ws.malformed", 0)):
                with self.subTest(shown):
                    lines = run(words + ["-Y", shown]).stdout.splitlines()
                    self.assertEqual(len(lines), count, lines)

    def test_a_recorded_bus_is_shown_by_tshark_and_replayed_to_the_same_values(self):
        with tempfile.TemporaryDirectory(prefix="weco-recorded-") as folder:
            adapter, path = os.path.join(folder, "adapter"), os.path.join(folder, "bus.pcapng")
            self.simulate("weco_smart", "--serve", "slcan:" + adapter)
            wait_for("the adapter", lambda: os.path.exists(adapter))
            ran = run([WECO, "status", "slcan:" + adapter, "--record", path, "--json"])
            self.assertIn(ran.returncode, (0, 10), ran.stderr)
            shown = run(["tshark", "-r", path, "-Y", "can.id == 0x351"])
            self.assertGreater(len(shown.stdout.splitlines()), 0, shown.stderr)
            experts = run(["tshark", "-r", path, "-q", "-z", "expert"])
            self.assertNotRegex(experts.stdout, "Malformed|Errors [(]|Warns [(]")
            again = run([WECO, "status", "replay:" + path, "--json"])
            self.assertEqual(json.loads(again.stdout)["nodes"], json.loads(ran.stdout)["nodes"])

    def assert_a_watch_goes_on(self, serve, endpoint, *words):
        """Until its device is there again, which has been away meanwhile."""
        device = self.simulate("weco_smart", "--serve", serve)
        watch = [WECO, "status", endpoint, *words, "--json", "--timeout", "2s"]
        wait_for("the device", lambda: run(watch).returncode in (0, 10))
        watch = subprocess.Popen(watch + ["--watch", "--interval", "100ms"],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True)
        self.addCleanup(stop, watch)

        def next_of(schema):
            for line in watch.stdout:
                if json.loads(line)["schema"] == schema:
                    return json.loads(line)
            raise AssertionError("The watch ended: " + watch.stderr.read())

        next_of("weco.status/1")
        device.terminate()
        device.wait(DEADLINE_S)
        self.assertEqual(next_of("weco.error/1")["error"]["name"], "disconnected")
        self.simulate("weco_smart", "--serve", serve)
        self.assertIn("family", next_of("weco.status/1")["device"])
        watch.terminate()
        said = watch.communicate(timeout=DEADLINE_S)[1]
        self.assertEqual(watch.returncode, 130, said)

    def test_a_watch_tells_that_a_gateway_restarts_and_goes_on(self):
        endpoint = "tcp:127.0.0.1:%d" % free_port()
        self.assert_a_watch_goes_on(endpoint, endpoint, "--family", "weco_smart")

    def test_a_watch_goes_on_when_an_adapter_is_plugged_in_again(self):
        with tempfile.TemporaryDirectory(prefix="weco-plugged-") as folder:
            port = os.path.join(folder, "port")
            self.assert_a_watch_goes_on("pty:" + port, "serial:%s?baud=9600" % port, "--family",
                                        "weco_smart")
            self.assert_a_watch_goes_on("slcan:" + port + "-can", "slcan:" + port + "-can")

    def test_a_recorded_device_answers_again_and_tells_what_was_not_recorded(self):
        for scheme, form in (("udp", "pcapng"), ("tcp", "pcapng"), ("tcp", "ndjson")):
            with self.subTest(scheme + " " + form), \
                    tempfile.TemporaryDirectory(prefix="weco-recorded-") as folder:
                recording = os.path.join(folder, "site." + form)
                live, again = free_port(), free_port()
                self.simulate("weco_smart", "--serve", "%s:127.0.0.1:%d" % (scheme, live))
                self.read_when_there("%s:127.0.0.1:%d" % (scheme, live))
                before = status("%s:127.0.0.1:%d" % (scheme, live), "weco_smart", "--record",
                                recording)
                if form == "pcapng":
                    self.assert_shown_by_tshark(recording, scheme, live)
                process = self.simulate("--from", recording, "--serve",
                                        "udp:127.0.0.1:%d" % again)
                after = self.read_when_there("udp:127.0.0.1:%d" % again)
                self.assertEqual(after, before)
                self.ask_what_was_not_recorded(again)
                process.terminate()
                said = process.communicate(timeout=DEADLINE_S)[1]
                self.assertEqual(process.returncode, 130, said)
                self.assertIn("not in the recording", said)
                self.assertIn("1 times 00 00 00 00 00 06 01 04 70 00 00 FF", said)

    def ask_what_was_not_recorded(self, port):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.settimeout(0.5)
            other.sendto(bytes.fromhex("4711000000060104700000FF"), ("127.0.0.1", port))
            with self.assertRaises(TimeoutError):  # nobody invents an answer
                other.recv(300)


if __name__ == "__main__":
    WECO, SOURCE = os.path.abspath(sys.argv[1]), sys.argv[2]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
