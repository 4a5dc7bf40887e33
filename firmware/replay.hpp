// SPDX-License-Identifier: Apache-2.0
// The self-test of the image: each part replays its recording through one part of the core, prints
// what comes out and says whether the part's own invariants held. The comparison of the printed
// bytes between two machines is made outside.
#pragma once

namespace weco::firmware {

// Each returns false when an invariant broke; the lines then say where.
bool replay_base();     // decimals, checksums, fixed containers
bool replay_journal();  // records on flash, with power cuts
bool replay_wire();     // Modbus server and client, CAN encoder and decoder, vocabulary
bool replay_tower();    // battery management of four modules
bool replay_site();     // energy management of one inverter

/// All of them, and one last line "replay ok" or "replay failed".
bool replay_all();

}  // namespace weco::firmware
