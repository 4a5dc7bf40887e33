#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cells stepped in a second by the same model in plain Python: the peer of bench_plant.

A cell is on a line of its open-circuit voltage, has a resistance with two time constants,
hysteresis, heat and a leak, and is stepped with the mean voltage over the step.
"""
import math
import time

STRINGS, CELLS, STEPS, DT = 12, 16, 400, 1.0


class Cell:
    def __init__(self, number):
        spread = 1.0 + 0.005 * math.sin(number * 12.9898)
        self.soc, self.kelvin, self.capacity_As = 0.5, 298.15, 3600.0 * 100.0 * spread
        self.at_zero, self.slope = 3.24, 0.1
        self.ohm, self.hysteresis, self.entropy, self.drain = 0.00134 * spread, 0.019, 1e-4, 0.0028


class String:
    def __init__(self, number):
        self.cells = [Cell(number * CELLS + i) for i in range(CELLS)]
        self.fast = self.slow = self.branch = 0.0
        self.frame = 298.15
        self.energy = [0.0] * 5


def step(s, current, fast, slow, heat, room):
    relaxing = (0.30 * current + 0.44 * (current + fast[1] * (s.fast - current)) +
                0.26 * (current + slow[1] * (s.slow - current)))
    s.fast = current + fast[0] * (s.fast - current)
    s.slow = current + slow[0] * (s.slow - current)
    to = 1.0 if current > 0 else -1.0 if current < 0 else s.branch
    kept = math.exp(-abs(current) * DT / (0.04 * 360000.0))
    branch = to + 0.5 * (1.0 + kept) * (s.branch - to)
    s.branch = to + kept * (s.branch - to)
    volts = lost = drained = turned = warm = 0.0
    for c in s.cells:
        own = current - c.drain
        half = own * 0.5 * DT / c.capacity_As
        middle = c.soc + half
        c.soc = middle + half
        over = c.ohm * (relaxing - c.drain) + c.hysteresis * branch
        voltage = c.at_zero + c.slope * middle + over
        reversible = own * c.kelvin * c.entropy
        base = s.frame + (own * over + reversible + c.drain * voltage) / 10.0
        c.kelvin = base + (c.kelvin - base) * heat
        volts += voltage
        lost += own * over
        drained += c.drain * voltage
        turned += reversible
        warm += c.kelvin
    s.frame += ((warm / CELLS - s.frame) * 160.0 + (room - s.frame) * 8.0) * DT / 18000.0
    for i, watts in enumerate((current * volts, lost, drained, turned, warm)):
        s.energy[i] += watts * DT


def decay(constant):
    kept = math.exp(-DT / constant)
    return kept, (1.0 - kept) * constant / DT


def main():
    strings = [String(n) for n in range(STRINGS)]
    fast, slow, heat = decay(30.0), decay(600.0), math.exp(-DT / 210.0)
    best = math.inf
    for _ in range(3):
        begin = time.process_time()
        for i in range(STEPS):
            for s in strings:
                step(s, 20.0 if i < STEPS / 2 else -20.0, fast, slow, heat, 295.0)
        best = min(best, time.process_time() - begin)
    print(STRINGS * CELLS * STEPS / best)


main()
