// SPDX-License-Identifier: Apache-2.0
// Evidence as a pcapng file, which Wireshark and tshark open: a section per run, an interface per
// link, a packet per message. What these programs need and a link does not have (addresses, port of
// the client, attribute handles) stands in and is said to: the bytes of the messages are real.
// Texts, such as decisions and errors, are comments of the packet that follows; those behind the
// last packet are comments of the statistics at the end.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/evidence/event.hpp"
#include "host/failure/failure.hpp"
#include "host/reactor/reactor.hpp"

namespace weco {

/// Texts that wait for a packet; the oldest of more are left out.
inline constexpr std::size_t kPcapngCommentsMax = 64;

/// What a link carries, by the kind of its endpoint: the link types of pcapng.
enum class CapturedAs : std::uint16_t {
  RawIp = 101,      // tcp and udp, with headers made up around the messages
  Serial = 147,     // serial lines: USER0, bytes alone
  Bluetooth = 201,  // H4 with a direction: ACL, L2CAP, ATT
  SocketCan = 227,
};
CapturedAs captured_as(std::string_view link, bool frames);

class PcapngRecorder final : public EventSink {
 public:
  /// Makes the file; BadInput when it exists and is none of pcapng, else as NdjsonRecorder. A file
  /// that is there gets one more section.
  static Outcome<std::unique_ptr<PcapngRecorder>> open(const std::string& path, Reactor& reactor,
                                                       std::string_view program);
  ~PcapngRecorder() override;
  PcapngRecorder(const PcapngRecorder&) = delete;
  PcapngRecorder& operator=(const PcapngRecorder&) = delete;

  void record(const Event& event) override;
  /// The first failure to write, if there was one; from then on nothing more is written.
  [[nodiscard]] Done status() const { return status_; }

 private:
  using Block = std::vector<std::uint8_t>;
  /// A link with what its made-up headers count.
  struct Wire {
    std::uint32_t index = 0;
    CapturedAs as = CapturedAs::Serial;
    bool udp = false;
    std::uint32_t device = 0;  // IPv4
    std::uint16_t port = 0;
    std::uint32_t sent = 1;  // TCP's sequence numbers
    std::uint32_t received = 1;
    std::uint16_t packets = 0;
  };

  PcapngRecorder(int fd, std::string path, Reactor& reactor);
  Wire& wire(std::string_view link, bool frames);
  void packet(const Wire& wire, const Block& data, bool out);
  void begin(Block& body, std::uint32_t interface) const;
  void finish(Block& body);
  void put(const Block& block);

  int fd_;
  std::string path_;
  Reactor& reactor_;
  std::int64_t epoch_us_;  // of the reactor's zero
  std::map<std::string, Wire, std::less<>> wires_;
  std::vector<std::string> comments_;
  Done status_;
};

}  // namespace weco
