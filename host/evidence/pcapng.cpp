// SPDX-License-Identifier: Apache-2.0
#include "host/evidence/pcapng.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <tuple>
#include <utility>

#include "host/evidence/file.hpp"

namespace weco {
namespace {

using Block = std::vector<std::uint8_t>;

constexpr mode_t kFileMode = 0644;
constexpr std::uint32_t kSection = 0x0A0D0D0A;
constexpr std::uint32_t kInterface = 1;
constexpr std::uint32_t kStatistics = 5;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint16_t kEnd = 0;
constexpr std::uint16_t kComment = 1;
constexpr std::uint16_t kName = 2;     // of an interface; of the packet options: flags
constexpr std::uint16_t kProgram = 4;  // of a section
constexpr std::uint32_t kInbound = 1;
constexpr std::uint32_t kOutbound = 2;
// Addresses that documentation may use (RFC 5737), and a port of the range for clients.
constexpr std::uint32_t kNobody = 0xC0000201;
constexpr std::uint32_t kAsker = 0xC0000202;
constexpr std::uint16_t kAskerPort = 49152;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
// ATT (Core 5.4, F 3.3.1): handles are made up, the link does not know them.
constexpr std::uint16_t kConnection = 0x0040;
constexpr std::uint16_t kAttChannel = 4;
constexpr std::uint8_t kWriteCommand = 0x52;
constexpr std::uint8_t kNotification = 0x1B;
constexpr std::uint16_t kNotifyHandle = 0x0012;
constexpr std::uint16_t kWriteHandle = 0x0015;

void le16(Block& out, std::uint32_t value) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8));
}
void le32(Block& out, std::uint32_t value) {
  le16(out, value & 0xFFFF);
  le16(out, value >> 16);
}
void be16(Block& out, std::uint32_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}
void be32(Block& out, std::uint32_t value) {
  be16(out, value >> 16);
  be16(out, value & 0xFFFF);
}
void append(Block& out, Bytes data) { out.insert(out.end(), data.begin(), data.end()); }
void pad(Block& out) {
  while (out.size() % 4 != 0) out.push_back(0);
}
void option(Block& out, std::uint16_t code, std::string_view text) {
  constexpr std::size_t kTextMax = 4096;
  text = text.substr(0, kTextMax);
  le16(out, code);
  le16(out, static_cast<std::uint32_t>(text.size()));
  out.insert(out.end(), text.begin(), text.end());
  pad(out);
}

Block block(std::uint32_t type, const Block& body) {
  Block out;
  const auto size = static_cast<std::uint32_t>(body.size() + 12);
  le32(out, type);
  le32(out, size);
  append(out, body);
  le32(out, size);
  return out;
}

/// Text of a device may be anything; a comment must be UTF-8 and may meet a terminal.
std::string plain(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F) c = '?';
  }
  return out;
}

/// The sum of RFC 1071, over what may have an odd size.
std::uint16_t checksum(Bytes data) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    sum += i % 2 == 0 ? static_cast<std::uint32_t>(data[i]) << 8 : data[i];
  }
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void set16(Block& data, std::size_t at, std::uint16_t value) {
  data[at] = static_cast<std::uint8_t>(value >> 8);
  data[at + 1] = static_cast<std::uint8_t>(value);
}

/// What precedes a message on an IP network.
struct Header {
  bool udp = false;
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint16_t from_port = 0;
  std::uint16_t to_port = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
  std::uint16_t number = 0;
};

Block segment(const Header& header, Bytes data) {
  Block out;
  be16(out, header.from_port);
  be16(out, header.to_port);
  if (header.udp) {
    be16(out, static_cast<std::uint32_t>(data.size() + 8));
  } else {
    be32(out, header.sequence);
    be32(out, header.acknowledged);
    be16(out, 0x5018);  // 20 bytes of header, PSH and ACK
    be16(out, 0xFFFF);  // window
  }
  const std::size_t at = out.size();
  be16(out, 0);  // checksum
  if (!header.udp) be16(out, 0);
  append(out, data);
  Block summed;
  be32(summed, header.from);
  be32(summed, header.to);
  be16(summed, header.udp ? kUdp : kTcp);
  be16(summed, static_cast<std::uint32_t>(out.size()));
  append(summed, out);
  const std::uint16_t sum = checksum(summed);
  set16(out, at, header.udp && sum == 0 ? std::uint16_t{0xFFFF} : sum);
  return out;
}

Block ip_packet(const Header& header, Bytes data) {
  const Block inner = segment(header, data);
  Block out{0x45, 0};
  be16(out, static_cast<std::uint32_t>(inner.size() + 20));
  be16(out, header.number);
  be16(out, 0x4000);  // not to be cut
  out.push_back(64);
  out.push_back(header.udp ? kUdp : kTcp);
  be16(out, 0);
  be32(out, header.from);
  be32(out, header.to);
  set16(out, 10, checksum(out));
  append(out, inner);
  return out;
}

Block att_packet(Bytes data, bool sent) {
  Block out;
  be32(out, sent ? 0 : 1);
  out.push_back(2);  // H4: ACL data
  le16(out, kConnection | (sent ? 0U : 0x2000U));
  le16(out, static_cast<std::uint32_t>(data.size() + 7));
  le16(out, static_cast<std::uint32_t>(data.size() + 3));
  le16(out, kAttChannel);
  out.push_back(sent ? kWriteCommand : kNotification);
  le16(out, sent ? kWriteHandle : kNotifyHandle);
  append(out, data);
  return out;
}

Block can_packet(const CanFrame& frame) {
  Block out;
  be32(out, frame.id | (frame.extended ? 0x80000000U : 0U) | (frame.remote ? 0x40000000U : 0U) |
                (frame.error ? 0x20000000U : 0U));
  out.push_back(frame.size);
  out.insert(out.end(), 3, 0);
  if (!frame.remote) append(out, Bytes(frame.data).first(std::min<std::size_t>(frame.size, 8)));
  return out;
}

/// "tcp:192.0.2.5:502?unit=1" as address and port; stand-ins for names and IPv6.
std::pair<std::uint32_t, std::uint16_t> place_of(std::string_view link) {
  link = link.substr(0, link.find('?'));
  link.remove_prefix(std::min(link.find(':') + 1, link.size()));
  const std::size_t colon = link.rfind(':');
  std::uint32_t port = 0;
  if (colon != std::string_view::npos) {
    for (const char c : link.substr(colon + 1)) {
      if (c < '0' || c > '9') break;
      port = (port * 10 + static_cast<std::uint32_t>(c - '0')) & 0xFFFFF;
    }
  }
  if (port == 0 || port > 0xFFFF) port = 502;
  in_addr address{};
  const std::string host(link.substr(0, colon));
  const bool numeric = ::inet_pton(AF_INET, host.c_str(), &address) == 1;
  return {numeric ? ntohl(address.s_addr) : kNobody, static_cast<std::uint16_t>(port)};
}

/// A file that is there must be one of ours: a section behind something else would spoil both.
bool may_be_continued(int fd) {
  std::uint8_t first[4] = {};
  const ssize_t n = ::pread(fd, first, sizeof first, 0);
  return n == 0 ||
         (n == 4 && first[0] == 0x0A && first[1] == 0x0D && first[2] == 0x0D && first[3] == 0x0A);
}

}  // namespace

CapturedAs captured_as(std::string_view link, bool frames) {
  if (frames) return CapturedAs::SocketCan;
  if (link.starts_with("tcp:") || link.starts_with("udp:")) return CapturedAs::RawIp;
  return link.starts_with("ble:") ? CapturedAs::Bluetooth : CapturedAs::Serial;
}

Outcome<std::unique_ptr<PcapngRecorder>> PcapngRecorder::open(const std::string& path,
                                                              Reactor& reactor,
                                                              std::string_view program) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, kFileMode);
  if (fd < 0) return file_failure(errno, path, "cannot open the recording");
  std::unique_ptr<PcapngRecorder> recorder(new PcapngRecorder(fd, path, reactor));
  if (!may_be_continued(fd)) {
    return failure(ErrorCode::BadInput, "the file is there and is no pcapng", path,
                   "Take another name.");
  }
  Block body;
  le32(body, 0x1A2B3C4D);
  le16(body, 1);
  le16(body, 0);
  body.insert(body.end(), 8, 0xFF);  // the section's length is not known
  option(body, kProgram, program);
  option(body, kEnd, {});
  recorder->put(block(kSection, body));
  if (!recorder->status_) return Unexpected<Failure>{recorder->status_.error()};
  return recorder;
}

PcapngRecorder::PcapngRecorder(int fd, std::string path, Reactor& reactor)
    : fd_(fd),
      path_(std::move(path)),
      reactor_(reactor),
      epoch_us_(reactor.wall_seconds() * 1000000 - reactor.now().to_us()) {}

PcapngRecorder::~PcapngRecorder() {
  if (!comments_.empty() && !wires_.empty()) {
    Block body;
    begin(body, 0);
    finish(body);
    put(block(kStatistics, body));
  }
  ::close(fd_);
}

/// What packets and statistics begin with: the interface and the time.
void PcapngRecorder::begin(Block& body, std::uint32_t interface) const {
  const auto at = static_cast<std::uint64_t>(epoch_us_ + reactor_.now().to_us());
  le32(body, interface);
  le32(body, static_cast<std::uint32_t>(at >> 32));
  le32(body, static_cast<std::uint32_t>(at));
}

void PcapngRecorder::finish(Block& body) {
  for (const std::string& comment : std::exchange(comments_, {})) option(body, kComment, comment);
  option(body, kEnd, {});
}

PcapngRecorder::Wire& PcapngRecorder::wire(std::string_view link, bool frames) {
  const auto known = wires_.find(link);
  if (known != wires_.end()) return known->second;
  Wire wire;
  wire.index = static_cast<std::uint32_t>(wires_.size());
  wire.as = captured_as(link, frames);
  wire.udp = link.starts_with("udp:");
  std::tie(wire.device, wire.port) = place_of(link);
  Block body;
  le16(body, static_cast<std::uint32_t>(wire.as));
  le16(body, 0);
  le32(body, 0);
  option(body, kName, link);
  if (wire.as == CapturedAs::RawIp) {
    option(body, kComment, "The headers are made up around the messages, which are real.");
  } else if (wire.as == CapturedAs::Bluetooth) {
    option(body, kComment, "Handles and channel are made up around the packets, which are real.");
  }
  option(body, kEnd, {});
  put(block(kInterface, body));
  return wires_.emplace(std::string(link), wire).first->second;
}

void PcapngRecorder::record(const Event& event) {
  if (!status_) return;
  switch (event.kind) {
    case EventKind::CanTx:
    case EventKind::CanRx:
      return packet(wire(event.link, true), can_packet(event.frame),
                    event.kind == EventKind::CanTx);
    case EventKind::Tx:
    case EventKind::Rx:
      break;
    default:
      if (comments_.size() == kPcapngCommentsMax) comments_.erase(comments_.begin());
      comments_.push_back(std::string(name(event.kind)) + ": " + plain(event.text));
      return;
  }
  const bool out = event.kind == EventKind::Tx;
  Wire& on = wire(event.link, false);
  if (on.as == CapturedAs::Bluetooth) return packet(on, att_packet(event.data, out), out);
  if (on.as == CapturedAs::Serial) {
    return packet(on, Block(event.data.begin(), event.data.end()), out);
  }
  Header header;
  header.udp = on.udp;
  header.number = ++on.packets;
  header.from = out ? kAsker : on.device;
  header.to = out ? on.device : kAsker;
  header.from_port = out ? kAskerPort : on.port;
  header.to_port = out ? on.port : kAskerPort;
  header.sequence = out ? on.sent : on.received;
  header.acknowledged = out ? on.received : on.sent;
  (out ? on.sent : on.received) += static_cast<std::uint32_t>(event.data.size());
  packet(on, ip_packet(header, event.data), out);
}

void PcapngRecorder::packet(const Wire& wire, const Block& data, bool out) {
  Block body;
  begin(body, wire.index);
  le32(body, static_cast<std::uint32_t>(data.size()));
  le32(body, static_cast<std::uint32_t>(data.size()));
  append(body, data);
  pad(body);
  le16(body, kName);
  le16(body, 4);
  le32(body, out ? kOutbound : kInbound);
  finish(body);
  put(block(kEnhancedPacket, body));
}

void PcapngRecorder::put(const Block& block) {
  if (status_) status_ = write_whole(fd_, block, path_, "cannot write the recording");
}

}  // namespace weco
