// SPDX-License-Identifier: Apache-2.0
// From reset to the replay on the MPS2 board (AN386): vectors, memory, UART 0, and the way out. The
// lines go through the UART; what only this machine can say (stack used) and the exit code go
// through semihosting, the debugger's channel, so that the lines stay comparable.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/assert.hpp"
#include "firmware/port.hpp"
#include "firmware/replay.hpp"
#include "firmware/report.hpp"

// Places that the linker script names.
extern "C" {
extern std::uint32_t data_image[];
extern std::uint32_t data_begin[];
extern std::uint32_t data_end[];
extern std::uint32_t bss_begin[];
extern std::uint32_t bss_end[];
extern std::uint32_t stack_begin[];
extern std::uint32_t stack_end[];
using Constructor = void (*)();
extern Constructor constructors_begin[];
extern Constructor constructors_end[];
[[noreturn]] void reset();
}

namespace {

using Register = volatile std::uint32_t;

// CMSDK UART 0 (Arm DUI 0479): data, state (bit 0: transmitter full), control, divider.
constexpr std::uintptr_t kUart = 0x40004000;
constexpr std::uint32_t kTransmitterFull = 1;
constexpr std::uint32_t kTransmitterOn = 1;
constexpr std::uint32_t kDividerLeast = 16;
Register& uart(std::size_t word) { return reinterpret_cast<Register*>(kUart)[word]; }

constexpr std::uint32_t kPaint = 0xC0FFEE42;
// Semihosting operations (Arm IHI 0100).
constexpr std::uint32_t kWriteText = 0x04;
constexpr std::uint32_t kExit = 0x18;
constexpr std::uint32_t kExitDone = 0x20026;
constexpr std::uint32_t kExitFailed = 0x20024;

std::uint32_t debugger(std::uint32_t operation, std::uint32_t argument) {
  register std::uint32_t r0 asm("r0") = operation;
  register std::uint32_t r1 asm("r1") = argument;
  asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

[[noreturn]] void leave(bool ok) {
  for (;;) debugger(kExit, ok ? kExitDone : kExitFailed);
}

void say(const char* text) { debugger(kWriteText, reinterpret_cast<std::uintptr_t>(text)); }

void say_number(std::uint32_t value) {
  std::array<char, 11> digits{};
  std::size_t at = digits.size() - 1;
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  say(&digits[at]);
}

void prepare_memory() {
  const std::uint32_t* from = data_image;
  for (std::uint32_t* to = data_begin; to < data_end; ++to) *to = *from++;
  for (std::uint32_t* to = bss_begin; to < bss_end; ++to) *to = 0;
}

void paint_stack() {
  std::uintptr_t top = 0;
  asm volatile("mov %0, sp" : "=r"(top));
  for (volatile std::uint32_t* at = stack_begin; reinterpret_cast<std::uintptr_t>(at) < top; ++at) {
    *at = kPaint;
  }
}

std::uint32_t stack_used() {
  const volatile std::uint32_t* at = stack_begin;
  while (at < stack_end && *at == kPaint) ++at;
  return static_cast<std::uint32_t>(stack_end - at) * 4;
}

[[noreturn]] void fault() {
  say("fault: the processor stopped the program\n");
  leave(false);
}

}  // namespace

extern "C" void reset() {
  prepare_memory();
  paint_stack();
  for (const Constructor* c = constructors_begin; c < constructors_end; ++c) (*c)();
  uart(4) = kDividerLeast;
  uart(2) = kTransmitterOn;
  const bool ok = weco::firmware::replay_all();
  say("stack used: ");
  say_number(stack_used());
  say(" bytes\n");
  leave(ok);
}

namespace {

struct Vectors {
  const void* stack;
  void (*handlers[15])();
};

// All sixteen entries of the architecture; this image uses no interrupt.
[[gnu::section(".vectors"), gnu::used]] const Vectors vectors = {
    stack_end,
    {reset, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault,
     fault, fault}};

}  // namespace

namespace weco {

void assertion_failed(const char* expression, const char* file, int line) {
  say("assertion failed: ");
  say(expression);
  say(" at ");
  say(file);
  say(":");
  say_number(static_cast<std::uint32_t>(line));
  say("\n");
  leave(false);
}

namespace firmware {

void put(std::string_view text) {
  for (const char c : text) {
    while ((uart(1) & kTransmitterFull) != 0) {
    }
    uart(0) = static_cast<std::uint8_t>(c);
  }
}

}  // namespace firmware
}  // namespace weco
