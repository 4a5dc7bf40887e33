// SPDX-License-Identifier: Apache-2.0
// The kernel for AVX-512; this file alone is compiled for it.
#define WECO_KERNEL cell_kernel_avx512
#define WECO_LANES 8
#include "sim/plant/cell_kernel.inc.hpp"
