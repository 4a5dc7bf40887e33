// SPDX-License-Identifier: Apache-2.0
// What the controller of a simulated site remembers: its events, hours, days, counters and
// cells, in the very journal that runs on the products. Days and hours are those of UTC.
#pragma once

#include <vector>

#include "core/journal/journal.hpp"
#include "host/failure/failure.hpp"
#include "sim/site/site.hpp"

namespace weco::sim {

class SiteJournal {
 public:
  /// Goes on behind what the flash already holds. OutOfRange for a flash that is too small,
  /// IoError when it cannot be read.
  static Outcome<SiteJournal> make(const journal::Flash& flash, const Site& site);

  /// Writes down what came since the last look; to be called at least once an hour of the site.
  /// IoError when the flash fails.
  Done look(const Site& site);
  [[nodiscard]] const journal::Journal& journal() const { return journal_; }

 private:
  /// A running hour or day: the extremes of all packs and the books at its beginning.
  struct Running {
    journal::Period period{};
    journal::Energies begin{};
    bool any = false;
  };
  /// An alarm or a fault of a pack, and whether its cells of this hour are kept: a pack in trouble
  /// must not fill the ring.
  struct Trouble {
    bool troubled = false;
    bool kept = false;
  };
  SiteJournal(journal::Journal journal, const Site& site);
  Done append(const journal::Record& record);
  Done write_events(const Site& site);
  Done close(const Site& site, Running& running, journal::Kind kind);
  Done write_counters(const Site& site);
  /// The cells of one pack as its front end reads them now.
  Done write_cells(const Site& site, std::size_t pack);
  Done write_cells_of_all(const Site& site);
  Done write_cells_of_troubled(const Site& site);
  void begin(const Site& site, Running& running) const;
  void widen(const Site& site);
  [[nodiscard]] journal::Stamp stamp(const Site& site) const;

  journal::Journal journal_;
  std::uint64_t events_seen_ = 0;
  std::int64_t hours_ = 0;  // since 1970
  Running hour_{};
  Running day_{};
  std::uint32_t faults_ = 0;
  std::vector<Trouble> packs_;
};

}  // namespace weco::sim
