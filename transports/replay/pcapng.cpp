// SPDX-License-Identifier: Apache-2.0
#include "transports/replay/pcapng.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace weco::transports {
namespace {

using From = RecordedItem::From;

constexpr std::uint32_t kSection = 0x0A0D0D0A;
constexpr std::uint32_t kInterface = 1;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::size_t kFrameSize = 12;  // type and size before, size behind
constexpr std::size_t kInterfacesMax = 256;
constexpr std::size_t kConversationsMax = 4096;

enum LinkType : std::uint16_t {
  kEthernet = 1,
  kRawIp = 101,
  kUser0 = 147,
  kBluetooth = 201,
  kSocketCan = 227,
};

/// Bytes with an end that is looked at before every step.
class Reader {
 public:
  Reader(std::string_view data, bool big) : data_(data), big_(big) {}
  [[nodiscard]] std::size_t left() const { return data_.size(); }
  [[nodiscard]] std::string_view rest() const { return data_; }
  bool skip(std::size_t n) {
    if (n > data_.size()) return false;
    data_.remove_prefix(n);
    return true;
  }
  std::optional<std::string_view> take(std::size_t n) {
    if (n > data_.size()) return std::nullopt;
    const std::string_view piece = data_.substr(0, n);
    data_.remove_prefix(n);
    return piece;
  }
  /// 0 when there is less.
  std::uint32_t number(std::size_t size) {
    const auto piece = take(size);
    std::uint32_t value = 0;
    for (std::size_t i = 0; piece && i < size; ++i) {
      const auto byte = static_cast<unsigned char>((*piece)[big_ ? i : size - 1 - i]);
      value = value << 8 | byte;
    }
    return value;
  }

 private:
  std::string_view data_;
  bool big_;
};

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

struct Interface {
  std::uint16_t type = 0;
  std::string name;
  std::int64_t ticks_per_s = 1000000;
};

class Parser {
 public:
  Parser(std::string_view data, Recording& recording) : rest_(data), recording_(recording) {}

  Done parse() {
    while (!rest_.empty()) {
      const std::size_t at = offset_;
      if (rest_.size() < kFrameSize) return cut();
      if (Reader(rest_, true).number(4) == kSection) {
        big_ = Reader(rest_.substr(8), true).number(4) == 0x1A2B3C4D;
        interfaces_.clear();
        conversations_.clear();
      }
      Reader head(rest_, big_);
      const std::uint32_t type = head.number(4);
      const std::uint32_t size = head.number(4);
      if (size < kFrameSize || size % 4 != 0) {
        return failure(ErrorCode::BadInput, "this is no block of pcapng",
                       recording_.path + " offset " + std::to_string(at));
      }
      if (size > rest_.size()) return cut();
      const std::string_view body = rest_.substr(8, size - kFrameSize);
      rest_.remove_prefix(size);
      offset_ += size;
      if (type == kInterface && interfaces_.size() < kInterfacesMax) interface(body);
      if (type != kEnhancedPacket) continue;
      if (Done done = packet(body); !done) return done;
    }
    return {};
  }

 private:
  Done cut() {
    recording_.torn = true;
    rest_ = {};
    return {};
  }
  void interface(std::string_view body) {
    Reader in(body, big_);
    Interface made;
    made.type = static_cast<std::uint16_t>(in.number(2));
    in.skip(6);
    options(in, [&](std::uint32_t code, std::string_view value) {
      if (code == 2) made.name = std::string(value.substr(0, 256));
      if (code == 9 && !value.empty()) {
        const auto digits = static_cast<unsigned char>(value[0]);
        made.ticks_per_s = 1;
        for (unsigned i = 0; i < (digits & 0x7FU) && i < 15; ++i) {
          made.ticks_per_s *= (digits & 0x80U) != 0 ? 2 : 10;
        }
      }
    });
    interfaces_.push_back(std::move(made));
  }
  template <class Take>
  void options(Reader in, Take take) {
    while (in.left() >= 4) {
      const std::uint32_t code = in.number(2);
      const std::uint32_t size = in.number(2);
      const auto value = in.take(size);
      if (code == 0 || !value) return;
      take(code, *value);
      in.skip((4 - size % 4) % 4);
    }
  }

  Done packet(std::string_view body) {
    Reader in(body, big_);
    const std::uint32_t index = in.number(4);
    const std::uint64_t high = in.number(4);
    const std::uint64_t ticks = high << 32 | in.number(4);
    const std::uint32_t size = in.number(4);
    in.skip(4);
    const auto data = in.take(size);
    if (!data || index >= interfaces_.size()) return {};
    in.skip((4 - size % 4) % 4);
    const Interface& on = interfaces_[index];
    RecordedItem item;
    item.link = on.name;
    options(in, [&](std::uint32_t code, std::string_view value) {
      if (code != 2 || value.size() != 4) return;
      const std::uint32_t way = Reader(value, big_).number(4) & 3U;
      if (way != 0) item.from = way == 1 ? From::Device : From::Asker;
    });
    if (!take_apart(on.type, *data, item)) return {};
    const auto per_s = static_cast<std::uint64_t>(on.ticks_per_s);
    const auto us =
        static_cast<std::int64_t>(ticks / per_s * 1000000 + ticks % per_s * 1000000 / per_s);
    return add(std::move(item), us);
  }
  Done add(RecordedItem item, std::int64_t us) {
    if (recording_.items.size() == kRecordingItemsMax) {
      return failure(ErrorCode::TooLong, "the recording is too long", recording_.path,
                     "At most 5 million messages.");
    }
    if (recording_.items.empty()) origin_ = us;
    const Duration at = Duration::us(us - origin_);
    item.at = recording_.items.empty() ? Duration{} : std::max(at, recording_.items.back().at);
    recording_.items.push_back(std::move(item));
    return {};
  }

  bool take_apart(std::uint16_t type, std::string_view data, RecordedItem& item) {
    switch (type) {
      case kSocketCan:
        return can(data, item);
      case kBluetooth:
        return att(data, item);
      case kUser0:
        item.data = bytes_of(data);
        return !data.empty();
      case kEthernet: {
        Reader in(data, true);
        in.skip(12);
        const std::uint32_t kind = in.number(2);
        return (kind == 0x0800 || kind == 0x86DD) && ip(in.rest(), item);
      }
      case kRawIp:
        return ip(data, item);
      default:
        return false;
    }
  }
  static bool can(std::string_view data, RecordedItem& item) {
    Reader in(data, true);
    const std::uint32_t id = in.number(4);
    const std::uint32_t size = in.number(1);
    CanFrame frame;
    frame.extended = (id & 0x80000000U) != 0;
    frame.remote = (id & 0x40000000U) != 0;
    frame.error = (id & 0x20000000U) != 0;
    frame.id = id & (frame.extended ? 0x1FFFFFFFU : 0x7FFU);
    frame.size = static_cast<std::uint8_t>(size);
    if (!in.skip(3) || size > CanFrame::kDataMax) return false;  // CAN FD
    const auto content = in.take(frame.remote ? 0 : size);
    if (!content) return false;
    std::copy(content->begin(), content->end(), frame.data.begin());
    item.frame = frame;
    return true;
  }
  /// Writes and notifications over one connection; handles say nothing here.
  static bool att(std::string_view data, RecordedItem& item) {
    Reader in(data, true);
    in.skip(4);
    if (in.number(1) != 2) return false;  // no ACL data
    in.skip(6);
    Reader att(in.rest(), false);
    if (att.number(2) != 4) return false;  // another channel, or a part of a packet
    const std::uint32_t operation = att.number(1);
    att.skip(2);
    const bool asked = operation == 0x52 || operation == 0x12;
    if (!asked && operation != 0x1B && operation != 0x1D) return false;
    item.from = asked ? From::Asker : From::Device;
    item.data = bytes_of(att.rest());
    return !item.data.empty();
  }
  bool ip(std::string_view data, RecordedItem& item) {
    Reader in(data, true);
    const std::uint32_t first = in.number(1);
    std::uint32_t protocol = 0;
    std::uint32_t length = 0;
    std::string_view hosts;
    if (first >> 4 == 4) {
      in.skip(1);
      length = in.number(2);
      const std::uint32_t header = (first & 15U) * 4;
      if (header < 20 || length < header || length > data.size()) return false;
      protocol = static_cast<unsigned char>(data[9]);
      hosts = data.substr(12, 8);
      data = data.substr(header, length - header);
    } else if (first >> 4 == 6 && data.size() > 40) {
      protocol = static_cast<unsigned char>(data[6]);
      hosts = data.substr(8, 32);
      data = data.substr(40);
    } else {
      return false;
    }
    Reader inner(data, true);
    const std::uint32_t from = inner.number(2);
    const std::uint32_t to = inner.number(2);
    if (protocol == 17) {
      inner.skip(4);
    } else if (protocol == 6) {
      const std::uint32_t sequence = inner.number(4);
      inner.skip(4);
      const std::uint32_t header = (inner.number(1) >> 4) * 4;
      if (header < 20 || header > data.size()) return false;
      inner = Reader(data.substr(header), true);
      if (inner.left() > 0 && seen(hosts, from, to, sequence)) return false;
    } else {
      return false;
    }
    // Servers have the lower port; what is said to them is a question.
    if (item.from == From::Unknown) item.from = to < from ? From::Asker : From::Device;
    item.data = bytes_of(inner.rest());
    return !item.data.empty();
  }
  /// TCP sends again what was lost behind the place of the capture.
  bool seen(std::string_view hosts, std::uint32_t from, std::uint32_t to, std::uint32_t sequence) {
    std::string key(hosts);
    key += std::to_string(from) + ">" + std::to_string(to);
    if (conversations_.size() == kConversationsMax) conversations_.clear();
    const auto [known, added] = conversations_.emplace(std::move(key), sequence);
    const bool again = !added && known->second == sequence;
    known->second = sequence;
    return again;
  }

  std::string_view rest_;
  Recording& recording_;
  std::size_t offset_ = 0;
  bool big_ = false;
  std::int64_t origin_ = 0;
  std::vector<Interface> interfaces_;
  std::map<std::string, std::uint32_t> conversations_;
};

}  // namespace

bool is_pcapng(std::string_view data) {
  return data.size() >= kFrameSize && Reader(data, true).number(4) == kSection;
}

Done parse_pcapng(std::string_view data, Recording& recording) {
  recording.form = RecordingForm::Pcapng;
  recording.timed = true;
  return Parser(data, recording).parse();
}

}  // namespace weco::transports
