// SPDX-License-Identifier: Apache-2.0
#include "sim/bus/rs485.hpp"

#include <algorithm>
#include <utility>

namespace weco::sim {

namespace {

std::int64_t bits_per_character(const LineSettings& line) {
  return 1 + line.data_bits + (line.parity == LineSettings::Parity::None ? 0 : 1) + line.stop_bits;
}

/// What a receiver makes of bytes it cannot sample right: as many characters as fit its own speed,
/// values that depend on the data only, so that a run repeats exactly.
std::vector<std::uint8_t> garble(Bytes data, const LineSettings& sent, const LineSettings& heard) {
  const std::size_t count = std::max<std::size_t>(
      1, data.size() * heard.bits_per_second / std::max<std::uint32_t>(1, sent.bits_per_second));
  std::vector<std::uint8_t> noise(std::min<std::size_t>(count, 4 * data.size() + 4));
  std::uint32_t state = 0x9E3779B9U ^ heard.bits_per_second;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    state = (state ^ data[i % data.size()]) * 0x01000193U;
    noise[i] = static_cast<std::uint8_t>((state >> 11) | 0x80U);
  }
  return noise;
}

}  // namespace

class Rs485Bus::Port final : public ByteLink {
 public:
  Port(Rs485Bus& bus, std::string name, PortOptions options)
      : bus_(bus), name_(std::move(name)), options_(options) {
    bus_.ports_.push_back(this);
  }
  ~Port() override { bus_.detach(*this); }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  Done write(Bytes data) override {
    if (!data.empty()) bus_.transmit(*this, data);
    return {};
  }
  Outcome<std::size_t> read(MutableBytes room) override {
    const std::size_t n = std::min(room.size(), inbox_.size());
    std::copy_n(inbox_.begin(), n, room.begin());
    inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(n));
    return n;
  }
  void on_readable(std::function<void()> action) override { readable_ = std::move(action); }
  Done configure(const LineSettings& settings) override {
    options_.line = settings;
    inbox_.clear();
    return {};
  }
  [[nodiscard]] LinkTraits traits() const override {
    return {.bits_per_second = options_.line.bits_per_second, .shared_line = true, .write_max = 0};
  }
  [[nodiscard]] std::string describe() const override { return name_; }

  void hear(const Transmission& heard) {
    if (heard.sender == this && !options_.echo) return;
    const bool whole = !heard.garbled && heard.line == options_.line &&
                       (!options_.swapped || heard.sender == this);
    if (whole) {
      inbox_.insert(inbox_.end(), heard.data.begin(), heard.data.end());
    } else {
      const auto noise = garble(heard.data, heard.line, options_.line);
      inbox_.insert(inbox_.end(), noise.begin(), noise.end());
    }
    if (inbox_.size() > kInboxMax) inbox_.erase(inbox_.begin(), inbox_.end() - kInboxMax);
    if (readable_) readable_();
  }
  [[nodiscard]] const PortOptions& options() const { return options_; }

 private:
  static constexpr std::ptrdiff_t kInboxMax = 65536;  // a driver's buffer: old bytes are lost
  Rs485Bus& bus_;
  std::string name_;
  PortOptions options_;
  std::deque<std::uint8_t> inbox_;
  std::function<void()> readable_;
};

std::unique_ptr<ByteLink> Rs485Bus::attach(std::string name, PortOptions options) {
  return std::make_unique<Port>(*this, std::move(name), options);
}

Duration Rs485Bus::time_on_wire(const LineSettings& line, std::size_t bytes) {
  return Duration::us(static_cast<std::int64_t>(bytes) * bits_per_character(line) * 1000000 /
                      line.bits_per_second);
}

void Rs485Bus::transmit(Port& sender, Bytes data) {
  const LineSettings line = sender.options().line;
  Instant start = reactor_.now();
  for (const Transmission& other : on_wire_) {  // one sender's messages follow each other
    if (other.sender == &sender) start = std::max(start, other.end);
  }
  Transmission mine{&sender,
                    line,
                    sender.options().swapped,
                    start,
                    start + time_on_wire(line, data.size()),
                    {data.begin(), data.end()}};
  for (Transmission& other : on_wire_) {
    if (other.sender != &sender && other.start < mine.end && mine.start < other.end) {
      other.garbled = mine.garbled = true;
    }
  }
  on_wire_.push_back(std::move(mine));
  reactor_.at(on_wire_.back().end, [this] { deliver(); });
}

void Rs485Bus::deliver() {
  for (;;) {
    const auto next = std::find_if(on_wire_.begin(), on_wire_.end(),
                                   [this](const auto& t) { return t.end <= reactor_.now(); });
    if (next == on_wire_.end()) return;
    const Transmission done = std::move(*next);
    on_wire_.erase(next);
    const auto listeners = ports_;  // a listener may detach another while it is told
    for (Port* port : listeners) {
      if (std::find(ports_.begin(), ports_.end(), port) != ports_.end()) port->hear(done);
    }
  }
}

void Rs485Bus::detach(Port& port) {
  std::erase(ports_, &port);
  for (Transmission& t : on_wire_) {
    if (t.sender == &port) t.sender = nullptr;
  }
}

}  // namespace weco::sim
