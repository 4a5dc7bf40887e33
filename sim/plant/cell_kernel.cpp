// SPDX-License-Identifier: Apache-2.0
#include "sim/plant/cell_kernel.hpp"

#include <array>

namespace weco::sim {

void cell_kernel_baseline(const BankFrame& frame);
#if defined(__x86_64__)
void cell_kernel_avx2(const BankFrame& frame);
void cell_kernel_avx512(const BankFrame& frame);
#endif

std::span<const KernelChoice> kernel_choices() {
#if defined(__x86_64__)
  static constexpr std::array<KernelChoice, 3> kAll = {{{"avx512", cell_kernel_avx512},
                                                        {"avx2", cell_kernel_avx2},
                                                        {"baseline", cell_kernel_baseline}}};
  if (__builtin_cpu_supports("avx512f")) return kAll;
  if (__builtin_cpu_supports("avx2")) return std::span(kAll).subspan(1);
  return std::span(kAll).subspan(2);
#else
  static constexpr std::array<KernelChoice, 1> kAll = {{{"baseline", cell_kernel_baseline}}};
  return kAll;
#endif
}

}  // namespace weco::sim
