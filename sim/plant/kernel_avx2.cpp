// SPDX-License-Identifier: Apache-2.0
// The kernel for AVX2; this file alone is compiled for it.
#define WECO_KERNEL cell_kernel_avx2
#define WECO_LANES 4
#include "sim/plant/cell_kernel.inc.hpp"
