# SPDX-License-Identifier: Apache-2.0
"""The other sides of Bluetooth in the guest: a central, a device and bluetoothctl, by other means.

Usage: ble_peers.py central ADAPTER NAME    read the model of a served EP760 and print it
       ble_peers.py device ADAPTER          be an EP760 that answers little, until killed
       ble_peers.py bluetoothctl ADAPTER ADDRESS   the same as central, by BlueZ's own program

python3-dbus and bluetoothctl know nothing of weco. Every wait has a deadline.
"""
import os
import select
import subprocess
import sys
import time

SERVICE = "0000ff00-0000-1000-8000-00805f9b34fb"
NOTIFY = "0000ff01-0000-1000-8000-00805f9b34fb"
WRITE = "0000ff02-0000-1000-8000-00805f9b34fb"
DEADLINE_S = 60  # a missed advertisement comes again after ten seconds, and the guest is slow
PROPERTIES = "org.freedesktop.DBus.Properties"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


def framed(body):
    return bytes(body) + crc(bytes(body))


# Six registers from 110: the model, two characters each, swapped.
ASK_MODEL = framed([1, 3, 0, 110, 0, 6])


def model_of(answer):
    assert answer[:3] == b"\x01\x03\x0c" and crc(answer[:-2]) == answer[-2:], answer.hex()
    text = answer[3:-2]
    swapped = bytes(byte for i in range(0, len(text), 2) for byte in (text[i + 1], text[i]))
    return swapped.rstrip(b"\0").decode()


class Loop:
    """D-Bus and a loop that waits for conditions."""

    def __init__(self):
        import dbus
        import dbus.mainloop.glib
        from gi.repository import GLib
        dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
        self.dbus, self.glib = dbus, GLib
        self.bus = dbus.SystemBus()

    def object(self, path, interface):
        return self.dbus.Interface(self.bus.get_object("org.bluez", path), interface)

    def until(self, what, condition):
        end = time.monotonic() + DEADLINE_S
        while not condition():
            if time.monotonic() > end:
                sys.exit("Waited %d s for %s." % (DEADLINE_S, what))
            self.glib.timeout_add(20, lambda: False)
            self.glib.MainContext.default().iteration(True)

    def objects(self):
        manager = self.object("/", "org.freedesktop.DBus.ObjectManager")
        return manager.GetManagedObjects().items()


def central(adapter, name):
    loop = Loop()
    radio = loop.object("/org/bluez/" + adapter, "org.bluez.Adapter1")
    radio.SetDiscoveryFilter({"Transport": "le"})
    radio.StartDiscovery()
    found = []

    def named():
        for path, interfaces in loop.objects():
            device = interfaces.get("org.bluez.Device1", {})
            # What was known of the address comes first, what it advertises now a moment later.
            if (device.get("Name") == name and SERVICE in device["UUIDs"]
                    and path.startswith("/org/bluez/%s/" % adapter)):
                found.append(path)
        return found

    loop.until("a device called " + name, named)
    radio.StopDiscovery()
    path = found[0]
    device = loop.object(path, "org.bluez.Device1")
    device.Connect(timeout=DEADLINE_S)
    state = loop.object(path, PROPERTIES)
    loop.until("its services", lambda: state.Get("org.bluez.Device1", "ServicesResolved"))
    places = {str(interfaces[CHARACTERISTIC]["UUID"]): at for at, interfaces in loop.objects()
              if at.startswith(path) and CHARACTERISTIC in interfaces}
    answer = bytearray()
    loop.bus.add_signal_receiver(
        lambda _, changed, __: answer.extend(changed.get("Value", [])),
        "PropertiesChanged", PROPERTIES, path=places[NOTIFY])
    loop.object(places[NOTIFY], CHARACTERISTIC).StartNotify()
    loop.object(places[WRITE], CHARACTERISTIC).WriteValue(
        loop.dbus.Array(ASK_MODEL, signature="y"), {"type": "command"})
    loop.until("the whole answer", lambda: len(answer) >= 17)
    device.Disconnect()
    loop.until("the end of the link", lambda: not state.Get("org.bluez.Device1", "Connected"))
    print("central read", model_of(bytes(answer)))


def bluetoothctl(adapter_address, address):
    ctl = subprocess.Popen(["bluetoothctl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    heard = bytearray()

    def until(*texts):
        end = time.monotonic() + DEADLINE_S
        while not any(text.encode() in heard for text in texts):
            ready, _, _ = select.select([ctl.stdout], [], [], max(0, end - time.monotonic()))
            if not ready:
                sys.exit("bluetoothctl never said %s:\n%s"
                         % (texts, heard.decode(errors="replace")))
            heard.extend(os.read(ctl.stdout.fileno(), 65536))

    def say(line, *then):
        del heard[:]
        ctl.stdin.write(line.encode() + b"\n")
        ctl.stdin.flush()
        until(*then or [""])

    def must_show(line, text):
        end = time.monotonic() + DEADLINE_S
        while text.encode() not in heard:
            if time.monotonic() > end:
                sys.exit("%s never showed %r:\n%s" % (line, text, heard.decode(errors="replace")))
            say(line)
            select.select([], [], [], 0.3)
            while select.select([ctl.stdout], [], [], 0)[0]:
                heard.extend(os.read(ctl.stdout.fileno(), 65536))

    until("Agent registered")
    say("select " + adapter_address)
    # BlueZ keeps the attributes of devices it has met, and bluetoothctl drops those that it hears
    # of while another adapter is selected, as one is at its start: so let BlueZ forget the device.
    say("remove " + address, "Device has been removed", "not available")
    say("scan le", "Discovering: yes")
    until(address + " ")
    say("scan off", "Discovering: no")
    say("connect " + address, "Connection successful")
    say("menu gatt")
    must_show("list-attributes " + address, WRITE)
    must_show("list-attributes " + address, NOTIFY)
    say("select-attribute " + NOTIFY)
    say("notify on", "Notify started")
    say("select-attribute " + WRITE)
    say("write \"%s\"" % " ".join("0x%02x" % b for b in ASK_MODEL), "Attempting to write")
    # It shows news of the selected attribute only, but keeps those of the others.
    must_show("attribute-info " + NOTIFY, "01 03 0c 50 45 36 37 00 30")  # "EP760", swapped
    ctl.kill()
    print("bluetoothctl read EP760")


def device(adapter):
    loop = Loop()
    dbus = loop.dbus
    import dbus.service
    registers = dict.fromkeys(range(200), 0)  # the gaps of a block answer 0
    registers.update({16: 2005, 102: 77, 116: 4711})
    for i, pair in enumerate(["EP", "76", "0\0"]):
        registers[110 + i] = ord(pair[1]) << 8 | ord(pair[0])

    def answer(request):
        first, count = int.from_bytes(request[2:4], "big"), int.from_bytes(request[4:6], "big")
        wanted = range(first, first + count)
        if request[1] != 3 or not 0 < count <= 125 or any(i not in registers for i in wanted):
            return framed([request[0], request[1] | 0x80, 2])
        words = b"".join(registers[i].to_bytes(2, "big") for i in wanted)
        return framed(bytes([request[0], 3, len(words)]) + words)

    class Shown(dbus.service.Object):
        def __init__(self, path, interface, properties):
            self.at, self.interface, self.properties = path, interface, properties
            super().__init__(loop.bus, path)

        @dbus.service.method(PROPERTIES, in_signature="s", out_signature="a{sv}")
        def GetAll(self, _):
            return self.properties

        @dbus.service.signal(PROPERTIES, signature="sa{sv}as")
        def PropertiesChanged(self, interface, changed, invalidated):
            pass

    class Notifier(Shown):
        @dbus.service.method(CHARACTERISTIC)
        def StartNotify(self):
            pass

        @dbus.service.method(CHARACTERISTIC)
        def StopNotify(self):
            pass

    class Writer(Shown):
        @dbus.service.method(CHARACTERISTIC, in_signature="aya{sv}")
        def WriteValue(self, value, _):
            if value[0] != 1:  # nobody lives at another address
                return
            reply = answer(bytes(value))
            for at in range(0, len(reply), 20):  # as small as packets get
                notifier.PropertiesChanged(
                    CHARACTERISTIC,
                    {"Value": dbus.Array(reply[at:at + 20], signature="y")}, [])

    class Application(dbus.service.Object):
        @dbus.service.method("org.freedesktop.DBus.ObjectManager",
                             out_signature="a{oa{sa{sv}}}")
        def GetManagedObjects(self):
            return {each.at: {each.interface: each.properties}
                    for each in (service, notifier, writer)}

    def shown(kind, path, interface, **properties):
        return kind(path, interface, dbus.Dictionary(properties, signature="sv"))

    def flags(*names):
        return dbus.Array(names, signature="s")

    parent = dbus.ObjectPath("/peer/service")
    service = shown(Shown, parent, "org.bluez.GattService1", UUID=SERVICE, Primary=True)
    notifier = shown(Notifier, "/peer/service/notify", CHARACTERISTIC, UUID=NOTIFY,
                     Service=parent, Flags=flags("notify"))
    writer = shown(Writer, "/peer/service/write", CHARACTERISTIC, UUID=WRITE, Service=parent,
                   Flags=flags("write", "write-without-response"))
    application = Application(loop.bus, "/peer")
    advertisement = shown(Shown, "/peer/advertisement", "org.bluez.LEAdvertisement1",
                          Type="peripheral", ServiceUUIDs=flags(SERVICE),
                          LocalName="\N{ESCAPE}[31mPBOX1", Discoverable=True)
    radio = "/org/bluez/" + adapter
    loop.object(radio, "org.bluez.GattManager1").RegisterApplication(
        application, {}, reply_handler=lambda: None, error_handler=sys.exit)
    loop.object(radio, "org.bluez.LEAdvertisingManager1").RegisterAdvertisement(
        advertisement, {}, reply_handler=lambda: print("ready", flush=True),
        error_handler=sys.exit)
    loop.glib.MainLoop().run()


if __name__ == "__main__":
    {"central": central, "device": device, "bluetoothctl": bluetoothctl}[sys.argv[1]](
        *sys.argv[2:])
