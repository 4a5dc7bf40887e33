// SPDX-License-Identifier: Apache-2.0
// All kernels for one instruction set. The including file, which alone is compiled for it, defines
// WECO_KERNELS and WECO_KERNELS_NAME, the choice and its name, and WECO_LANES, the doubles in a
// register.
#include "sim/plant/cell_kernel.inc.hpp"
#include "sim/plant/module_kernel.inc.hpp"

namespace weco::sim {

extern const KernelChoice WECO_KERNELS;
constinit const KernelChoice WECO_KERNELS = {
    .name = WECO_KERNELS_NAME,
    .step = step_bank,
    .warm = warm_cells,
    .solve = solve_bank,
    .read = read_cells,
    .not_above = not_above,
    .least = least_of,
    .want = want_modules,
    .drive = drive_modules,
    .settle = settle_modules,
    .measure = measure_modules,
};

}  // namespace weco::sim
