# SPDX-License-Identifier: Apache-2.0
"""weco against devices, gateways and clients that are broken or mean it badly.

Usage: hostile_test.py WECO [UNITTEST ARGUMENT...]

Whatever comes, a command ends in time with a documented exit code, one sentence and a hint, leaves
the terminal alone and takes bounded memory. Real sockets and terminals, each wait with a deadline.
"""
import contextlib
import json
import os
import re
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import tty
import unittest

WECO = ""
DEADLINE_S = 30
MEMORY_MORE_MAX_kB = 64 << 10      # than a command without a device; sanitizers keep what was freed
DOCUMENTED = {0, 1, 3, 4, 10, 11}  # of status and scan
ESCAPES = b"\x1b]0;gone\x07\x1b[2J\x1b[31m\x9b31m\x90+q\r\n\x08\x7f"


def wait_for(what, condition):
    end = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("Waited %d s for %s." % (DEADLINE_S, what))
        select.select([], [], [], 0.005)


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Ran:
    """One command: what it said, how it ended, how much memory and time it took."""

    def __init__(self, *words):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            began = time.monotonic()
            process = subprocess.Popen([WECO, *words], stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=err, env={**os.environ, "NO_COLOR": "1"})
            while True:
                pid, status, used = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    break
                if time.monotonic() > began + DEADLINE_S:
                    process.kill()
                    process.wait()
                    raise AssertionError("'weco %s' did not end." % " ".join(words))
                select.select([], [], [], 0.01)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.exit, self.memory_kB = process.returncode, used.ru_maxrss
            self.took_s = time.monotonic() - began
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read(), err.read()


class Peer:
    """A TCP server; `act(connection, stopped)` is what it does to whoever connects."""

    def __init__(self, act):
        self.act = act
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    @property
    def endpoint(self):
        return "tcp:127.0.0.1:%d" % self.listener.getsockname()[1]

    def _accept(self):
        while not self.stopped.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, connection):
        with connection:
            connection.settimeout(DEADLINE_S)
            with contextlib.suppress(OSError):  # the program closes its side when it likes
                self.act(connection, self.stopped)

    def close(self):
        self.stopped.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(DEADLINE_S)


def requests(connection):
    """Modbus/TCP requests: transaction, unit, function, address, count."""
    kept = b""
    while True:
        while len(kept) >= 12:
            transaction, protocol, _, unit, function, first, count = struct.unpack(
                ">HHHBBHH", kept[:12])
            if protocol != 0 or count > 125:  # RTU frames, which are tried over TCP, too
                return
            kept = kept[12:]
            yield transaction, unit, function, first, count
        more = connection.recv(4096)
        if not more:
            return
        kept += more


def framed(transaction, unit, pdu):
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


def words_answer(function, words):
    return struct.pack(">BB", function, 2 * len(words)) + struct.pack(">%dH" % len(words), *words)


def answering(text):
    """Answers every read; its registers hold `text` again and again."""
    def act(connection, _):
        for transaction, unit, function, first, count in requests(connection):
            data = (text * (2 * (first + count) // len(text) + 2))[2 * first:2 * (first + count)]
            words = struct.unpack(">%dH" % count, data)
            connection.sendall(framed(transaction, unit, words_answer(function, words)))
    return act


def for_another_unit(connection, _):
    for transaction, unit, function, _, count in requests(connection):
        connection.sendall(framed(transaction, unit + 1, words_answer(function, [7] * count)))


def with_an_old_number(connection, _):
    for transaction, unit, function, _, count in requests(connection):
        connection.sendall(framed(transaction ^ 0x100, unit, words_answer(function, [7] * count)))


def refusing(connection, _):
    for transaction, unit, function, _, _ in requests(connection):
        connection.sendall(framed(transaction, unit, bytes([function | 0x80, 4])))


def dripping(connection, stopped):
    """A right answer, a byte each 150 ms: it never comes to its end in time."""
    for transaction, unit, function, _, count in requests(connection):
        for byte in framed(transaction, unit, words_answer(function, [7] * count)):
            connection.sendall(bytes([byte]))
            if stopped.wait(0.15):
                return


def dripping_noise(connection, stopped):
    while not stopped.wait(0.02):
        connection.sendall(b"\x00")


def flooding(connection, stopped):
    while not stopped.is_set():
        connection.sendall(b"\x55" * 65536)


def flooding_frames(connection, stopped):
    frame = framed(0x7777, 1, words_answer(4, [1] * 100))
    while not stopped.is_set():
        connection.sendall(frame * 100)


def lengths_of_4_gb(connection, stopped):
    """Each field that says how long something is, at its largest."""
    for transaction, unit, function, _, _ in requests(connection):
        connection.sendall(struct.pack(">HHHB", transaction, 0, 0xFFFF, unit) +
                           bytes([function, 0xFF]) + b"\xff" * 4096)
        if stopped.is_set():
            return


def closing(connection, _):
    connection.recv(4096)


def closing_in_the_middle(connection, _):
    for transaction, unit, function, _, count in requests(connection):
        connection.sendall(framed(transaction, unit, words_answer(function, [7] * count))[:-1])
        return


def silent(_, stopped):
    stopped.wait(DEADLINE_S)


PEERS = [for_another_unit, with_an_old_number, refusing, dripping, dripping_noise, flooding,
         flooding_frames, lengths_of_4_gb, closing, closing_in_the_middle, silent]


class Checked(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.memory_max_kB = Ran("status", "sim:weco_smart").memory_kB + MEMORY_MORE_MAX_kB

    def assert_clean(self, ran):
        """No byte of what was said commands a terminal, and all of it is UTF-8."""
        for said in (ran.out, ran.err):
            text = said.decode("utf-8")
            self.assertIsNone(re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u202a-\u202e]", text),
                              text)

    def assert_ended_well(self, ran, exits):
        self.assertIn(ran.exit, exits, ran.err)
        self.assertLessEqual(ran.memory_kB, self.memory_max_kB)
        self.assertLess(ran.took_s, DEADLINE_S / 2)
        self.assert_clean(ran)
        if ran.exit in (1, 3, 4) and not ran.out:
            self.assertRegex(ran.err.decode(), r"^weco: .+\.\nHint: .+\.\n$")


class OverTcp(Checked):
    def meet(self, act):
        peer = Peer(act)
        self.addCleanup(peer.close)
        return peer

    def look(self, act, exits):
        for family in ("weco_smart", "eastron_sdm630"):
            with self.subTest("%s, read as %s" % (act.__name__, family)):
                ran = Ran("status", self.meet(act).endpoint, "--family", family, "--timeout", "1s")
                self.assert_ended_well(ran, exits)
                self.assertEqual(ran.out, b"")

    def test_an_answer_for_another_unit_is_not_believed_and_named(self):
        self.look(for_another_unit, {1})

    def test_an_answer_to_another_question_is_not_believed(self):
        self.look(with_an_old_number, {1})

    def test_a_device_that_refuses_everything_is_said_to_refuse(self):
        self.look(refusing, {4})

    def test_a_peer_that_drips_its_answers_costs_no_more_than_the_time_given(self):
        self.look(dripping, {1, 3})
        self.look(dripping_noise, {1, 3})
        self.look(silent, {3})

    def test_a_peer_that_never_stops_talking_takes_bounded_memory_and_time(self):
        self.look(flooding, {1, 3})
        self.look(flooding_frames, {1, 3})

    def test_the_largest_lengths_are_not_believed(self):
        self.look(lengths_of_4_gb, {1, 3})

    def test_a_connection_that_is_closed_at_any_place_is_named(self):
        self.look(closing, {1, 3})
        self.look(closing_in_the_middle, {1, 3})

    def test_a_scan_ends_in_time_whatever_answers(self):
        peers = [self.meet(act) for act in PEERS] + [self.meet(answering(ESCAPES))]
        ran = Ran("scan", *[peer.endpoint for peer in peers], "--timeout", "100ms",
                  "--addresses", "1")
        self.assert_ended_well(ran, DOCUMENTED)
        for peer in peers:  # each is told about
            self.assertIn(peer.endpoint, ran.out.decode())

    def test_text_of_a_device_reaches_no_terminal_raw_and_no_json(self):
        peer = self.meet(answering(ESCAPES))
        for family in ("weco_smart", "saj_h2"):
            with self.subTest(family):
                words = ["status", peer.endpoint, "--family", family]
                page = Ran(*words, "--all")
                self.assert_ended_well(page, DOCUMENTED)
                self.assertIn(b"\\x1B", page.out)
                data = Ran(*words, "--json")
                self.assert_ended_well(data, DOCUMENTED)
                self.assertIn("\\u001b", json.dumps(json.loads(data.out)))

    def test_clients_that_flood_a_virtual_device_leave_it_to_others(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        endpoint = "tcp:127.0.0.1:%d" % port
        process = subprocess.Popen([WECO, "simulate", "eastron_sdm630", "--serve", endpoint],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        stopped = threading.Event()

        def flood():
            with socket.create_connection(("127.0.0.1", port)) as connection, \
                    contextlib.suppress(OSError):
                connection.setblocking(False)
                while not stopped.is_set():
                    _, writable, _ = select.select([], [connection], [], 0.05)
                    if writable:
                        connection.send(b"\x00" * 65536)
        thread = threading.Thread(target=flood, daemon=True)
        try:
            wait_for("the simulator", lambda: listening(port))
            thread.start()
            ran = Ran("status", endpoint, "--family", "eastron_sdm630")
            self.assert_ended_well(ran, {0})
            process.terminate()
            process.wait(DEADLINE_S)  # an interrupt comes through, too
            self.assertEqual(process.returncode, 130)
        finally:
            stopped.set()
            process.kill()
            process.communicate()
            thread.join(DEADLINE_S)


class OnALine(Checked):
    """Serial lines and CAN adapters, which are terminals here."""

    def line(self, what):
        """A terminal whose other end says `what` for ever."""
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        stopped = threading.Event()

        def talk():
            while not stopped.is_set():
                readable, writable, _ = select.select([master], [master], [], 0.05)
                if readable:
                    os.read(master, 4096)
                if writable:
                    os.write(master, what)
                stopped.wait(0.001)
        thread = threading.Thread(target=talk, daemon=True)
        thread.start()

        def close():
            stopped.set()
            thread.join(DEADLINE_S)
            os.close(master)
            os.close(slave)
        self.addCleanup(close)
        return os.ttyname(slave)

    def test_noise_without_end_is_left_alone_and_told_by_a_scan(self):
        ran = Ran("scan", "serial:" + self.line(b"\x00\xff\x1b[2J"), "--listen", "100ms",
                  "--speed", "9600")
        self.assert_ended_well(ran, {3})
        self.assertIn(b"nothing was sent", ran.out)

    def test_noise_without_end_costs_a_look_no_more_than_the_time_given(self):
        ran = Ran("status", "serial:" + self.line(b"\x00\xff\x1b[2J" * 100), "--family",
                  "weco_smart", "--timeout", "1s")
        self.assert_ended_well(ran, {1, 3})

    def test_a_can_adapter_that_never_ends_a_line_takes_bounded_memory_and_time(self):
        for what in (b"t3518" + b"1" * 4000, b"\x1b]0;gone\x07", b"t3510\r\x07"):
            with self.subTest(what[:8]):
                ran = Ran("status", "slcan:" + self.line(what), "--timeout", "500ms")
                self.assert_ended_well(ran, {1, 3, 4, 10})


if __name__ == "__main__":
    WECO = os.path.abspath(sys.argv[1])
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
