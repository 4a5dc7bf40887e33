// SPDX-License-Identifier: Apache-2.0
#include "sim/plant/kernels.hpp"

#include <array>

namespace weco::sim {

extern const KernelChoice kKernelsBaseline;
#if defined(__x86_64__)
extern const KernelChoice kKernelsAvx2;
extern const KernelChoice kKernelsAvx512;
#endif

std::span<const KernelChoice> kernel_choices() {
#if defined(__x86_64__)
  static const std::array<KernelChoice, 3> kAll = {kKernelsAvx512, kKernelsAvx2, kKernelsBaseline};
  if (__builtin_cpu_supports("avx512f")) return kAll;
  if (__builtin_cpu_supports("avx2")) return std::span(kAll).subspan(1);
  return std::span(kAll).subspan(2);
#else
  return {&kKernelsBaseline, 1};
#endif
}

}  // namespace weco::sim
