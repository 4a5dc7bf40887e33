# SPDX-License-Identifier: Apache-2.0
"""pymodbus as client and as server, with the difference between its releases in one function.

Run as a program it is the server: KIND is tcp (ADDRESS a port of this machine), rtu_over_tcp (the
same) or rtu (ADDRESS a terminal). The registers come on standard input as JSON,
{"input": {"0": 17, ...}, "holding": {...}}; every other address is refused. It ends by itself.
"""
import json
import signal
import sys

UNIT = 1
LIFE_S = 60


def framers():
    """(Modbus TCP, RTU): classes in pymodbus 3.0 (Debian 12), names in 3.8 (Debian 13)."""
    try:
        from pymodbus import FramerType
        return FramerType.SOCKET, FramerType.RTU
    except ImportError:
        from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer
        return ModbusSocketFramer, ModbusRtuFramer


class Client:
    """Reads registers; a refusal is raised with its exception code, silence as TimeoutError."""

    def __init__(self, kind, address, timeout_s=2):
        from pymodbus.client import ModbusSerialClient, ModbusTcpClient
        socket_framer, rtu_framer = framers()
        if kind == "rtu":
            self._client = ModbusSerialClient(address, framer=rtu_framer, baudrate=9600,
                                              timeout=timeout_s, retries=0)
        else:
            self._client = ModbusTcpClient("127.0.0.1", port=address, timeout=timeout_s, retries=0,
                                           framer=rtu_framer if kind == "rtu_over_tcp"
                                           else socket_framer)
        if not self._client.connect():
            raise ConnectionError("pymodbus cannot open %s" % address)
        if kind == "rtu":  # 3.8 locks the port; others take turns on it here
            self._client.socket.exclusive = False

    def read(self, table, address, count, unit=UNIT):
        from pymodbus.exceptions import ModbusException
        ask = {"input": self._client.read_input_registers,
               "holding": self._client.read_holding_registers}[table]
        try:
            answer = ask(address, count=count, slave=unit)
        except ModbusException as error:  # how 3.8 says that nothing came
            raise TimeoutError(str(error)) from error
        if isinstance(answer, ModbusException):  # how 3.0 says it
            raise TimeoutError(str(answer))
        if answer.isError():
            raise Refused(answer.exception_code)
        return list(answer.registers)

    def close(self):
        self._client.close()


class Refused(Exception):
    """The server answered with this Modbus exception code."""

    @property
    def code(self):
        return self.args[0]


def serve(kind, address, image):
    from pymodbus.datastore import (ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock)
    from pymodbus.server import StartSerialServer, StartTcpServer

    def block(table):  # the data store of pymodbus counts from 1, the wire from 0
        return ModbusSparseDataBlock({int(at) + 1: word for at, word in image[table].items()})

    unit = ModbusSlaveContext(ir=block("input"), hr=block("holding"),
                              di=ModbusSparseDataBlock({1: False}),  # 3.8 forgets the others
                              co=ModbusSparseDataBlock({1: False}))  # when di or co is left out
    context = ModbusServerContext(slaves={UNIT: unit}, single=False)
    socket_framer, rtu_framer = framers()
    if kind == "rtu":
        StartSerialServer(context=context, port=address, baudrate=9600, framer=rtu_framer)
    else:
        StartTcpServer(context=context, address=("127.0.0.1", int(address)),
                       framer=rtu_framer if kind == "rtu_over_tcp" else socket_framer)


if __name__ == "__main__":
    signal.alarm(LIFE_S)  # nobody stays behind when the test was killed
    serve(sys.argv[1], sys.argv[2], json.load(sys.stdin))
