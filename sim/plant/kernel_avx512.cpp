// SPDX-License-Identifier: Apache-2.0
// The kernels for AVX-512; this file alone is compiled for it.
#define WECO_STEP step_cells_avx512
#define WECO_WARM warm_cells_avx512
#define WECO_SOLVE solve_strings_avx512
#define WECO_READ read_cells_avx512
#define WECO_LANES 8
#include "sim/plant/cell_kernel.inc.hpp"
