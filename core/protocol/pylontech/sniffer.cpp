// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/pylontech/sniffer.hpp"

namespace weco::pylontech {

void Sniffer::feed(Bytes data, Instant now, ReadingSink& sink) {
  for (const std::uint8_t byte : data) {
    if (receiver_.feed(byte) == Receiver::Event::Frame) frame(now, sink);
  }
}

void Sniffer::frame(Instant now, ReadingSink& sink) {
  const Status parsed = parse(receiver_.text(), frame_);
  if (!parsed) {
    ++(parsed.error().code == ErrorCode::BadChecksum ? counters_.bad_checksums
                                                     : counters_.bad_frames);
    return;
  }
  if (!is_request(frame_)) return answer(now, sink);
  ++counters_.requests;
  if (frame_.cid2 == 0x94 || frame_.cid2 == 0x95) ++counters_.writes_seen;
  const CommandInfo* const row = find_command(frame_.cid2);
  asked_ = true;
  known_ = row != nullptr;
  asked_address_ = frame_.address;
  if (!known_) return;
  question_.command = row->command;
  question_.info = row->names_module && !frame_.info.empty() ? frame_.info[0] : std::uint8_t{0};
  question_.base = base_;
}

void Sniffer::answer(Instant now, ReadingSink& sink) {
  const bool expected = asked_ && frame_.address == asked_address_;
  const bool understood = expected && known_;
  asked_ = false;
  if (frame_.cid2 != static_cast<std::uint8_t>(ReturnCode::Ok)) {
    ++counters_.refusals;
    return;
  }
  Question question = question_;
  if (!understood || !fits(question, frame_)) {
    const Result<Command> guess = recognise(frame_);
    // An answer to a command that we do not know must not be taken for one that we do.
    if (!guess || (expected && !known_)) {
      ++counters_.not_understood;
      return;
    }
    question = {*guess, 0, base_};
    ++counters_.guessed;
  }
  const Result<Report> report = decode(question, frame_, now, sink);
  if (!report) {
    ++counters_.not_understood;
    return;
  }
  ++counters_.answers;
  for (const CellSumMismatch& mismatch : report->cell_sums) {
    ++counters_.cell_sum_mismatches;
    mismatch_ = mismatch;
  }
}

SnifferCounters Sniffer::counters() const {
  SnifferCounters all = counters_;
  all.noise_bytes = receiver_.noise();
  all.cut_frames = receiver_.cut();
  return all;
}

}  // namespace weco::pylontech
