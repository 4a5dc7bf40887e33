// SPDX-License-Identifier: Apache-2.0
// Text for a terminal. What comes from outside (a device's serial number, a file name, a typed
// word) may hold anything; here it loses every way to move a cursor, change a colour or turn the
// reading direction around.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weco::cli {

/// The text with control characters, invalid UTF-8 and marks that change the direction or are
/// invisible (U+200B..U+200F, U+2028..U+202E, U+2060..U+206F, U+FEFF, U+FFF9..U+FFFB and the tags
/// U+E0000..U+E007F) shown as \xNN, one for each byte. A backslash stays as it is.
std::string sanitize(std::string_view text);

/// The same where the text is; nearly always nothing has to be changed.
void sanitize_in_place(std::string& text);

/// Columns `text` takes on a terminal: combining marks 0, wide East Asian and emoji 2, escape
/// sequences of paint() 0. Expects valid UTF-8 without controls.
std::size_t display_width(std::string_view text);

/// At most `width` columns of `text`; what was cut is shown as one ellipsis.
std::string cut_to_width(std::string_view text, std::size_t width);

/// Words of `text` in lines of at most `width` columns, each begun with `indent` spaces.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

/// Quoted for a message: 'text', sanitized and bounded to 80 columns.
std::string quoted(std::string_view text);

}  // namespace weco::cli
