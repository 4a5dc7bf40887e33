// SPDX-License-Identifier: Apache-2.0
// The kernels for AVX-512; this file alone is compiled for it.
#define WECO_KERNELS kKernelsAvx512
#define WECO_KERNELS_NAME "avx512"
#define WECO_LANES 8
#include "sim/plant/kernels.inc.hpp"
