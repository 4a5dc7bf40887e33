// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/isotp/channel.hpp"

#include <algorithm>

namespace weco::isotp {

bool Channel::received(Bytes data, Instant now) {
  const Result<Pdu> pdu = parse(data, config_);
  if (!pdu) {
    ++strange_;
    return false;
  }
  sender_.received(*pdu, now);
  receiver_.received(*pdu, now);
  return true;
}

void Channel::sent(Instant now) {
  if (receiver_.pending().empty()) {
    sender_.sent(now);
  } else {
    receiver_.sent(now);
  }
}

void Channel::advance(Instant now) {
  sender_.advance(now);
  receiver_.advance(now);
}

Instant Channel::deadline() const { return std::min(sender_.deadline(), receiver_.deadline()); }

}  // namespace weco::isotp
