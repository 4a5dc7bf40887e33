// SPDX-License-Identifier: Apache-2.0
#include "lua/modules/api.hpp"

namespace weco::lua {

// Waiting: a native begins something and gives a ticket. A task of weco.parallel hands its ticket
// to the loop there and sleeps; everybody else drives the reactor until the ticket is ready. What
// the world does wrong comes back as nil and a reason, what the script does wrong is raised.
const std::string_view kApi = R"lua(
local _ENV <const>, native, owner = ...
local raw, refuse, freeze, want = owner.raw, owner.refuse, owner.freeze, owner.want
local running, yield = raw.coroutine.running, raw.coroutine.yield
local create, resume = coroutine.create, coroutine.resume
local PARALLEL_MAX <const> = 256

local function optional(value, kind, place, otherwise)
  if value == nil then return otherwise end
  return want(value, kind, place)
end
-- A table of options: a name that is not known is a mistake, not a setting that does not hold.
local function options(given, place, known)
  if given == nil then return {} end
  for name in pairs(want(given, "table", place)) do
    if not known[name] then
      local names = {}
      for each in pairs(known) do names[#names + 1] = each end
      owner.unknown(place, tostring(name), names)
    end
  end
  for name, kind in pairs(known) do
    if kind ~= "any" then optional(given[name], kind, place .. "." .. name) end
  end
  return given
end

local WAITS <const> = {} -- what a task yields in front of its ticket
local tasks, parallel_runs = raw.setmetatable({}, { __mode = "k" }), false
local function settled(good, value, ...)
  if good then return value, ... end
  return nil, value
end
local function in_task() return parallel_runs and tasks[running()] or false end
local function await(ticket)
  if in_task() then
    while not native.finished(ticket) do yield(WAITS, ticket) end
  end
  return settled(pcall(native.take, ticket))
end

local weco = {}
-- Objects of a kind: the numbers natives know them by, their methods, the number of one that a
-- method was called on, and the making of one.
local function kind_of_object(kind, wrong, advice)
  local ids, methods = raw.setmetatable({}, { __mode = "k" }), {}
  local function id_of(object, method)
    local id = ids[object]
    if not id then
      local call = kind .. ":" .. method
      refuse(call .. ": " .. wrong, advice .. ", and call with a colon: " .. call .. "(...)")
    end
    return id
  end
  local function make(id, members)
    for name, method in pairs(methods) do members[name] = method end
    local object = freeze(kind, members)
    ids[object] = id
    return object
  end
  return ids, methods, id_of, make
end
local ids <const>, device <const>, id_of <const>, make_device <const> = kind_of_object(
  "device", "this is no device that is open", "Open one with weco.open")

function weco.open(place, given)
  want(place, "string", "weco.open: the device")
  given = options(given, "weco.open: the options", { family = "string", unit = "number" })
  local opened, problem = await(native.open(place, given.family or "", given.unit or 0))
  if not opened then return nil, problem end
  return make_device(opened.id, { endpoint = opened.endpoint, family = opened.family })
end
function weco.scan(places)
  if places == nil then places = {} end
  if type(places) == "string" then places = { places } end
  return await(native.scan(want(places, "table", "weco.scan: the endpoints")))
end

-- What scripts do most, so the usual case is short: no task runs and the native judges the name.
local read_now <const> = native.read_now
function device:read(name)
  local id = ids[self] or id_of(self, "read")
  if not parallel_runs or not in_task() then
    local value, reason = read_now(id, name)
    if reason then return await(reason) end
    return value
  end
  want(name, "string", "device:read: the point")
  local values, problem = await(native.read(id, { name }, true))
  if not values then return nil, problem end
  return values[1]
end
function device:read_many(names)
  local id = id_of(self, "read_many")
  want(names, "table", "device:read_many: the points")
  return await(native.read(id, names, false))
end
function device:snapshot() return await(native.snapshot(id_of(self, "snapshot"))) end
function device:points() return await(native.points(id_of(self, "points"))) end
-- What would change; nothing is written before apply.
local plans <const> = raw.setmetatable({}, { __mode = "k" })
function device:plan(wanted)
  local id = id_of(self, "plan")
  want(wanted, "table", "device:plan: the settings")
  local plan, problem = await(native.plan(id, wanted))
  if not plan then return nil, problem end
  local object = freeze("plan", { changes = plan.changes })
  plans[object] = plan.id
  return object
end
function device:apply(plan)
  local id = id_of(self, "apply")
  if not plans[plan] then refuse("device:apply: the argument is no plan", "Make one with device:plan") end
  return await(native.apply(id, plans[plan]))
end
local LOG <const> = { kind = "string", since = "any", till = "any", limit = "number",
                      console = "string" }
function device:log(given)
  local id = id_of(self, "log")
  return await(native.log(id, options(given, "device:log", LOG), in_task()))
end
-- What changes a device for a long time is waited for, with nothing beside it.
local function wait_alone(method)
  if in_task() then
    refuse("device:" .. method .. " works outside of weco.parallel only",
           "Call it for one device after the other.")
  end
end
local FLASH <const> = { key = "any", console = "string", board = "string" }
function device:flash(file, given)
  local id = id_of(self, "flash")
  wait_alone("flash")
  want(file, "string", "device:flash: the firmware")
  return settled(pcall(native.flash, id, file, options(given, "device:flash", FLASH)))
end
local CALIBRATE <const> = { plan = "boolean", set = "boolean", resume = "boolean" }
function device:calibrate(given)
  local id = id_of(self, "calibrate")
  wait_alone("calibrate")
  return settled(pcall(native.calibrate, id, options(given, "device:calibrate", CALIBRATE)))
end
function device:close()
  native.close(id_of(self, "close"))
  ids[self] = nil
end

-- What few scripts need is compiled when one asks for it: compiling it always would be a good part of
-- the time that an empty script takes.
local shared = {}
local function part(number) return owner.part(number)(_ENV, native, owner, shared) end
local function later(title, number)
  local library
  return raw.setmetatable({}, {
    __index = function(_, key)
      library = library or freeze(title, part(number))
      return library[key]
    end,
    __newindex = function() refuse("'" .. title .. "' cannot be changed") end,
    __metatable = false,
  })
end
csv, stats = later("csv", 1), later("stats", 2)

local sites, records, steps
function weco.simulate(description)
  sites = sites or part(3)
  return sites.simulate(description)
end
for _, name in ipairs { "checklist", "record", "warranty" } do
  weco[name] = function(...)
    records = records or part(4)
    return records[name](...)
  end
end
local files, file_calls = {}, nil
for _, name in ipairs { "read", "write", "list" } do
  files[name] = function(...)
    file_calls = file_calls or part(6)
    return file_calls[name](...)
  end
end
weco.files = freeze("weco.files", files)
function weco.step(name, facts, work)
  want(name, "string", "weco.step: the name")
  want(work, "function", "weco.step: the function")
  if in_task() then refuse("weco.step works outside of weco.parallel only") end
  steps = steps or part(5)
  return steps.step(name, optional(facts, "table", "weco.step: the facts", {}), work)
end
function weco.trouble(complaint, answers)
  want(complaint, "string", "weco.trouble: the complaint")
  return native.trouble(complaint, optional(answers, "table", "weco.trouble: the answers", {}))
end

-- Looks at a device again and again. A look that fails is handed on as nil and the reason.
function weco.watch(object, names, work, given)
  if not ids[object] then refuse("weco.watch: the first argument is no device that is open") end
  want(names, "table", "weco.watch: the points")
  want(work, "function", "weco.watch: the function")
  given = options(given, "weco.watch: the options", { interval_s = "number", count = "number" })
  local interval, count, done = given.interval_s or 2, given.count or math.huge, 0
  if not (interval >= 0.1 and interval <= 86400) then
    refuse("weco.watch: the interval must be from 0.1 to 86400 seconds")
  end
  if not (count >= 1) then refuse("weco.watch: the count must be 1 or more") end
  while done < count do
    local begun = native.elapsed()
    done = done + 1
    if work(object:read_many(names)) == false then break end
    if done < count then await(native.sleep(math.max(0, begun + interval - native.elapsed()))) end
  end
  return done
end

-- Every item at once, at most `limit` at a time, in blocking style and on one thread.
function weco.parallel(items, work, given)
  want(items, "table", "weco.parallel: the items")
  want(work, "function", "weco.parallel: the function")
  local limit = options(given, "weco.parallel: the options", { limit = "number" }).limit or PARALLEL_MAX
  if limit < 1 or limit > PARALLEL_MAX then
    refuse("weco.parallel: the limit must be from 1 to " .. PARALLEL_MAX)
  end
  if parallel_runs then refuse("weco.parallel works outside of itself only") end
  parallel_runs = true
  local results, waiting, begun, alive = {}, {}, 0, 0
  local function step(task, ...)
    local good, first, second = resume(task.thread, ...)
    if good and coroutine.status(task.thread) == "suspended" then
      if first == WAITS then
        waiting[second] = task
        return
      end
      good, first = pcall(refuse, "a task of weco.parallel yields on its own")
    end
    alive = alive - 1
    results[task.at] = good and { value = first, error = second } or { error = first }
  end
  local function fill()
    while begun < #items and alive < limit do
      begun, alive = begun + 1, alive + 1
      local task = { at = begun, thread = create(work) }
      tasks[task.thread] = true
      step(task, items[begun], begun)
      native.breathe()
    end
  end
  fill()
  while alive > 0 do
    for _, ticket in ipairs(native.drive()) do
      local task = waiting[ticket]
      if task then
        waiting[ticket] = nil
        step(task)
      end
    end
    fill()
  end
  parallel_runs = false
  return results
end

local ui = {}
local KNOWN <const> = { name = "string", text = "string", type = "string", unit = "string",
                        min = "number", max = "number", choices = "table" }
local function question(given, place, preset)
  if type(given) == "string" then given = { text = given } end
  want(given, "table", place)
  local asked = {}
  for name, value in pairs(given) do
    if name ~= "default" and not KNOWN[name] then
      owner.unknown(place, tostring(name), { "choices", "default", "max", "min", "name", "text",
                                             "type", "unit" })
    end
    asked[name] = value
  end
  for name, kind in pairs(KNOWN) do optional(asked[name], kind, place .. "." .. name) end
  for name, value in pairs(preset) do asked[name] = asked[name] or value end
  return asked
end
function ui.ask(given) return native.ask(question(given, "ui.ask", {})) end
function ui.confirm(given) return native.ask(question(given, "ui.confirm", { type = "switch" })) end
function ui.choose(given) return native.ask(question(given, "ui.choose", { type = "choice" })) end
function ui.form(given)
  given = options(given, "ui.form", { title = "string", fields = "table" })
  if given.title then native.say(given.title) end
  local answers = {}
  for at, field in ipairs(given.fields or {}) do
    local asked = question(field, "ui.form: field " .. at, {})
    if not asked.name then refuse("ui.form: field " .. at .. " needs a 'name'") end
    answers[asked.name] = native.ask(asked)
  end
  return answers
end
function ui.say(text, ...)
  want(text, "string", "ui.say: the text")
  if select("#", ...) > 0 then text = string.format(text, ...) end
  native.say(text)
end
function ui.table(rows) native.table(want(rows, "table", "ui.table: the rows")) end
function ui.progress(step, done, total)
  want(step, "string", "ui.progress: the step")
  native.progress(step, want(done, "number", "ui.progress: done"),
                  want(total, "number", "ui.progress: total"))
end

local json = {}
function json.encode(value) return native.json_encode(value) end
function json.decode(text)
  return settled(pcall(native.json_decode, want(text, "string", "json.decode: the text")))
end

local time = {}
function time.now() return native.now() end
function time.elapsed_s() return native.elapsed() end
function time.sleep(seconds)
  want(seconds, "number", "time.sleep: the seconds")
  if not (seconds >= 0 and seconds <= 86400) then refuse("time.sleep: from 0 to 86400 seconds") end
  await(native.sleep(seconds))
end
-- Days since 1970 as a date of the Gregorian calendar.
local function date_of(days)
  days = days + 719468
  local era = days // 146097
  local day = days - era * 146097
  local year = (day - day // 1460 + day // 36524 - day // 146096) // 365
  local rest = day - (365 * year + year // 4 - year // 100)
  local month = (5 * rest + 2) // 153
  local shown = month < 10 and month + 3 or month - 9
  return year + era * 400 + (shown <= 2 and 1 or 0), shown, rest - (153 * month + 2) // 5 + 1
end
function time.text(seconds)
  seconds = math.floor(optional(seconds, "number", "time.text: the seconds", native.now()))
  local year, month, day = date_of(seconds // 86400)
  local rest = seconds % 86400
  return string.format("%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, rest // 3600,
                       rest % 3600 // 60, rest % 60)
end

shared.options, shared.optional, shared.settled, shared.await = options, optional, settled, await
shared.kind_of_object, shared.question = kind_of_object, question
shared.ids, shared.make_device = ids, make_device
return { weco = weco, ui = ui, json = json, time = time }
)lua";

namespace {

constexpr std::string_view kCsv = R"lua(
local _ENV <const>, native, owner, shared = ...
local refuse, want, options = owner.refuse, owner.want, shared.options
local settled = shared.settled
local csv = {}
-- A field after the other; quotation marks around a field double those in it.
local function fields_of(text, separator)
  local rows, row, at = {}, {}, 1
  local stop = "[" .. separator .. "\r\n]"
  while at <= #text do
    local field
    if text:sub(at, at) == '"' then
      local parts = {}
      at = at + 1
      while true do
        local close = text:find('"', at, true)
        if not close then return nil, #rows + 1 end
        parts[#parts + 1] = text:sub(at, close - 1)
        at = close + 1
        if text:sub(at, at) ~= '"' then break end
        parts[#parts + 1] = '"'
        at = at + 1
      end
      field = table.concat(parts)
    else
      local close = (text:find(stop, at) or #text + 1) - 1
      field = text:sub(at, close)
      at = close + 1
    end
    row[#row + 1] = field
    local sign = text:sub(at, at)
    if sign == separator then
      at = at + 1
      if at > #text then row[#row + 1] = "" end
    elseif sign == "" or sign == "\n" or sign == "\r" then
      at = at + (text:sub(at, at + 1) == "\r\n" and 2 or 1)
      if not (#row == 1 and row[1] == "") then rows[#rows + 1] = row end
      row = {}
    else
      return nil, #rows + 1
    end
  end
  if #row > 0 then rows[#rows + 1] = row end
  return rows
end
local function separator_of(given, place)
  local sign = options(given, place, { separator = "string" }).separator or ","
  if sign ~= "," and sign ~= ";" and sign ~= "\t" then
    refuse(place .. ": the separator must be a comma, a semicolon or a tab")
  end
  return sign
end
function csv.decode(text, given)
  local separator = separator_of(given, "csv.decode")
  local rows, bad = fields_of(want(text, "string", "csv.decode: the text"), separator)
  if not rows then
    return settled(pcall(refuse, "row " .. bad .. " of the CSV has a quotation mark out of place"))
  end
  local head, list = rows[1] or {}, {}
  for at = 2, #rows do
    local row = {}
    for column, name in ipairs(head) do
      if name ~= "" then row[name] = rows[at][column] end
    end
    list[#list + 1] = row
  end
  return list
end
local function field_text(value, separator)
  local text = value == nil and "" or tostring(value)
  if text:find('["\r\n' .. separator .. ']') then text = '"' .. text:gsub('"', '""') .. '"' end
  return text
end
function csv.encode(rows, columns, given)
  want(rows, "table", "csv.encode: the rows")
  local separator = separator_of(given, "csv.encode")
  if columns == nil then
    columns = {}
    for name in pairs(rows[1] or {}) do columns[#columns + 1] = name end
  end
  local lines, head = {}, {}
  for at, name in ipairs(want(columns, "table", "csv.encode: the columns")) do
    head[at] = field_text(name, separator)
  end
  lines[1] = table.concat(head, separator)
  for _, row in ipairs(rows) do
    local line = {}
    for at, name in ipairs(columns) do line[at] = field_text(row[name], separator) end
    lines[#lines + 1] = table.concat(line, separator)
  end
  return table.concat(lines, "\n") .. "\n"
end
return csv
)lua";

constexpr std::string_view kStats = R"lua(
local _ENV <const>, native, owner, shared = ...
local want = owner.want
local stats = {}
local function numbers(list, place)
  want(list, "table", place .. ": the list")
  for at, value in ipairs(list) do want(value, "number", place .. ": value " .. at) end
  return #list
end
function stats.min(list)
  if numbers(list, "stats.min") == 0 then return nil end
  local least = list[1]
  for _, value in ipairs(list) do least = math.min(least, value) end
  return least
end
function stats.max(list)
  if numbers(list, "stats.max") == 0 then return nil end
  local most = list[1]
  for _, value in ipairs(list) do most = math.max(most, value) end
  return most
end
function stats.spread(list)
  if numbers(list, "stats.spread") == 0 then return nil end
  return stats.max(list) - stats.min(list)
end
function stats.sum(list)
  numbers(list, "stats.sum")
  local sum = 0
  for _, value in ipairs(list) do sum = sum + value end
  return sum
end
function stats.mean(list)
  local count = numbers(list, "stats.mean")
  if count == 0 then return nil end
  return stats.sum(list) / count
end
function stats.median(list)
  local count = numbers(list, "stats.median")
  if count == 0 then return nil end
  local sorted = table.move(list, 1, count, 1, {})
  table.sort(sorted)
  local middle = (count + 1) // 2
  if count % 2 == 1 then return sorted[middle] end
  return (sorted[middle] + sorted[middle + 1]) / 2
end
function stats.deviation(list)
  local count = numbers(list, "stats.deviation")
  if count < 2 then return nil end
  local mean, sum = stats.mean(list), 0
  for _, value in ipairs(list) do sum = sum + (value - mean) ^ 2 end
  return math.sqrt(sum / (count - 1))
end
return stats
)lua";

constexpr std::string_view kSites = R"lua(
local _ENV <const>, native, owner, shared = ...
local want, options, kind_of_object = owner.want, shared.options, shared.kind_of_object
local make_device = shared.make_device
-- A virtual site: a table of its own, because its time is not that of devices.
local _, site <const>, site_of <const>, make_site <const> = kind_of_object(
  "site", "this is no site that is simulated", "Make one with weco.simulate")

local function simulate(description)
  if type(description) == "string" then description = { site = { family = description } } end
  return make_site(native.simulate(want(description, "table", "weco.simulate: the site")), {})
end
function site:run(seconds, given)
  local id = site_of(self, "run")
  want(seconds, "number", "site:run: the time")
  given = options(given, "site:run: the options", { step_s = "number" })
  return native.site_run(id, seconds, given.step_s or 1)
end
function site:seconds() return native.site_seconds(site_of(self, "seconds")) end
function site:value(channel)
  return native.site_value(site_of(self, "value"), want(channel, "string", "site:value: the name"))
end
function site:values() return native.site_values(site_of(self, "values")) end
function site:events() return native.site_events(site_of(self, "events")) end
function site:command(name, value)
  local id = site_of(self, "command")
  if type(value) ~= "string" then want(value, "number", "site:command: the value") end
  native.site_command(id, want(name, "string", "site:command: the name"), value)
end
function site:inject(fault)
  native.site_fault(site_of(self, "inject"), want(fault, "string", "site:inject: the fault"), true)
end
function site:mend(fault)
  native.site_fault(site_of(self, "mend"), want(fault, "string", "site:mend: the fault"), false)
end
function site:open(given)
  local id = site_of(self, "open")
  given = options(given, "site:open: the options", { family = "string", number = "number" })
  local opened = native.site_open(id, given.family or "", given.number or 1)
  return make_device(opened.id, { endpoint = opened.endpoint, family = opened.family })
end
return { simulate = simulate }
)lua";

constexpr std::string_view kRecords = R"lua(
local _ENV <const>, native, owner, shared = ...
local refuse, want, options = owner.refuse, owner.want, shared.options
local optional, settled, await = shared.optional, shared.settled, shared.await
local kind_of_object, question, ids = shared.kind_of_object, shared.question, shared.ids
local weco = {}
-- A checklist that is worked through.
local _, run <const>, run_of <const>, make_run <const> = kind_of_object(
  "run", "this is no checklist that was begun", "Begin one with weco.checklist")

function weco.checklist(what)
  what = options(want(what, "table", "weco.checklist: what to do"), "weco.checklist",
                 { site = "string", checklist = "string", operator = "string", family = "string" })
  for _, name in ipairs { "site", "checklist", "operator" } do
    want(what[name], "string", "weco.checklist." .. name)
  end
  local id, problem = settled(pcall(native.checklist, what))
  if not id then return nil, problem end
  return make_run(id, native.run_about(id))
end
function weco.record(site, which)
  want(site, "string", "weco.record: the site")
  which = options(which, "weco.record: which", { number = "number", checklist = "string" })
  return settled(pcall(native.record, site, which))
end

function weco.warranty(site, given)
  want(site, "string", "weco.warranty: the site")
  given = options(given, "weco.warranty: the options", { log = "string" })
  return settled(pcall(native.warranty, site, given.log or ""))
end

function run:read(object)
  local id = run_of(self, "read")
  if not ids[object] then refuse("run:read: the argument is no device that is open") end
  return await(native.run_read(id, ids[object]))
end
function run:items() return native.run_items(run_of(self, "items")) end
function run:answer(item, given)
  local id = run_of(self, "answer")
  want(item, "string", "run:answer: the item")
  given = given == nil and {} or want(given, "table", "run:answer: the answer")
  local good, problem = pcall(native.run_answer, id, item, given)
  if good then return true end
  return nil, problem
end
function run:missing() return settled(pcall(native.run_missing, run_of(self, "missing"))) end
-- The person is asked about whatever has no answer yet; the names of the questions are the items'.
local RESULTS <const> = { "ok", "not_conforming", "not_applicable" }
local function ask_item(item)
  local function more(kind, name, text)
    return native.ask(question({ name = item.id .. "_" .. name, text = text, type = kind }, "run:ask",
                               {}))
  end
  local text = item.limits == "" and item.text or item.text .. " [" .. item.limits .. "]"
  local given = { result = native.ask(question({ name = item.id, text = text, type = "choice",
                                                 choices = RESULTS }, "run:ask", {})) }
  if given.result ~= "ok" then
    given.note = more("text", "note", "What was found, or why it does not apply")
  elseif item.wants == "number" then
    given.value = more("number", "value", "The value measured, in " .. item.unit)
  elseif item.wants == "torque" then
    given.torque = {
      specified = item.limits == "" and more("number", "specified", "The torque specified, in Nm") or nil,
      applied = more("number", "applied", "The torque applied, in Nm"),
      wrench = more("text", "wrench", "The wrench and its certificate"),
      blue = more("switch", "blue", "Is the first mark, blue, made?"),
      red = more("switch", "red", "Is the second mark, red, made by somebody else?"),
    }
  end
  return given
end
function run:ask()
  local id = run_of(self, "ask")
  local asked = 0
  for _, item in ipairs(native.run_items(id)) do
    if item.open then
      native.run_answer(id, item.id, ask_item(item))
      asked = asked + 1
    end
  end
  return asked
end
-- What is declared is the operator's: no script says it for him.
function run:finish(given)
  local id = run_of(self, "finish")
  given = options(given, "run:finish: the options", { key = "string" })
  local missing, problem = settled(pcall(native.run_missing, id))
  if not missing then return nil, problem end
  if #missing > 0 then
    return settled(pcall(refuse, "the checklist is not complete", table.concat(missing, " ")))
  end
  local declared = native.ask(question({
    name = "declare", type = "choice", text = "What do you declare?",
    choices = { "no_discrepancy", "discrepancy_isolated" } }, "run:finish", {}))
  return settled(pcall(native.run_finish, id, declared, given.key or ""))
end
return weco
)lua";

// A step whose work raises is no step: it is dropped on the way out, whatever that way is.
constexpr std::string_view kSteps = R"lua(
local _ENV <const>, native, owner, shared = ...
local guard <const> = owner.raw.setmetatable({}, { __close = function() native.step_drop() end })
local function step(name, facts, work)
  local known, result = native.step_begin(name, facts)
  if known then return result end
  local open <close> = guard
  return native.step_end((work()))
end
return { step = step }
)lua";

constexpr std::string_view kFiles = R"lua(
local _ENV <const>, native, owner, shared = ...
local want, settled = owner.want, shared.settled
local files = {}
function files.read(path)
  return settled(pcall(native.files_read, want(path, "string", "weco.files.read: the file")))
end
function files.write(path, text)
  want(path, "string", "weco.files.write: the file")
  want(text, "string", "weco.files.write: the text")
  local good, problem = pcall(native.files_write, path, text)
  if good then return true end
  return nil, problem
end
function files.list(path)
  return settled(pcall(native.files_list, want(path, "string", "weco.files.list: the folder")))
end
return files
)lua";

constexpr std::string_view kParts[] = {kCsv, kStats, kSites, kRecords, kSteps, kFiles};

}  // namespace

const std::span<const std::string_view> kApiParts = kParts;

}  // namespace weco::lua
