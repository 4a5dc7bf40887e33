// SPDX-License-Identifier: Apache-2.0
#include "host/evidence/recording_link.hpp"

namespace weco {
namespace {

void note(EventSink& sink, std::string_view link, const Failure& what) {
  const std::string text = what.what + " (" + std::string(info(what.error.code).name) + ")";
  sink.record({EventKind::Error, link, {}, {}, text});
}

}  // namespace

Done RecordingByteLink::write(Bytes data) {
  const Done sent = inner_.write(data);
  if (sent) {
    sink_.record({EventKind::Tx, name_, data, {}, {}});
  } else {
    note(sink_, name_, sent.error());
  }
  return sent;
}

Outcome<std::size_t> RecordingByteLink::read(MutableBytes room) {
  const Outcome<std::size_t> got = inner_.read(room);
  if (!got) {
    if (!lost_) note(sink_, name_, got.error());
    lost_ = true;
    return got;
  }
  lost_ = false;
  if (*got > 0) sink_.record({EventKind::Rx, name_, room.first(*got), {}, {}});
  return got;
}

Done RecordingByteLink::configure(const LineSettings& settings) {
  const Done done = inner_.configure(settings);
  constexpr std::string_view kParity[] = {"none", "even", "odd"};
  const std::string text = "line set to " + std::to_string(settings.bits_per_second) + " bit/s, " +
                           std::to_string(settings.data_bits) + " data, parity " +
                           std::string(kParity[static_cast<std::size_t>(settings.parity)]) + ", " +
                           std::to_string(settings.stop_bits) + " stop";
  if (done) {
    sink_.record({EventKind::Info, name_, {}, {}, text});
  } else {
    note(sink_, name_, done.error());
  }
  return done;
}

Done RecordingFrameLink::send(const CanFrame& frame) {
  const Done sent = inner_.send(frame);
  if (sent) {
    sink_.record({EventKind::CanTx, name_, {}, frame, {}});
  } else {
    note(sink_, name_, sent.error());
  }
  return sent;
}

Outcome<bool> RecordingFrameLink::receive(CanFrame& frame) {
  const Outcome<bool> got = inner_.receive(frame);
  if (!got) {
    if (!lost_) note(sink_, name_, got.error());
    lost_ = true;
    return got;
  }
  lost_ = false;
  if (*got) sink_.record({EventKind::CanRx, name_, {}, frame, {}});
  return got;
}

}  // namespace weco
