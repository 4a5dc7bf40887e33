// SPDX-License-Identifier: Apache-2.0
// The few symbols that a compiler assumes even where there is no C library. Nothing else is linked
// but the compiler's own arithmetic, which is what the check of the image's symbols relies on.
#include <cstddef>
#include <cstdint>

#include "core/base/assert.hpp"

// What the standard library calls when std::string_view::substr() begins behind the end: a
// programmer's mistake here, too.
namespace std {
[[noreturn]] void __throw_out_of_range_fmt(const char* text, ...) {
  weco::assertion_failed(text, __FILE__, __LINE__);
}
// GCC 14 without exceptions calls this in the same place instead.
[[noreturn]] void terminate() noexcept {
  weco::assertion_failed("a view begins inside its text", __FILE__, __LINE__);
}
}  // namespace std

extern "C" {

void* memcpy(void* to, const void* from, std::size_t n) {
  auto* t = static_cast<std::uint8_t*>(to);
  const auto* f = static_cast<const std::uint8_t*>(from);
  for (std::size_t i = 0; i < n; ++i) t[i] = f[i];
  return to;
}

void* memmove(void* to, const void* from, std::size_t n) {
  auto* t = static_cast<std::uint8_t*>(to);
  const auto* f = static_cast<const std::uint8_t*>(from);
  if (t <= f) return memcpy(to, from, n);
  for (std::size_t i = n; i > 0; --i) t[i - 1] = f[i - 1];
  return to;
}

void* memset(void* to, int value, std::size_t n) {
  auto* t = static_cast<std::uint8_t*>(to);
  for (std::size_t i = 0; i < n; ++i) t[i] = static_cast<std::uint8_t>(value);
  return to;
}

int memcmp(const void* a, const void* b, std::size_t n) {
  const auto* x = static_cast<const std::uint8_t*>(a);
  const auto* y = static_cast<const std::uint8_t*>(b);
  for (std::size_t i = 0; i < n; ++i) {
    if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
  }
  return 0;
}

void* memchr(const void* text, int wanted, std::size_t n) {
  const auto* t = static_cast<const std::uint8_t*>(text);
  for (std::size_t i = 0; i < n; ++i) {
    if (t[i] == static_cast<std::uint8_t>(wanted)) return const_cast<std::uint8_t*>(t + i);
  }
  return nullptr;
}

std::size_t strlen(const char* text) {
  std::size_t n = 0;
  while (text[n] != '\0') ++n;
  return n;
}

// A call of a pure virtual function is a programmer's mistake.
[[noreturn]] void __cxa_pure_virtual() {
  weco::assertion_failed("pure virtual function called", __FILE__, __LINE__);
}

// The compiler's 64-bit division names the unwinder's personality routine but never calls it.
void __aeabi_unwind_cpp_pr0() {}
void __aeabi_unwind_cpp_pr1() {}
}
