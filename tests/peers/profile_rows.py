# SPDX-License-Identifier: Apache-2.0
"""Reads the rows of a profile and decodes registers by them, with nothing of weco's own in it.

A second reading of the same data, so that a mistake in the program's reading has somebody to
disagree with. It knows the few forms that the Modbus profiles use: one row a line, nested groups.
"""
import re
import struct
from collections import namedtuple
from decimal import Decimal

# node: path as in JSON ('tower[1].module[2]'); index: 0 for a single value, else 1, 2, ...
Cell = namedtuple("Cell", "node point index table address words type exponent absent values")
Span = namedtuple("Span", "table address count")

WORDS = {"u16": 1, "s16": 1, "bits16": 1, "u32": 2, "s32": 2, "bits32": 2, "f32": 2}
ROW = re.compile(r'^(\s*)\{ point = "(\w+)",(.*)\},\s*$')
GROUP = re.compile(r'^(\s*)\{ node = "(\w+)", .*?at = (0x[0-9A-F]+), max = (\d+), '
                   r"stride = (0x[0-9A-F]+),")
PLACE = re.compile(r'at = \{ "(input|holding)", (0x[0-9A-F]+) \}')


def _number(text, name, otherwise):
    found = re.search(r"\b%s = (-?(?:0x[0-9A-Fa-f]+|\d+))" % name, text)
    return int(found.group(1), 0) if found else otherwise


def _values(text):
    """The table from wire number to meaning; choices are names, values are numbers."""
    found = re.search(r"\b(?:choices|values) = \{([^}]*)\}", text)
    if not found:
        return None
    pairs = re.findall(r'\[(\d+)\] = (?:"(\w+)"|(-?\d+))', found.group(1))
    return {int(wire): name if name else Decimal(number) for wire, name, number in pairs}


def _row_cells(point, text, nodes):
    table, address = PLACE.search(text).groups()
    kind = re.search(r'type = "([a-z0-9]+)(?:\((\d+)\))?"', text)
    words = int(kind.group(2)) // 2 if kind.group(1) == "text" else WORDS[kind.group(1)]
    count = _number(text, "count", 1)
    first = _number(text, "index", 1 if count > 1 else 0)
    stride = _number(text, "stride", words)
    for node, offset in nodes:
        for i in range(count):
            yield Cell(node, point, first + i if count > 1 or first else 0, table,
                       offset + int(address, 16) + i * stride, words, kind.group(1),
                       _number(text, "exponent", 0), _number(text, "absent", None), _values(text))


def cells_of(path):
    """Every value that the profile places on the wire, each of every tower and module."""
    groups = []  # (indent, [(node path, offset)]) from the outside in
    cells = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            group = GROUP.match(line)
            row = ROW.match(line)
            if group:
                indent, node, at, most, stride = group.groups()
                while groups and groups[-1][0] >= len(indent):
                    groups.pop()
                outer = groups[-1][1] if groups else [("", 0)]
                groups.append((len(indent), [
                    ((name + "." if name else "") + "%s[%d]" % (node, n + 1),
                     offset + int(at, 16) + n * int(stride, 16))
                    for name, offset in outer for n in range(int(most))]))
            elif row and PLACE.search(row.group(3)):
                cells.extend(_row_cells(row.group(2), row.group(3),
                                        groups[-1][1] if groups else [("", 0)]))
    return cells


def spans_of(cells, gap_max, count_max):
    """The reads that cover every cell, cut between values and never over a wider gap."""
    spans = []
    for cell in sorted(cells, key=lambda c: (c.table, c.address)):
        end = cell.address + cell.words
        last = spans[-1] if spans else None
        if (last and last.table == cell.table and end - last.address <= count_max
                and cell.address - last.address - last.count <= gap_max):
            spans[-1] = last._replace(count=end - last.address)
        else:
            spans.append(Span(cell.table, cell.address, cell.words))
    return spans


def decode(cell, words):
    """Decimal, int (a set), str, or None when the device says that it has no such value."""
    if cell.type == "text":
        text = b"".join(struct.pack(">H", w) for w in words).split(b"\0")[0].decode("ascii")
        return text.rstrip(" ") or None
    raw = 0
    for word in words:
        raw = raw << 16 | word
    if cell.absent is not None and raw == cell.absent:
        return None
    if cell.type.startswith("bits"):
        return raw
    if cell.type == "f32":
        return struct.unpack(">f", struct.pack(">I", raw))[0]
    if cell.type[0] == "s" and raw >> (16 * cell.words - 1):
        raw -= 1 << 16 * cell.words
    if cell.values is not None:
        return cell.values[raw]
    return Decimal(raw).scaleb(cell.exponent)
