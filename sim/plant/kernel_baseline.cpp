// SPDX-License-Identifier: Apache-2.0
// The kernels for any processor of the architecture: SSE2 on x86-64, NEON on arm64.
#define WECO_STEP step_cells_baseline
#define WECO_WARM warm_cells_baseline
#define WECO_SOLVE solve_strings_baseline
#define WECO_READ read_cells_baseline
#define WECO_LANES 2
#include "sim/plant/cell_kernel.inc.hpp"
