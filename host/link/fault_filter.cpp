// SPDX-License-Identifier: Apache-2.0
#include "host/link/fault_filter.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/crc.hpp"

namespace weco {
namespace {

constexpr std::size_t kGarbageMax = 12;
constexpr std::size_t kReadPiece = 4096;
constexpr std::size_t kMbapSize = 7;  // transaction, protocol 0, length, unit (Modbus TCP)
constexpr std::size_t kRtuSmallest = 4;

bool is_rtu(const std::vector<std::uint8_t>& m) {
  if (m.size() < kRtuSmallest) return false;
  const std::uint16_t crc = crc16_modbus(Bytes(m).first(m.size() - 2));
  return m[m.size() - 2] == (crc & 0xFFU) && m[m.size() - 1] == (crc >> 8);
}

bool is_modbus_tcp(const std::vector<std::uint8_t>& m) {
  if (m.size() <= kMbapSize || m[2] != 0 || m[3] != 0) return false;
  return static_cast<std::size_t>(m[4]) * 256 + m[5] + 6 == m.size();
}

/// The message as another device would have sent it: valid, with another address.
void change_unit(std::vector<std::uint8_t>& m) {
  if (m.empty()) return;
  if (is_modbus_tcp(m)) {
    m[6] = static_cast<std::uint8_t>(m[6] ^ 0x10U);
    return;
  }
  const bool rtu = is_rtu(m);
  m[0] = static_cast<std::uint8_t>(m[0] ^ 0x10U);
  if (!rtu) return;
  const std::uint16_t crc = crc16_modbus(Bytes(m).first(m.size() - 2));
  m[m.size() - 2] = static_cast<std::uint8_t>(crc & 0xFFU);
  m[m.size() - 1] = static_cast<std::uint8_t>(crc >> 8);
}

}  // namespace

std::uint64_t FaultFilter::next_random() {  // splitmix64: tiny, seedable with anything, portable
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

bool FaultFilter::choose(Fault& fault) {
  const std::uint64_t draw = next_random() % 1000;
  for (const FaultPlan::Step& step : plan_.script) {
    if (step.message != messages_) continue;
    fault = step.fault;
    return true;
  }
  std::uint64_t border = 0;
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    border += plan_.per_mille[i];
    if (draw < border) {
      fault = static_cast<Fault>(i);
      return true;
    }
  }
  return false;
}

/// Faults of content; the others leave the bytes alone.
void FaultFilter::damage(Fault fault, std::uint64_t random, std::vector<std::uint8_t>& data) {
  if (fault == Fault::BitFlip && !data.empty()) {
    const std::size_t bit = random % (data.size() * 8);
    data[bit / 8] = static_cast<std::uint8_t>(data[bit / 8] ^ (1U << bit % 8));
  } else if (fault == Fault::WrongUnit) {
    change_unit(data);
  } else if (fault == Fault::GarbageBefore) {
    for (std::size_t i = 0; i <= random % kGarbageMax; ++i) {
      data.insert(data.begin(), static_cast<std::uint8_t>(next_random()));
    }
  }
}

FaultFilter::Verdict FaultFilter::pass(Bytes message) {
  ++messages_;
  Verdict verdict;
  std::vector<std::uint8_t> data(message.begin(), message.end());
  Fault fault{};
  if (!choose(fault)) {
    verdict.parts.push_back({{}, std::move(data)});
    return verdict;
  }
  ++struck_[static_cast<std::size_t>(fault)];
  const std::uint64_t random = next_random();
  damage(fault, random, data);
  const std::size_t cut = data.size() < 2 ? data.size() : 1 + random % (data.size() - 1);
  const auto half = data.begin() + static_cast<std::ptrdiff_t>(cut);
  switch (fault) {
    case Fault::Silence:
      return verdict;
    case Fault::Split:
      verdict.parts.push_back({{}, {data.begin(), half}});
      verdict.parts.push_back({plan_.split_gap, {half, data.end()}});
      return verdict;
    case Fault::Disconnect:
      verdict.parts.push_back({{}, {data.begin(), half}});
      verdict.gone = true;
      return verdict;
    case Fault::Duplicated:
      verdict.parts.push_back({{}, data});
      break;
    case Fault::Echoed:
      verdict.parts.push_back({{}, data, true});
      break;
    case Fault::Merged:
      verdict.hold = true;
      break;
    default:
      break;
  }
  verdict.parts.push_back({fault == Fault::Late ? plan_.late_by : Duration{}, std::move(data)});
  return verdict;
}

/// Shared with the timers, which may fire after the link was destroyed.
class FaultyByteLink::State : public std::enable_shared_from_this<FaultyByteLink::State> {
 public:
  State(Reactor& reactor, ByteLink& inner_link, FaultPlan out_plan, FaultPlan in_plan)
      : inner(inner_link), out(std::move(out_plan)), in(std::move(in_plan)), reactor_(reactor) {}

  Done write(Bytes data);
  Outcome<std::size_t> read(MutableBytes room);
  void listen(std::function<void()> action);
  /// Nothing touches the inner link after this.
  void close();

  ByteLink& inner;
  FaultFilter out;
  FaultFilter in;

 private:
  enum class Way : std::uint8_t { Out, In };
  void pull();
  void apply(Way way, Bytes message);
  void after(Duration span, std::function<void()> action);
  void move(Way way, Bytes data);
  void release(Way way);
  void lose();
  void wake();
  [[nodiscard]] Unexpected<Failure> gone() const {
    return failure(ErrorCode::Disconnected, "the link is gone (fault filter)", inner.describe());
  }

  Reactor& reactor_;
  std::vector<std::uint8_t> inbox_;
  std::array<std::vector<std::uint8_t>, 2> held_;  // by way: waits for the next message
  std::function<void()> readable_;
  std::optional<Failure> lost_;  // of the inner link
  bool gone_ = false;
  bool waking_ = false;
  bool closed_ = false;
};

Done FaultyByteLink::State::write(Bytes data) {
  if (gone_) return gone();
  lost_.reset();
  apply(Way::Out, data);
  if (lost_) return Unexpected<Failure>{*lost_};
  return {};
}

Outcome<std::size_t> FaultyByteLink::State::read(MutableBytes room) {
  pull();
  const std::size_t n = std::min(room.size(), inbox_.size());
  std::copy_n(inbox_.begin(), n, room.begin());
  inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<std::ptrdiff_t>(n));
  if (n == 0 && gone_) return gone();
  if (n == 0 && lost_) return Unexpected<Failure>{*lost_};
  return n;
}

void FaultyByteLink::State::listen(std::function<void()> action) {
  readable_ = std::move(action);
  if (!readable_) return inner.on_readable({});
  inner.on_readable([this] {
    pull();
    wake();
  });
  if (!inbox_.empty() || gone_ || lost_) wake();
}

void FaultyByteLink::State::close() {
  closed_ = true;
  inner.on_readable({});
}

/// Takes what the inner link has; what comes while the link is gone is lost.
void FaultyByteLink::State::pull() {
  std::array<std::uint8_t, kReadPiece> piece{};
  lost_.reset();  // it may be back
  while (!lost_) {
    const Outcome<std::size_t> got = inner.read(piece);
    if (!got) {
      lost_ = got.error();
    } else if (*got == 0) {
      return;
    } else if (!gone_) {
      apply(Way::In, Bytes(piece).first(*got));
    }
  }
}

void FaultyByteLink::State::apply(Way way, Bytes message) {
  FaultFilter& filter = way == Way::Out ? out : in;
  FaultFilter::Verdict verdict = filter.pass(message);
  std::vector<std::uint8_t>& held = held_[static_cast<std::size_t>(way)];
  if (verdict.hold) {
    const std::vector<std::uint8_t>& data = verdict.parts.front().data;
    held.insert(held.end(), data.begin(), data.end());
    return after(filter.plan().merge_hold, [this, way] { release(way); });
  }
  if (!held.empty() && !verdict.parts.empty()) {
    std::vector<std::uint8_t>& first = verdict.parts.front().data;
    first.insert(first.begin(), held.begin(), held.end());
    held.clear();
  }
  for (FaultFilter::Part& part : verdict.parts) {
    const Way to = part.back ? (way == Way::Out ? Way::In : Way::Out) : way;
    if (part.after == Duration{}) {
      move(to, part.data);
    } else {
      after(part.after, [this, to, data = std::move(part.data)] { move(to, data); });
    }
  }
  if (verdict.gone) lose();
}

void FaultyByteLink::State::after(Duration span, std::function<void()> action) {
  reactor_.at(reactor_.now() + span, [state = weak_from_this(), action = std::move(action)] {
    const auto self = state.lock();
    if (self && !self->closed_) action();
  });
}

void FaultyByteLink::State::move(Way way, Bytes data) {
  if (gone_ || data.empty()) return;
  if (way == Way::In) {
    inbox_.insert(inbox_.end(), data.begin(), data.end());
    return wake();
  }
  if (const Done sent = inner.write(data); !sent) {
    lost_ = sent.error();
    wake();
  }
}

void FaultyByteLink::State::release(Way way) {
  const std::vector<std::uint8_t> data = std::exchange(held_[static_cast<std::size_t>(way)], {});
  move(way, data);
}

void FaultyByteLink::State::lose() {
  gone_ = true;
  wake();
  after(out.plan().gone_for, [this] {
    gone_ = false;
    lost_.reset();
    wake();
  });
}

void FaultyByteLink::State::wake() {
  if (waking_ || !readable_) return;
  waking_ = true;
  after({}, [this] {
    waking_ = false;
    const std::function<void()> action = readable_;  // it may replace itself
    if (action) action();
  });
}

FaultyByteLink::FaultyByteLink(Reactor& reactor, ByteLink& inner, FaultPlan out, FaultPlan in)
    : state_(std::make_shared<State>(reactor, inner, std::move(out), std::move(in))) {}

FaultyByteLink::~FaultyByteLink() { state_->close(); }

Done FaultyByteLink::write(Bytes data) { return state_->write(data); }
Outcome<std::size_t> FaultyByteLink::read(MutableBytes room) { return state_->read(room); }
void FaultyByteLink::on_readable(std::function<void()> action) {
  state_->listen(std::move(action));
}
Done FaultyByteLink::configure(const LineSettings& settings) {
  return state_->inner.configure(settings);
}
LinkTraits FaultyByteLink::traits() const { return state_->inner.traits(); }
std::string FaultyByteLink::describe() const { return state_->inner.describe(); }
const FaultFilter& FaultyByteLink::out() const { return state_->out; }
const FaultFilter& FaultyByteLink::in() const { return state_->in; }

}  // namespace weco
