// SPDX-License-Identifier: Apache-2.0
// What all recorders do with their files.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "host/failure/failure.hpp"

namespace weco {

/// `error` is an errno, `what` a clause: "cannot open the recording". PermissionDenied, NotFound,
/// Full or IoError.
Unexpected<Failure> file_failure(int error, const std::string& path, std::string what);

/// Writes all of it, whatever interrupts; fails with `what` as file_failure does.
Done write_whole(int fd, std::span<const std::uint8_t> bytes, const std::string& path,
                 std::string_view what);

}  // namespace weco
