// SPDX-License-Identifier: Apache-2.0
// ISO-TP of our own over any frame link: SLCAN adapters, kernels without can-isotp, the loopback.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "core/protocol/isotp/channel.hpp"
#include "host/link/message_link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco {

/// The longest message that is received; what announces more is refused.
inline constexpr std::size_t kIsotpMessageMax = isotp::kShortMax;
/// Messages that wait while nobody receives; then the oldest go.
inline constexpr std::size_t kIsotpMessagesMax = 16;

class IsotpLink final : public MessageLink {
 public:
  /// `config.frame_size` must be 8: frame links carry classic frames.
  IsotpLink(std::unique_ptr<FrameLink> frames, const isotp::Address& address,
            const isotp::Config& config, Reactor& reactor);
  ~IsotpLink() override;
  IsotpLink(const IsotpLink&) = delete;
  IsotpLink& operator=(const IsotpLink&) = delete;

  Done send(Bytes message) override;
  Outcome<bool> receive(std::vector<std::uint8_t>& message) override;
  void on_readable(std::function<void()> action) override;
  [[nodiscard]] std::string describe() const override;

 private:
  void pull();
  void pump();
  void settle();
  void arm();
  void wake();
  void broke(Error error);

  std::unique_ptr<FrameLink> frames_;
  isotp::Address address_;
  Reactor& reactor_;
  std::vector<std::uint8_t> room_;
  std::vector<std::uint8_t> outgoing_;
  isotp::Channel channel_;
  std::deque<std::vector<std::uint8_t>> inbox_;
  std::deque<Failure> failures_;
  std::optional<Failure> lost_;
  std::function<void()> readable_;
  Reactor::TimerId timer_ = 0;
  Reactor::TimerId wake_ = 0;
  bool sender_told_ = true;  // what became of the last message
  bool crowded_ = false;     // the bus took no frame
};

/// What a fault of ISO-TP is to a person.
Failure isotp_failure(Error error, std::string where);

}  // namespace weco
