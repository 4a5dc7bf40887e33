// SPDX-License-Identifier: Apache-2.0
// The kernels for AVX2; this file alone is compiled for it.
#define WECO_STEP step_cells_avx2
#define WECO_WARM warm_cells_avx2
#define WECO_SOLVE solve_strings_avx2
#define WECO_READ read_cells_avx2
#define WECO_LANES 4
#include "sim/plant/cell_kernel.inc.hpp"
