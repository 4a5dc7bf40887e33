// SPDX-License-Identifier: Apache-2.0
#include "sim/plant/cell_kernel.hpp"

#include <array>

namespace weco::sim {

#define WECO_KERNEL_OF(set)                                     \
  std::int64_t step_cells_##set(const BankFrame&, const Step&); \
  Warmed warm_cells_##set(const BankFrame&, const Warmth&);     \
  void solve_strings_##set(const BankFrame&, const Step&);      \
  void read_cells_##set(const BankFrame&, const Readings&);
WECO_KERNEL_OF(baseline)
#if defined(__x86_64__)
WECO_KERNEL_OF(avx2)
WECO_KERNEL_OF(avx512)
#endif
#undef WECO_KERNEL_OF

std::span<const KernelChoice> kernel_choices() {
#if defined(__x86_64__)
  static constexpr std::array<KernelChoice, 3> kAll = {
      {{"avx512", step_cells_avx512, warm_cells_avx512, solve_strings_avx512, read_cells_avx512},
       {"avx2", step_cells_avx2, warm_cells_avx2, solve_strings_avx2, read_cells_avx2},
       {"baseline", step_cells_baseline, warm_cells_baseline, solve_strings_baseline,
        read_cells_baseline}}};
  if (__builtin_cpu_supports("avx512f")) return kAll;
  if (__builtin_cpu_supports("avx2")) return std::span(kAll).subspan(1);
  return std::span(kAll).subspan(2);
#else
  static constexpr std::array<KernelChoice, 1> kAll = {
      {{"baseline", step_cells_baseline, warm_cells_baseline, solve_strings_baseline,
        read_cells_baseline}}};
  return kAll;
#endif
}

}  // namespace weco::sim
