// SPDX-License-Identifier: Apache-2.0
// The innermost loops of the simulation, over modules, strings and cells. The same text
// (*_kernel.inc.hpp) is compiled once for each instruction set; the widest one that the processor
// has is taken when the program runs. Modules, strings and cells are computed each for itself, and
// sums over a string are kept in eight lanes, whatever the width of a register, and folded in one
// order, so that all give the same bits.
#pragma once

#include <span>
#include <string_view>

#include "sim/plant/cell_kernel.hpp"
#include "sim/plant/module_kernel.hpp"

namespace weco::sim {

struct KernelChoice {
  std::string_view name;
  /// Returns what is due of any string.
  std::int64_t (*step)(const BankFrame&, const Step&);
  Warmed (*warm)(const BankFrame&, const Warmth&);
  /// Which currents are the powers of the strings.
  void (*solve)(const BankFrame&, const Step&);
  void (*read)(const BankFrame&, const Readings&);
  // Of numbers in memory, a multiple of kLanes: which are not above the limit (number n is bit n,
  // so 64 at most), and the least of them.
  std::uint64_t (*not_above)(const double*, std::size_t count, double limit);
  double (*least)(const double*, std::size_t count);
  // A step of the modules: the powers of their strings; with the currents that these are, what
  // flows (true: a fuse has melted); and after the step of the cells its books and readings.
  void (*want)(const ModuleFrame&, const ModuleStep&);
  bool (*drive)(const ModuleFrame&, const ModuleStep&);
  void (*settle)(const ModuleFrame&, const ModuleStep&);
  void (*measure)(const ModuleFrame&);  // the readings alone
};
/// Those this processor can run, the quickest first.
std::span<const KernelChoice> kernel_choices();

}  // namespace weco::sim
