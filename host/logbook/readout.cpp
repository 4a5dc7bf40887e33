// SPDX-License-Identifier: Apache-2.0
#include "host/logbook/readout.hpp"

#include <utility>

namespace weco::logbook {
namespace {

/// For the reader, which asks again when the answer is there.
Unexpected<Failure> not_yet() { return failure(ErrorCode::Busy, "reading the journal"); }

/// Where the newest so many begin.
std::uint32_t first_of(const Range& all, std::optional<std::uint32_t> newest) {
  return newest && all.next - all.oldest > *newest ? all.next - *newest : 0;
}

}  // namespace

Done read_out(Source& source, std::optional<std::uint32_t> newest, const Readout::Take& take) {
  const auto all = source.range();
  if (!all) return Unexpected{all.error()};
  Reader reader(source, first_of(*all, newest));
  while (true) {
    const auto entry = reader.next();
    if (!entry) return Unexpected{entry.error()};
    if (!*entry) return {};
    take(**entry, reader);
  }
}

Readout::Readout(Session& session, smp::Framing framing)
    : session_(session), question_(session.link(), framing) {}

Readout::~Readout() {
  alive_.reset();
  if (waits_) session_.cancel(question_.exchange());
}

void Readout::start(std::optional<std::uint32_t> newest, Take take, Ended ended) {
  newest_ = newest;
  take_ = std::move(take);
  ended_ = std::move(ended);
  go_on();
}

Outcome<Range> Readout::range() {
  if (std::exchange(known_, Known::Nothing) == Known::Range) return question_.range();
  question_.ask_range();
  asked_ = Known::Range;
  return not_yet();
}

Outcome<std::size_t> Readout::read(std::uint32_t first, std::span<Slot> into) {
  if (std::exchange(known_, Known::Nothing) == Known::Records) return question_.records(into);
  question_.ask_records(first);
  asked_ = Known::Records;
  return not_yet();
}

void Readout::go_on() {
  while (true) {
    asked_ = Known::Nothing;
    if (!reader_) {
      if (const auto all = range()) {
        reader_.emplace(*this, first_of(*all, newest_));
        continue;
      }
    } else if (const auto entry = reader_->next(); entry) {
      if (!*entry) return end({});
      take_(**entry, *reader_);
      continue;
    } else if (asked_ == Known::Nothing) {
      return end(Unexpected{entry.error()});
    }
    return submit();
  }
}

void Readout::submit() {
  waits_ = true;
  session_.submit(question_.exchange(), [this, alive = std::weak_ptr<int>(alive_)](Status status) {
    if (!alive.expired()) answered(status);
  });
}

void Readout::answered(Status status) {
  waits_ = false;
  const auto over = question_.take(status);
  if (!over) return end(Unexpected{over.error()});
  if (!*over) return submit();
  known_ = asked_;
  go_on();
}

void Readout::end(Done done) {
  const Ended ended = std::exchange(ended_, {});
  ended(std::move(done));
}

}  // namespace weco::logbook
