// SPDX-License-Identifier: Apache-2.0
// Endpoints of every kind scanned side by side: opens each as its transport wants it and collects
// what became of them. For `weco scan` and for scripts.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "cli/target.hpp"
#include "host/scan/scan.hpp"

namespace weco::cli {

class ScanJob {
 public:
  ScanJob(Reactor& reactor, const Catalog& catalog, ScanOptions options, EventSink* events);
  ~ScanJob();
  ScanJob(const ScanJob&) = delete;
  ScanJob& operator=(const ScanJob&) = delete;

  /// Begins with an endpoint; what goes wrong becomes its outcome.
  void add(Place place);
  [[nodiscard]] bool finished() const;
  /// Calls `done` once all that were added are finished; at once when they are.
  void when_finished(std::function<void()> done);
  [[nodiscard]] ScanProgress progress() const;
  /// What became of them, in the order they were added.
  std::vector<EndpointOutcome> take();

 private:
  struct Scan;
  std::unique_ptr<Scan> scan_;
};

/// Finds out what hangs on one line, whose link it takes; to be started by the caller.
Outcome<std::unique_ptr<EndpointScan>> identify_line(Reactor& reactor, OpenedLine& opened,
                                                     const Place& place, const Catalog& catalog,
                                                     EventSink* events);
/// The device that identify_line found, with what was seen of the line; else why there is none.
Outcome<DeviceReport> identified_device(EndpointOutcome outcome);

/// Replaces every "ble:" by the devices that the adapter hears, and every network by its hosts that
/// listen on the port. Runs the reactor meanwhile.
Done search_all(Context& context, Reactor& reactor, std::vector<Place>& list);

}  // namespace weco::cli
