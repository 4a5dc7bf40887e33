// SPDX-License-Identifier: Apache-2.0
// The kernels for AVX2; this file alone is compiled for it.
#define WECO_KERNELS kKernelsAvx2
#define WECO_KERNELS_NAME "avx2"
#define WECO_LANES 4
#include "sim/plant/kernels.inc.hpp"
