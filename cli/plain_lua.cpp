// SPDX-License-Identifier: Apache-2.0
#include "cli/plain_lua.hpp"

namespace weco::cli {
namespace {

constexpr PlainLua kPlainLua[] = {
    {"_VERSION", "The version of the language."},
    {"assert(value, message)",
     "Gives its values; ends with the message when the first is nil or "
     "false."},
    {"error(message, level)", "Ends what runs with this message; pcall catches it."},
    {"getmetatable(value)", "The metatable of a value, or nil."},
    {"ipairs(list)", "For loops: each number and value of a list, from 1 to the first nil."},
    {"next(table)", "The first key and value of a table; nil when it is empty."},
    {"pairs(table)", "For loops: each key and value of a table, in the order of the keys."},
    {"pcall(f, ...)", "Calls f: true and its results, or false and what ended it."},
    {"rawequal(a, b)", "Whether both are the same, without asking metatables."},
    {"rawget(table, key)", "What stands in a table, without asking its metatable."},
    {"rawlen(value)", "The length of a list or text, without asking its metatable."},
    {"require(name)",
     "What a module returns: one of the script's folder, of the user's or of what "
     "is shipped."},
    {"select(n, ...)", "The values from the nth on; '#' instead of n gives how many there are."},
    {"setmetatable(table, meta)", "Gives a table its metatable, and the table back."},
    {"tonumber(value, base)", "The number that a text says, or nil."},
    {"tostring(value)", "A value as text."},
    {"type(value)", "'nil', 'boolean', 'number', 'string', 'table', 'function' or 'thread'."},
    {"xpcall(f, handler, ...)", "As pcall, but what ended f goes through the handler first."},
    {"coroutine.close(thread)", "Ends a coroutine that sleeps."},
    {"coroutine.create(f)", "A coroutine that will run f."},
    {"coroutine.isyieldable()", "Whether what runs could yield."},
    {"coroutine.resume(thread, ...)",
     "Lets a coroutine go on: true and what it yields or returns, "
     "or false and what ended it."},
    {"coroutine.running()", "The coroutine that runs, and whether it is the main one."},
    {"coroutine.status(thread)", "'running', 'suspended', 'normal' or 'dead'."},
    {"coroutine.wrap(f)", "A function that lets a coroutine of f go on at each call."},
    {"coroutine.yield(...)", "Sleeps until the coroutine is resumed, and hands these values over."},
    {"math.abs(x)", "x without its sign."},
    {"math.acos(x)", "The arc cosine of x, in radians."},
    {"math.asin(x)", "The arc sine of x, in radians."},
    {"math.atan(y, x)", "The arc tangent of y / x, in radians; x is 1 when left out."},
    {"math.ceil(x)", "The smallest whole number that is not below x."},
    {"math.cos(x)", "The cosine of x in radians."},
    {"math.deg(x)", "Radians as degrees."},
    {"math.exp(x)", "e to the power of x."},
    {"math.floor(x)", "The largest whole number that is not above x."},
    {"math.fmod(x, y)", "What is left of x / y, with the sign of x."},
    {"math.huge", "Larger than every number."},
    {"math.log(x, base)", "The logarithm of x; to the base e when none is given."},
    {"math.max(x, ...)", "The largest of its arguments."},
    {"math.maxinteger", "The largest whole number there is."},
    {"math.min(x, ...)", "The smallest of its arguments."},
    {"math.mininteger", "The smallest whole number there is."},
    {"math.modf(x)", "The whole part of x and the rest."},
    {"math.pi", "The ratio of a circle's circumference to its diameter."},
    {"math.rad(x)", "Degrees as radians."},
    {"math.random(m, n)",
     "A number from 0 to 1, or a whole one from m (1 when left out) to n; the "
     "same ones in each run with the same --seed."},
    {"math.sin(x)", "The sine of x in radians."},
    {"math.sqrt(x)", "The square root of x."},
    {"math.tan(x)", "The tangent of x in radians."},
    {"math.tointeger(x)", "x as a whole number, or nil when it is none."},
    {"math.type(x)", "'integer', 'float', or nil when it is no number."},
    {"math.ult(m, n)", "Whether m is below n when both are taken as unsigned."},
    {"os.clock()", "Seconds since the script began."},
    {"os.time()", "Seconds since 1970, UTC."},
    {"string.byte(s, i, j)", "The bytes from i to j as numbers."},
    {"string.char(...)", "The text of these bytes."},
    {"string.find(s, pattern, init, plain)",
     "Where a pattern is: its first and last place, or "
     "nil."},
    {"string.format(form, ...)",
     "A text with values in it: %d whole, %.1f one decimal, %s text, %x "
     "hexadecimal."},
    {"string.gmatch(s, pattern)", "For loops: each place that a pattern fits."},
    {"string.gsub(s, pattern, with, n)",
     "The text with what fits replaced, at most n times, and "
     "how often that was."},
    {"string.len(s)", "How many bytes a text has."},
    {"string.lower(s)", "The text in small letters."},
    {"string.match(s, pattern, init)", "What a pattern captures, or nil."},
    {"string.rep(s, n, separator)", "The text n times."},
    {"string.reverse(s)", "The text backwards."},
    {"string.sub(s, i, j)", "The part from i to j; -1 is the last byte."},
    {"string.upper(s)", "The text in capital letters."},
    {"table.concat(list, separator, i, j)", "The elements of a list as one text."},
    {"table.insert(list, place, value)",
     "Puts a value into a list; at its end when no place is "
     "given."},
    {"table.move(from, first, last, at, to)", "Copies elements to another place or table."},
    {"table.pack(...)", "A list of its arguments, with their count n."},
    {"table.remove(list, place)",
     "Takes an element out of a list; the last when no place is "
     "given."},
    {"table.sort(list, before)", "Sorts a list; before(a, b) says whether a comes first."},
    {"table.unpack(list, i, j)", "The elements of a list as values."},
    {"utf8.char(...)", "The text of these code points."},
    {"utf8.charpattern", "The pattern that fits one character."},
    {"utf8.codepoint(s, i, j)", "The code points from i to j."},
    {"utf8.codes(s)", "For loops: the place and code point of each character."},
    {"utf8.len(s, i, j)", "How many characters a text has."},
    {"utf8.offset(s, n, i)", "Where the nth character begins."},
};

}  // namespace

std::span<const PlainLua> plain_lua() { return kPlainLua; }

}  // namespace weco::cli
