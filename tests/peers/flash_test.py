# SPDX-License-Identifier: Apache-2.0
"""Firmware over UDS and Modbus, against what others wrote: Debian's scapy as the client of our
virtual device behind an SLCAN adapter, a server on scapy's ISO-TP for our client, and tshark, which
must dissect what our client says on either wire without a malformed mark.

    flash_test.py WECO SOURCE DEVICE [unittest arguments]
"""
import contextlib
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

WECO, SOURCE, DEVICE = sys.argv[1:4]

import can  # noqa: E402
from scapy.config import conf  # noqa: E402

conf.contribs["ISOTP"] = {"use-can-isotp-kernel-module": False}
conf.contribs["CANSocket"] = {"use-python-can": True}
from scapy.contrib.automotive.uds import (  # noqa: E402
    UDS, UDS_DSC, UDS_ER, UDS_RC, UDS_RD, UDS_RDBI, UDS_RTE, UDS_TD)
from scapy.contrib.cansocket_python_can import CANSocket  # noqa: E402
from scapy.contrib.isotp import ISOTPSoftSocket  # noqa: E402

import hashlib  # noqa: E402

DEADLINE = 60


def run(words, **more):
    return subprocess.run(words, capture_output=True, timeout=DEADLINE, check=False, **more)


def installs(folder, endpoint):
    return run([WECO, "flash", "install", endpoint, f"{folder}/new.bin", "--key",
                f"{folder}/key.pem", "--bench", "--yes", "--journal", f"{folder}/journal"])


def read(path):
    with open(path, "rb") as file:
        return file.read()


@contextlib.contextmanager
def our_device():
    """The folder of a served virtual device."""
    with tempfile.TemporaryDirectory() as folder:
        with subprocess.Popen([DEVICE, folder], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as device:
            if device.stdout.readline() != b"ready\n":
                raise RuntimeError("the virtual device does not start")
            yield folder
            device.stdin.close()


def dissected(pcap, *options):
    """What tshark makes of each packet, and whether it calls one malformed."""
    told = run(["tshark", "-r", pcap, *options, "-T", "fields", "-e", "frame.protocols", "-e",
                "_ws.malformed", "-e", "_ws.col.Info"])
    lines = told.stdout.decode().splitlines()
    wrong = [line for line in lines
             if line.split("\t")[1] or "malformed" in line.lower()]
    return lines, wrong


class ScapyFlashesOurDevice(unittest.TestCase):
    def ask(self, tester, request):
        """The answer; "still at work" is waited out."""
        tester.send(request)
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            got = tester.recv() if tester.select([tester], 10) else None
            if got is None:
                return None
            if bytes(got)[:1] == b"\x7f" and bytes(got)[2] == 0x78:
                continue
            return bytes(got)
        return None

    def test_scapy_updates_our_device_over_slcan(self):
        with our_device() as folder:
            image = read(f"{folder}/new.bin")
            bus = CANSocket(bustype="slcan", channel=f"{folder}/can", bitrate=500000,
                            sleep_after_open=0.2)
            tester = ISOTPSoftSocket(bus, tx_id=0x7E0, rx_id=0x7E8, basecls=UDS, padding=True)
            try:
                self.update(tester, image)
            finally:
                tester.close()
                bus.close()

    def update(self, tester, image):
        def positive(request):
            answer = self.ask(tester, UDS() / request)
            self.assertIsNotNone(answer, f"no answer to {bytes(UDS() / request).hex()}")
            self.assertNotEqual(answer[0], 0x7F, answer.hex())
            return answer

        self.assertEqual(positive(UDS_RDBI(identifiers=[0xF191]))[3:], b"weco_smart_r2")
        positive(UDS_DSC(diagnosticSessionType=2))
        digest = hashlib.sha256(image).digest()
        positive(UDS_RC(routineControlType=1, routineIdentifier=0xFF00)
                 / (struct.pack(">I", len(image)) + digest))
        opened = positive(UDS_RD(memoryAddressLen=4, memorySizeLen=4, memoryAddress4=0,
                                 memorySize4=len(image)))
        block = min(1024, int.from_bytes(opened[2:], "big") - 2)
        for number, at in enumerate(range(0, len(image), block)):
            positive(UDS_TD(blockSequenceCounter=(number + 1) % 256,
                            transferRequestParameterRecord=image[at:at + block]))
        positive(UDS_RTE())
        spare = positive(UDS_RDBI(identifiers=[0xFD01]))
        wanted = spare[13:13 + spare[12]]
        positive(UDS_RC(routineControlType=1, routineIdentifier=0xFD10) / wanted)
        positive(UDS_ER(resetType=1))
        running, until = b"", time.monotonic() + DEADLINE
        while running[13:] != wanted and time.monotonic() < until:
            running = self.ask(tester, UDS() / UDS_RDBI(identifiers=[0xFD00])) or b""
        self.assertEqual(running[13:], wanted)
        self.assertEqual(running[3] & 0x04, 0, "on trial, not confirmed")
        positive(UDS_DSC(diagnosticSessionType=2))
        positive(UDS_RC(routineControlType=1, routineIdentifier=0xFD11))
        self.assertEqual(positive(UDS_RDBI(identifiers=[0xFD00]))[3] & 0x04, 0x04)


class Bridge(threading.Thread):
    """An SLCAN adapter on a pseudo-terminal whose bus is python-can's virtual one."""

    def __init__(self, channel):
        super().__init__(daemon=True)
        self.master, self.slave = os.openpty()
        tty.setraw(self.master)
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        self.bus = can.interface.Bus(interface="virtual", channel=channel)
        self.frames, self.stop = [], False
        self.start()

    def command(self, text):
        if text[:1] != "t":
            return b"V1013\r" if text == "V" else b"\r"
        size = int(text[4])
        frame = (int(text[1:4], 16), bytes.fromhex(text[5:5 + 2 * size]))
        self.frames.append(frame)
        self.bus.send(can.Message(arbitration_id=frame[0], data=frame[1], is_extended_id=False))
        return b"z\r"

    def run(self):
        pending = b""
        while not self.stop:
            if select.select([self.master], [], [], 0.0005)[0]:
                pending += os.read(self.master, 4096)
                *lines, pending = pending.split(b"\r")
                for line in lines:
                    os.write(self.master, self.command(line.decode("ascii", "replace")))
            while (message := self.bus.recv(0)) is not None:
                self.frames.append((message.arbitration_id, bytes(message.data)))
                text = f"t{message.arbitration_id:03X}{len(message.data)}{message.data.hex()}\r"
                os.write(self.master, text.upper().encode().replace(b"T", b"t", 1))
        self.bus.shutdown()


class ForeignDevice(threading.Thread):
    """What core/protocol/uds/uds.hpp publishes, written again on scapy's ISO-TP."""

    def __init__(self, channel):
        super().__init__(daemon=True)
        self.bus = CANSocket(bustype="virtual", channel=channel)
        self.line = ISOTPSoftSocket(self.bus, tx_id=0x7E8, rx_id=0x7E0, padding=True)
        self.running = (b"\x01\x02" + bytes(6), b"\x11" * 32)
        self.spare, self.kept = None, True
        self.size, self.sha, self.stored, self.asked = 0, bytes(32), b"", False
        self.stop = False
        self.start()

    def slot(self, slot, flags):
        if slot is None:
            return bytes(9) + b"\x00"
        return bytes([flags]) + slot[0] + bytes([len(slot[1])]) + slot[1]

    def data(self, name):
        if name == 0xF191:
            return b"weco_smart_r2"
        if name == 0xFD00:
            return self.slot(self.running, 0x03 | (0x04 if self.kept else 0))
        if name == 0xFD01:
            return self.slot(self.spare, 0x01 | (0x08 if self.asked else 0))
        if name == 0xFD02:
            return struct.pack(">II", len(self.stored), self.size) + self.sha
        return None

    def listed(self):
        """Version and hash of what was stored, found as MCUboot's layout says."""
        head, protected, size = struct.unpack_from("<HHI", self.stored, 8)
        major, minor, revision, build = struct.unpack_from("<BBHI", self.stored, 20)
        at = head + size + protected + 4
        while at + 4 <= len(self.stored):
            kind, length = struct.unpack_from("<HH", self.stored, at)
            if kind == 0x10:
                version = struct.pack(">BBHI", major, minor, revision, build)
                return (version, self.stored[at + 4:at + 4 + length])
            at += 4 + length
        return None

    def routine(self, name, option):
        if name == 0xFF00:
            self.size, self.sha, self.stored, self.spare = (
                int.from_bytes(option[:4], "big"), option[4:], b"", None)
        elif name == 0xFD10:
            self.asked = self.spare is not None and self.spare[1] == option
            return self.asked
        elif name == 0xFD11:
            self.kept = True
        return True

    def answer(self, request):
        service, body = request[0], request[1:]
        positive = bytes([service + 0x40])
        if service == 0x10:
            return positive + body[:1] + b"\x00\x32\x01\xF4"
        if service == 0x22 and self.data(int.from_bytes(body, "big")) is not None:
            return positive + body + self.data(int.from_bytes(body, "big"))
        if service == 0x31 and self.routine(int.from_bytes(body[1:3], "big"), body[3:]):
            return positive + body[:3]
        if service == 0x34 and int.from_bytes(body[2:6], "big") == len(self.stored):
            return positive + b"\x20\x01\x02"  # blocks of 256 bytes
        if service == 0x36:
            self.stored += body[1:]
            return positive + body[:1]
        if service == 0x37:
            self.spare = self.listed()
            return positive
        if service == 0x11:
            if self.asked:
                self.running, self.spare, self.kept = self.spare, self.running, False
            self.asked = False
            return positive + body[:1]
        return bytes([0x7F, service, 0x31])

    def run(self):
        while not self.stop:
            if not self.line.select([self.line], 0.05):
                continue
            request = self.line.recv()
            if request is not None:
                self.line.send(self.answer(bytes(request)))


class OurClientFlashesAForeignDevice(unittest.TestCase):
    def test_our_client_updates_a_device_on_scapys_isotp(self):
        with our_device() as folder:  # for its image and key
            bridge, device = Bridge("flash"), ForeignDevice("flash")
            try:
                ran = installs(folder, f"slcan:{bridge.path}?bitrate=500k")
            finally:
                bridge.stop = device.stop = True
                device.join(5)
                bridge.join(5)
                device.line.close()
                device.bus.close()
            self.assertEqual(ran.returncode, 0, ran.stderr.decode())
            self.assertEqual(device.stored, read(f"{folder}/new.bin"))
            self.assertTrue(device.kept)
            self.dissect(folder, bridge.frames)

    def dissect(self, folder, frames):
        path = f"{folder}/can.pcap"
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 72, 227))
            for n, (name, data) in enumerate(frames):
                packet = struct.pack(">IB3x", name, len(data)) + data.ljust(8, b"\0")
                out.write(struct.pack("<IIII", n // 1000, n % 1000 * 1000, len(packet),
                                      len(packet)) + packet)
        lines, wrong = dissected(path, "-d", "can.subdissector,iso15765", "-d",
                                 "iso15765.subdissector,uds")
        self.assertEqual(wrong, [])
        self.assertEqual(len(lines), len(frames))
        services = [line for line in lines if ":uds" in line]
        self.assertGreater(len(services), len(read(f"{folder}/new.bin")) // 256)


class Wiretap(threading.Thread):
    """Between a client and a TCP server; keeps what each side said, message by message."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.said, self.stop = port, [], False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.start()

    def run(self):
        client, _ = self.listener.accept()
        self.listener.close()
        server = socket.create_connection(("127.0.0.1", self.port))
        sides = {client: server, server: client}
        while True:
            for side in select.select(list(sides), [], [])[0]:
                data = side.recv(4096)
                if not data:
                    for each in sides:
                        each.close()
                    return
                self.said.append((side is client, data))
                sides[side].sendall(data)


class TsharkReadsOurModbus(unittest.TestCase):
    def test_an_update_over_modbus_is_dissected_without_a_malformed_mark(self):
        with our_device() as folder:
            tap = Wiretap(int(read(f"{folder}/port")))
            port = tap.listener.getsockname()[1]
            ran = installs(folder, f"tcp:127.0.0.1:{port}?unit=5")
            tap.join(5)
            self.assertEqual(ran.returncode, 0, ran.stderr.decode())
            path = f"{folder}/modbus.pcap"
            self.keep(path, tap.said)
            lines, wrong = dissected(path)
            self.assertEqual(wrong, [])
            asked = [line for line in lines if re.search("mbtcp:modbus", line)]
            self.assertEqual(len(asked), len(tap.said))
            self.assertGreater(sum("Write File Record" in line for line in lines), 100)

    @staticmethod
    def keep(path, said):
        """Messages as TCP segments between two invented hosts, Ethernet and checksums left out."""
        sequence = {True: 1, False: 1}
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
            for n, (asks, data) in enumerate(said):
                ports = (40000, 502) if asks else (502, 40000)
                hosts = (bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2]))
                hosts = hosts if asks else hosts[::-1]
                tcp = struct.pack(">HHIIBBHHH", *ports, sequence[asks], sequence[not asks], 0x50,
                                  0x18, 8192, 0, 0) + data
                sequence[asks] += len(data)
                packet = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), n, 0, 64, 6, 0)
                packet += hosts[0] + hosts[1] + tcp
                out.write(struct.pack("<IIII", n // 1000, n % 1000 * 1000, len(packet),
                                      len(packet)) + packet)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
