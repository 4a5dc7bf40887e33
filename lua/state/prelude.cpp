// SPDX-License-Identifier: Apache-2.0
#include "lua/state/prelude.hpp"

namespace weco::lua {

const std::string_view kPrelude = R"lua(
local raw, native, defined, extension = ...
local charge, check, refuse, scan = native.charge, native.check, native.refuse, native.scan
local type, pcall, select, rawget, rawlen = raw.type, raw.pcall, raw.select, raw.rawget, raw.rawlen
local setmetatable, getmetatable, error = raw.setmetatable, raw.getmetatable, raw.error
local unpack, sort = raw.table.unpack, raw.table.sort
local unknown = native.unknown
local COUNT_MAX <const> = 50000 -- elements that one call of a library function looks at

-- What is frozen: reading an unknown member or writing any is a mistake that is named.
local function freeze(title, members)
  local names = {}
  for name in raw.next, members do names[#names + 1] = name end
  sort(names)
  setmetatable(members, {
    __index = function(_, key)
      unknown(title, raw.tostring(key), names)
    end,
  })
  return setmetatable({}, {
    __index = members,
    __newindex = function(_, key)
      if title == "" then
        refuse("a global cannot be made or changed: '" .. raw.tostring(key) .. "'",
               "Write: local " .. raw.tostring(key) .. " = ...")
      end
      refuse("'" .. title .. "' cannot be changed")
    end,
    __metatable = false,
  })
end

local function text_of(value)
  local kind = type(value)
  if kind == "table" then
    local meta = getmetatable(value)
    local made = type(meta) == "table" and rawget(meta, "__tostring")
    if not made then return "table" end
    local text = made(value)
    if type(text) ~= "string" then refuse("__tostring must return a text") end
    return text
  elseif kind == "string" then
    return value
  elseif kind == "number" or kind == "boolean" or kind == "nil" then
    return raw.tostring(value)
  end
  return kind -- never an address: it differs from run to run
end

local function want(value, kind, place)
  if type(value) ~= kind then
    refuse(place .. " must be a " .. kind .. ", got " .. type(value))
  end
  return value
end
local function text(value, place)
  if type(value) == "number" then value = raw.tostring(value) end
  want(value, "string", place)
  charge(#value)
  return value
end
local function whole(value, place, otherwise)
  if value == nil then return otherwise end
  local number = raw.math.tointeger(value)
  if not number then refuse(place .. " must be a whole number") end
  return number
end
-- A table without metamethods, so that a library function cannot be led into an endless walk.
local function plain(value, place)
  want(value, "table", place)
  local meta = getmetatable(value)
  if meta == false or type(meta) == "table" and
     (rawget(meta, "__index") ~= nil or rawget(meta, "__newindex") ~= nil or
      rawget(meta, "__len") ~= nil) then
    refuse(place .. " must be a table without metamethods")
  end
  return value
end
local function few(count, what)
  if count > COUNT_MAX then refuse(what .. ": more than " .. COUNT_MAX .. " elements") end
  charge(count > 0 and count * 16 or 0)
end

-- Keys in an order that is the same in every run: whole numbers and numbers, texts, truth values.
local RANK <const> = { number = 1, string = 2, boolean = 3 }
local function before(a, b)
  local x, y = type(a), type(b)
  if x ~= y then return RANK[x] < RANK[y] end
  if x == "boolean" then return a and not b end
  return a < b
end
local function ordered_keys(object)
  local keys, count, upwards = {}, 0, true
  for key in raw.next, object do
    if not RANK[type(key)] then
      refuse("a table whose keys are tables or functions has no order",
             "Use names or numbers as keys.")
    end
    count = count + 1
    keys[count] = key
    upwards = upwards and key == count
  end
  if not upwards then sort(keys, before) end
  return keys, count
end
local function ordered_pairs(object)
  want(object, "table", "pairs: the argument")
  local meta = getmetatable(object)
  if type(meta) == "table" and rawget(meta, "__pairs") then return rawget(meta, "__pairs")(object) end
  local keys, count = ordered_keys(object)
  local at = 0
  return function()
    while at < count do
      at = at + 1
      local key = keys[at]
      local value = rawget(object, key)
      if value ~= nil then return key, value end
    end
  end
end

local G = {
  _VERSION = raw._VERSION,
  type = type, select = select, rawget = rawget, rawlen = rawlen, rawequal = raw.rawequal,
  ipairs = raw.ipairs, error = error, getmetatable = getmetatable,
  pairs = ordered_pairs, tostring = text_of,
}
function G.next(object, key)
  if key ~= nil then refuse("next goes no further than the first key", "Use pairs.") end
  want(object, "table", "next: the argument")
  local keys = ordered_keys(object)
  if keys[1] ~= nil then return keys[1], rawget(object, keys[1]) end
end
function G.tonumber(value, base)
  if type(value) == "string" then charge(#value) end
  if base == nil then return raw.tonumber(value) end
  return raw.tonumber(text(value, "tonumber: the text"), whole(base, "tonumber: the base"))
end
function G.assert(good, message, ...)
  if good then return good, message, ... end
  if message == nil then message = "assertion failed" end
  if type(message) == "string" then error(message, 2) end
  error(message, 0)
end
function G.setmetatable(object, meta)
  want(object, "table", "setmetatable: the first argument")
  if meta ~= nil then
    want(meta, "table", "setmetatable: the second argument")
    for _, name in raw.ipairs { "__gc", "__mode" } do
      if rawget(meta, name) ~= nil then
        refuse("a metatable here has no '" .. name .. "'",
               "Nothing in a script may depend on when memory is collected.")
      end
    end
  end
  return setmetatable(object, meta)
end
-- After a caught error the budget is asked at once, before anything of the script runs again.
local function caught(...) check() return ... end
function G.pcall(f, ...) return caught(pcall(f, ...)) end
-- The interpreter calls a handler from within the hook that stops the script, where no hook works.
function G.xpcall(f, handler, ...)
  want(handler, "function", "xpcall: the handler")
  return caught(raw.xpcall(f, function(...)
    if native.is_stopped() then return (...) end
    return handler(...)
  end, ...))
end

local S = {}
function S.len(s) return #text(s, "string.len: the text") end
function S.sub(s, i, j)
  return raw.string.sub(text(s, "string.sub: the text"), whole(i, "string.sub: the start"),
                        whole(j, "string.sub: the end", -1))
end
function S.upper(s) return raw.string.upper(text(s, "string.upper: the text")) end
function S.lower(s) return raw.string.lower(text(s, "string.lower: the text")) end
function S.reverse(s) return raw.string.reverse(text(s, "string.reverse: the text")) end
function S.byte(s, i, j)
  i = whole(i, "string.byte: the start", 1)
  return raw.string.byte(text(s, "string.byte: the text"), i, whole(j, "string.byte: the end", i))
end
function S.char(...) return raw.string.char(...) end
function S.rep(s, n, separator)
  s, n = text(s, "string.rep: the text"), whole(n, "string.rep: the count")
  separator = separator == nil and "" or text(separator, "string.rep: the separator")
  if not n then refuse("string.rep: the count must be a whole number") end
  if n <= 0 or #s + #separator == 0 then return "" end
  if n > native.text_max // (#s + #separator) then refuse("string.rep: the text would be too long") end
  charge(n * (#s + #separator))
  return raw.string.rep(s, n, separator)
end
function S.format(form, ...)
  text(form, "string.format: the form")
  if raw.string.find(form, "%p", 1, true) then refuse("string.format: there is no %p here") end
  local values, count = { ... }, select("#", ...)
  for i = 1, count do
    local kind = type(values[i])
    if kind ~= "number" and kind ~= "string" then values[i] = text_of(values[i]) end
    if kind == "string" then charge(#values[i]) end
  end
  return raw.string.format(form, unpack(values, 1, count))
end

local function start_of(s, init, place)
  init = whole(init, place, 1)
  if init < 0 then init = #s + init + 1 end
  return init < 1 and 1 or init
end
-- find and match: what comes out is what the library's own would give.
function S.find(s, pattern, init, literal)
  s, pattern = text(s, "string.find: the text"), text(pattern, "string.find: the pattern")
  init = start_of(s, init, "string.find: the start")
  if init > #s + 1 then return nil end
  if literal then
    charge(#s * (#pattern < 16 and 1 or 16))
    return raw.string.find(s, pattern, init, true)
  end
  return scan(s, pattern, init)
end
local function captures(whole_match, s, first, last, ...)
  if first == nil then return nil end
  if select("#", ...) == 0 then return raw.string.sub(s, first, last) end
  return ...
end
function S.match(s, pattern, init)
  s, pattern = text(s, "string.match: the text"), text(pattern, "string.match: the pattern")
  init = start_of(s, init, "string.match: the start")
  if init > #s + 1 then return nil end
  return captures(true, s, scan(s, pattern, init))
end
function S.gmatch(s, pattern)
  s, pattern = text(s, "string.gmatch: the text"), text(pattern, "string.gmatch: the pattern")
  local at, last_end = 1, nil
  return function()
    while at <= #s + 1 do
      local found = { scan(s, pattern, at) }
      local first, last = found[1], found[2]
      if first == nil then at = #s + 2 return nil end
      at = last + 1
      if last < first and last_end == last then -- an empty match right behind the one before
        at = first + 1
      else
        if last < first then at = first + 1 end
        last_end = last
        return captures(true, s, unpack(found))
      end
    end
  end
end
local function replacement(with, s, first, last, ...)
  local kind, whole_match = type(with), raw.string.sub(s, first, last)
  local one = select("#", ...) > 0 and (...) or whole_match
  local made
  if kind == "function" then
    if select("#", ...) > 0 then made = with(...) else made = with(whole_match) end
  elseif kind == "table" then
    made = with[one]
  else
    local list, parts, at = { ... }, {}, 1
    while true do
      local mark = raw.string.find(with, "%", at, true)
      if not mark then break end
      local sign = raw.string.sub(with, mark + 1, mark + 1)
      parts[#parts + 1] = raw.string.sub(with, at, mark - 1)
      if sign == "%" then
        parts[#parts + 1] = "%"
      elseif sign == "0" then
        parts[#parts + 1] = whole_match
      else
        local index = raw.tonumber(sign)
        local value = index and (list[index] or index == 1 and #list == 0 and whole_match)
        if not value then refuse("string.gsub: '%" .. sign .. "' names no capture") end
        parts[#parts + 1] = value
      end
      at = mark + 2
    end
    parts[#parts + 1] = raw.string.sub(with, at)
    return raw.table.concat(parts)
  end
  if not made then return whole_match end
  if type(made) ~= "string" and type(made) ~= "number" then
    refuse("string.gsub: a replacement must be a text, got " .. type(made))
  end
  return made
end
function S.gsub(s, pattern, with, most)
  s, pattern = text(s, "string.gsub: the text"), text(pattern, "string.gsub: the pattern")
  if type(with) == "number" then with = raw.tostring(with) end
  local kind = type(with)
  if kind ~= "string" and kind ~= "function" and kind ~= "table" then
    refuse("string.gsub: the replacement must be a text, a function or a table")
  end
  most = whole(most, "string.gsub: the count", #s + 1)
  local once = raw.string.sub(pattern, 1, 1) == "^"
  local parts, count, at, last_end = {}, 0, 1, nil
  while count < most and at <= #s + 1 do
    local found = { scan(s, pattern, at) }
    local first, last = found[1], found[2]
    if first == nil then break end
    parts[#parts + 1] = raw.string.sub(s, at, first - 1)
    if not (last < first and last_end == last) then
      count = count + 1
      parts[#parts + 1] = replacement(with, s, unpack(found))
      last_end = last
    end
    if last < first then
      parts[#parts + 1] = raw.string.sub(s, first, first)
      at = first + 1
    else
      at = last + 1
    end
    charge(last - first + 1)
    if once then break end
  end
  parts[#parts + 1] = raw.string.sub(s, at)
  return raw.table.concat(parts), count
end

local T = { pack = raw.table.pack }
function T.insert(list, ...)
  few(#plain(list, "table.insert: the first argument"), "table.insert")
  return raw.table.insert(list, ...)
end
function T.remove(list, ...)
  few(#plain(list, "table.remove: the first argument"), "table.remove")
  return raw.table.remove(list, ...)
end
function T.sort(list, ...)
  few(#plain(list, "table.sort: the first argument"), "table.sort")
  return sort(list, ...)
end
function T.concat(list, separator, i, j)
  plain(list, "table.concat: the first argument")
  i, j = whole(i, "table.concat: the start", 1), whole(j, "table.concat: the end", #list)
  if i < j and (i < 1 or j > COUNT_MAX) then refuse("table.concat: a range beyond " .. COUNT_MAX) end
  few(j - i + 1, "table.concat")
  local glue = separator == nil and "" or text(separator, "table.concat: the separator")
  return raw.table.concat(list, glue, i, j)
end
function T.unpack(list, i, j)
  plain(list, "table.unpack: the first argument")
  i, j = whole(i, "table.unpack: the start", 1), whole(j, "table.unpack: the end", #list)
  if i < j and (i < -COUNT_MAX or j > COUNT_MAX or j - i > 200) then
    refuse("table.unpack: more than 200 values")
  end
  return unpack(list, i, j)
end
function T.move(from, first, last, at, to)
  plain(from, "table.move: the first argument")
  to = to == nil and from or plain(to, "table.move: the last argument")
  first, last = whole(first, "table.move: the start"), whole(last, "table.move: the end")
  at = whole(at, "table.move: the place")
  if not (first and last and at) then refuse("table.move: start, end and place are needed") end
  if first < -COUNT_MAX or last > COUNT_MAX then refuse("table.move: a range beyond " .. COUNT_MAX) end
  few(last - first + 1, "table.move")
  return raw.table.move(from, first, last, at, to)
end

local M = {}
for _, name in raw.ipairs { "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor",
                            "fmod", "huge", "log", "max", "maxinteger", "min", "mininteger", "modf",
                            "pi", "rad", "random", "sin", "sqrt", "tan", "tointeger", "type",
                            "ult" } do
  M[name] = raw.math[name]
end

local U = { char = raw.utf8.char, charpattern = raw.utf8.charpattern }
for _, name in raw.ipairs { "codepoint", "codes", "len", "offset" } do
  local f = raw.utf8[name]
  U[name] = function(s, ...) return f(text(s, "utf8." .. name .. ": the text"), ...) end
end

-- Coroutines: one that the budget has stopped is never closed, because closing runs code of the
-- script in a thread that no longer has a hook.
local C = {}
for _, name in raw.ipairs { "create", "isyieldable", "running", "status", "yield" } do
  C[name] = raw.coroutine[name]
end
local resume, close, create = raw.coroutine.resume, raw.coroutine.close, raw.coroutine.create
function C.resume(thread, ...) return caught(resume(thread, ...)) end
function C.close(thread) check() return caught(close(thread)) end
local function passed(thread, good, ...)
  check()
  if good then return ... end
  close(thread)
  check()
  error((...), 0)
end
function C.wrap(f)
  local thread = create(f)
  return function(...) return passed(thread, resume(thread, ...)) end
end

local loaded = {}
function G.require(name)
  want(name, "string", "require: the name")
  if loaded[name] == nil then
    local _, main = raw.coroutine.running()
    if not main then refuse("require works outside of coroutines only") end
    loaded[name] = false
    local value = native.load(name)
    if value == nil then value = true end
    loaded[name] = value
  elseif loaded[name] == false then
    refuse("'" .. name .. "' requires itself")
  end
  return loaded[name]
end

local texts = S
G.string, G.table, G.math = freeze("string", S), freeze("table", T), freeze("math", M)
G.utf8, G.coroutine = freeze("utf8", U), freeze("coroutine", C)
G.os = freeze("os", { time = native.time, clock = native.clock })
if extension then
  local owner = { raw = raw, freeze = freeze, refuse = refuse, want = want, text = text, plain = plain,
                  check = check, unknown = unknown, part = native.part }
  defined = extension(G, defined, owner)
end
for name, value in raw.next, defined do
  if type(value) == "table" then value = freeze(name, value) end
  G[name] = value
end
return freeze("", G), { __index = texts, __metatable = false }
)lua";

}  // namespace weco::lua
