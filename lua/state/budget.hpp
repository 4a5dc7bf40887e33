// SPDX-License-Identifier: Apache-2.0
// What a script may use: instructions, memory and the length of one text. Plain data without a
// destructor, because the interpreter leaves the frames of its callbacks with a jump. Once
// something is used up the script is stopped for good: nothing it catches brings it back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace weco::lua {

inline constexpr std::uint64_t kInstructionsDefault = 50'000'000;
inline constexpr std::size_t kMemoryDefault = std::size_t{32} << 20U;
inline constexpr std::size_t kTextMax = std::size_t{1} << 20U;  // one text made by a script
inline constexpr int kHookInstructions = 100;                   // between two looks at the budget
/// Bytes that a library function moves for the price of one instruction.
inline constexpr std::size_t kBytesAnInstruction = 64;

enum class Stop : std::uint8_t { None, Instructions, Memory, TextLength, Interrupted };

struct Budget {
  std::uint64_t instructions_max = kInstructionsDefault;
  std::uint64_t instructions = 0;  // used by the run or call in progress
  std::size_t memory_max = kMemoryDefault;
  std::size_t memory = 0;
  Stop stop = Stop::None;
  const std::function<bool()>* interrupted = nullptr;

  [[nodiscard]] bool stopped() const { return stop != Stop::None; }
  /// Uses up that many; false when the script must stop.
  bool spend(std::uint64_t count) {
    instructions += count;
    if (!stopped() && instructions > instructions_max) stop = Stop::Instructions;
    return !stopped();
  }
};

/// The interpreter's allocator; `user` is the Budget.
void* allocate(void* user, void* block, std::size_t old_size, std::size_t new_size);

}  // namespace weco::lua
