// SPDX-License-Identifier: Apache-2.0
// A wrong speed or parity and exchanged wires are what a scan has to tell apart, so the loopback
// line does not just drop bytes: it draws the level of the wire over time and samples it as the
// receiver's UART would, once in the middle of each of its own bits.
#include "host/link/loopback.hpp"

namespace weco {
namespace {

using Parity = LineSettings::Parity;

std::int64_t bits_of(const LineSettings& s) {
  return 1 + s.data_bits + (s.parity == Parity::None ? 0 : 1) + s.stop_bits;
}

bool parity_level(std::uint8_t value, Parity parity) {
  bool odd = false;
  for (int bit = 0; bit < 8; ++bit) odd ^= ((value >> bit) & 1) != 0;
  return parity == Parity::Even ? odd : !odd;
}

/// The levels of the wire, one entry a bit of the sender.
std::vector<bool> levels(Bytes sent, const LineSettings& sender) {
  std::vector<bool> wire;
  wire.reserve(sent.size() * static_cast<std::size_t>(bits_of(sender)));
  for (const std::uint8_t byte : sent) {
    const auto value = static_cast<std::uint8_t>(byte & ((1U << sender.data_bits) - 1U));
    wire.push_back(false);
    for (int bit = 0; bit < sender.data_bits; ++bit) wire.push_back(((value >> bit) & 1) != 0);
    if (sender.parity != Parity::None) wire.push_back(parity_level(value, sender.parity));
    for (int stop = 0; stop < sender.stop_bits; ++stop) wire.push_back(true);
  }
  return wire;
}

/// Level at a time, in units of 1/(sender bit rate x receiver bit rate) seconds / 2; idle outside.
class Wave {
 public:
  Wave(std::vector<bool> wire, std::int64_t bit, bool inverted)
      : wire_(std::move(wire)), bit_(bit), inverted_(inverted) {}
  [[nodiscard]] bool at(std::int64_t t) const {
    const auto index = static_cast<std::size_t>(t / bit_);
    return (index < wire_.size() ? wire_[index] : true) != inverted_;
  }
  [[nodiscard]] std::int64_t end() const { return static_cast<std::int64_t>(wire_.size()) * bit_; }
  /// The next bit border after `t`.
  [[nodiscard]] std::int64_t border(std::int64_t t) const { return (t / bit_ + 1) * bit_; }

 private:
  std::vector<bool> wire_;
  std::int64_t bit_;
  bool inverted_;
};

}  // namespace

Duration character_time(const LineSettings& settings) {
  const std::int64_t speed = settings.bits_per_second;
  return Duration::us((bits_of(settings) * 1000000 + speed - 1) / speed);
}

std::vector<std::uint8_t> resample(Bytes sent, const LineSettings& sender,
                                   const LineSettings& receiver, bool inverted) {
  if (sender == receiver && !inverted) return {sent.begin(), sent.end()};
  const std::int64_t sender_bit = std::int64_t{2} * receiver.bits_per_second;
  const std::int64_t receiver_bit = std::int64_t{2} * sender.bits_per_second;
  const Wave wave(levels(sent, sender), sender_bit, inverted);
  std::vector<std::uint8_t> heard;
  std::int64_t t = 0;
  bool before = !inverted;  // the idle level
  while (t < wave.end()) {
    if (!before || wave.at(t)) {  // a start bit is a fall from high to low
      before = wave.at(t);
      t = wave.border(t);
      continue;
    }
    std::int64_t sample = t + receiver_bit / 2;
    if (wave.at(sample)) {  // too short for a start bit
      before = true;
      t = wave.border(sample);
      continue;
    }
    unsigned value = 0;
    for (int bit = 0; bit < receiver.data_bits; ++bit) {
      sample += receiver_bit;
      if (wave.at(sample)) value |= 1U << bit;
    }
    if (receiver.parity != Parity::None) sample += receiver_bit;
    sample += receiver_bit;  // the stop bit; a wrong one is not reported by a tty in raw mode
    heard.push_back(static_cast<std::uint8_t>(value));
    before = wave.at(sample);
    t = sample;
  }
  return heard;
}

}  // namespace weco
