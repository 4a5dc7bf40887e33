// SPDX-License-Identifier: Apache-2.0
// What serial ports, sockets and pseudo-terminals have in common: a descriptor in the reactor,
// bytes that wait until the kernel takes them, and an end that is noticed once. Not a transport of
// its own; each transport derives from it and says what is special.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::transports {

/// Bytes that may wait for a slow peer; beyond it write() fails with Full.
inline constexpr std::size_t kOutboxMax = 1U << 18;

/// Bytes that read() gives out each time the link is readable; the rest waits for the next time. A
/// peer that never stops talking would else hold whoever reads until nothing is left, and with it
/// every deadline.
inline constexpr std::size_t kReadAtOnceMax = 1U << 16;

class DescriptorLink : public ByteLink {
 public:
  ~DescriptorLink() override;
  DescriptorLink(const DescriptorLink&) = delete;
  DescriptorLink& operator=(const DescriptorLink&) = delete;

  Done write(Bytes data) override;
  Outcome<std::size_t> read(MutableBytes room) override;
  void on_readable(std::function<void()> action) override;
  Done configure(const LineSettings& settings) override;
  [[nodiscard]] LinkTraits traits() const override { return {}; }
  [[nodiscard]] std::string describe() const override { return name_; }

 protected:
  enum class Kind : std::uint8_t { Terminal, Socket };
  /// Takes `fd`, which must be non-blocking, and closes it at the end.
  DescriptorLink(Reactor& reactor, int fd, Kind kind, std::string name);
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] Reactor& reactor() const { return reactor_; }

 private:
  Done flush();
  void watch();
  void wake();
  Unexpected<Failure> lost(int error);

  Reactor& reactor_;
  int fd_;
  Kind kind_;
  std::string name_;
  std::vector<std::uint8_t> outbox_;
  std::function<void()> readable_;
  std::optional<Failure> lost_;
  std::size_t room_left_ = kReadAtOnceMax;
  Reactor::TimerId wake_ = 0;
};

/// The code for an errno of open, connect or read; IoError when nothing is more exact.
ErrorCode code_of_errno(int error);
/// "Connection refused." as a sentence.
std::string errno_sentence(int error);

}  // namespace weco::transports
