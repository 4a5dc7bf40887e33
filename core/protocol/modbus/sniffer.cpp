// SPDX-License-Identifier: Apache-2.0
// While a request is open, the head of the buffer is read as its answer first; many frames (5, 6,
// 22, ...) are the same in both directions and only this order tells them apart.
#include "core/protocol/modbus/sniffer.hpp"

namespace weco::modbus {
namespace {
/// After this silence an unfinished frame is given up; adapters deliver in lumps of up to 16 ms.
constexpr Duration kSilence = Duration::ms(60);

bool whole(Bytes data, Extent extent) {
  return extent.kind == Extent::Kind::Known && extent.size <= data.size() &&
         crc_matches(Framing::Rtu, data.first(extent.size));
}

bool unfinished(Bytes data, Extent extent) {
  return extent.kind == Extent::Kind::NeedMore ||
         (extent.kind == Extent::Kind::Known && extent.size > data.size());
}
}  // namespace

void Sniffer::feed(Bytes data, Instant now) {
  if (!data.empty() && now - last_byte_ >= kSilence) scan(true);
  last_byte_ = data.empty() ? last_byte_ : now;
  while (!data.empty()) {
    const std::size_t taken = buffer_.append(data);
    data = data.subspan(taken);
    scan(taken == 0);
  }
}

void Sniffer::flush() {
  scan(true);
  give_up_pending();
}

void Sniffer::give_up_pending() {
  if (!pending_.empty()) sink_.on_unanswered(pending_unit_, pending_, asked_);
  pending_ = {};
}

/// An answer at the head, to the open request or to one that was not heard.
bool Sniffer::take_answer(Bytes data, Extent extent) {
  if (!whole(data, extent)) return false;
  const Bytes pdu = data.subspan(1, extent.size - kRtuOverhead);
  if (!pending_.empty() && data[0] == pending_unit_) {
    const auto answer = decode_response(pending_, pdu);
    if (answer || answer.error().code == ErrorCode::DeviceException) {
      sink_.on_pair(pending_unit_, pending_, answer, asked_, last_byte_);
      pending_ = {};
      return true;
    }
  }
  sink_.on_orphan(data[0], pdu, last_byte_);
  return true;
}

bool Sniffer::take_request(Bytes data, Extent extent) {
  if (!whole(data, extent)) return false;
  const auto request = Request::from_pdu(data.subspan(1, extent.size - kRtuOverhead));
  if (!request) return false;
  give_up_pending();
  pending_ = *request;
  pending_unit_ = data[0];
  asked_ = last_byte_;
  return true;
}

void Sniffer::scan(bool last_call) {
  while (!buffer_.empty()) {
    const Bytes data = buffer_.view();
    const Extent request = rtu_request_extent(data);
    const Extent answer = rtu_response_extent(data);
    bool open = !pending_.empty() && data[0] == pending_unit_ && whole(data, answer);
    if (open) {  // the answer first, if it is one to the open request
      const auto fits = decode_response(pending_, data.subspan(1, answer.size - kRtuOverhead));
      open = fits || fits.error().code == ErrorCode::DeviceException;
    }
    if (open && take_answer(data, answer)) {
      buffer_.drop(answer.size);
    } else if (take_request(data, request)) {
      buffer_.drop(request.size);
    } else if (take_answer(data, answer)) {
      buffer_.drop(answer.size);
    } else if (!last_call && (unfinished(data, request) || unfinished(data, answer))) {
      return;
    } else {
      ++noise_;
      buffer_.drop(1);
    }
  }
}

}  // namespace weco::modbus
