// SPDX-License-Identifier: Apache-2.0
// What all recorders do with their files.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "host/failure/failure.hpp"

namespace weco {

/// `error` is an errno, `what` a clause: "cannot open the recording". PermissionDenied, NotFound,
/// Full or IoError.
Unexpected<Failure> file_failure(int error, const std::string& path, std::string what);

/// Writes all of it, whatever interrupts; fails with `what` as file_failure does.
Done write_whole(int fd, std::span<const std::uint8_t> bytes, const std::string& path,
                 std::string_view what);

/// What a line ends with that a power cut tore, once somebody has written behind it. Readers leave
/// such a line out: nobody was told that it was written.
inline constexpr std::string_view kTornLine = " ~torn";

/// Adds a line, which ends with '\n', to a file opened for reading and appending, and returns once
/// it is on the disk. Several processes may do so at once.
Done append_line(int fd, std::string_view line, const std::string& path, std::string_view what);

/// The same for the journal of a run, which is opened (and made) first when `fd` is below 0; the
/// caller closes it. The failure names --journal as the way to another place.
Done append_to_journal(int& fd, std::string_view line, const std::string& path);

}  // namespace weco
