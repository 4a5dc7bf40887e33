// SPDX-License-Identifier: Apache-2.0
// The kernels for any processor of the architecture: SSE2 on x86-64, NEON on arm64.
#define WECO_KERNELS kKernelsBaseline
#define WECO_KERNELS_NAME "baseline"
#define WECO_LANES 2
#include "sim/plant/kernels.inc.hpp"
