// SPDX-License-Identifier: Apache-2.0
// A journal as one HTML file that needs nothing but a browser: charts of its hours, tables of its
// days, events, cells and gaps. However long a journal is, the report stays of a size that opens.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/logbook/codes.hpp"
#include "host/logbook/reader.hpp"
#include "sim/scenario/chart.hpp"

namespace weco::cli {

class LogReport {
 public:
  /// The texts outlive it.
  explicit LogReport(const logbook::Texts& texts);
  void add(const logbook::Entry& entry);
  /// `ended_early` says why not all was read; empty when it was.
  [[nodiscard]] std::string html(std::string_view device, const proof::Hash& chain,
                                 std::string_view ended_early) const;

 private:
  struct Kept {
    std::deque<std::string> rows;  // the newest
    std::uint64_t total = 0;
    void add(std::string row);
  };
  [[nodiscard]] std::optional<Instant> place(std::int64_t hour);
  void add_hour(const journal::Period& hour, bool clock_set);
  void add_snapshot(std::string number, const journal::Stamp& stamp,
                    const journal::CellSnapshot& snapshot);
  [[nodiscard]] std::string charts() const;

  const logbook::Texts& texts_;
  Kept events_;
  Kept days_;
  Kept snapshots_;
  Kept gaps_;
  std::optional<journal::Counters> counters_;
  std::int64_t first_hour_ = 0;  // since 1970, as all of them
  std::optional<std::int64_t> last_hour_;
  std::uint64_t drawn_ = 0;
  std::uint64_t not_drawn_ = 0;
  std::vector<sim::Curve> soc_;
  std::vector<sim::Curve> heat_;
  std::vector<sim::Curve> cells_;
  std::vector<sim::Curve> power_;
};

}  // namespace weco::cli
