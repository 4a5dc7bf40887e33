// SPDX-License-Identifier: Apache-2.0
#include "host/logbook/smp_source.hpp"

namespace weco::logbook {

Done SmpSource::wait() {
  while (true) {
    const auto over = question_.take(session_.wait(question_.exchange()));
    if (!over) return Unexpected{over.error()};
    if (*over) return {};
  }
}

Outcome<Range> SmpSource::range() {
  question_.ask_range();
  if (Done done = wait(); !done) return Unexpected{done.error()};
  return question_.range();
}

Outcome<std::size_t> SmpSource::read(std::uint32_t first, std::span<Slot> into) {
  question_.ask_records(first);
  if (Done done = wait(); !done) return Unexpected{done.error()};
  return question_.records(into);
}

}  // namespace weco::logbook
