// SPDX-License-Identifier: Apache-2.0
// The kernel for any processor of the architecture: SSE2 on x86-64, NEON on arm64.
#define WECO_KERNEL cell_kernel_baseline
#define WECO_LANES 2
#include "sim/plant/cell_kernel.inc.hpp"
