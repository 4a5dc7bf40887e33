// SPDX-License-Identifier: Apache-2.0
// What the controller of a simulated site remembers, and the consoles where that can be read out.
#pragma once

#include <memory>
#include <string>

#include "cli/args.hpp"
#include "cli/serve.hpp"
#include "sim/site/site_journal.hpp"
#include "sim/update/service_console.hpp"
#include "sim/update/virtual_flash.hpp"

namespace weco::cli {

class SiteMemory {
 public:
  /// As --journal and --console say; what to tell the user goes to `served`, which outlives it.
  static Outcome<std::unique_ptr<SiteMemory>> open(const Args& args, const sim::Site& site,
                                                   Reactor& reactor, Served& served);
  /// After each step of the site.
  Done look(const sim::Site& site) { return journal_->look(site); }
  void prune() { console_->prune(); }

 private:
  SiteMemory();
  Done listen(const std::string& where, Reactor& reactor, Served& served);

  sim::VirtualFlash flash_;
  std::unique_ptr<sim::SiteJournal> journal_;
  std::unique_ptr<sim::ServiceConsole> console_;
};

}  // namespace weco::cli
