-- SPDX-License-Identifier: Apache-2.0
---@meta
-- Everything a script is given beyond plain Lua. This file is the only text about it: editors take
-- it for completion and type checks, the reference and the manual page are made from it, and a
-- test runs every example and compares the functions with those of a live script.

---A failure of the world: no answer, no such device, a broken file. Calls that can fail give nil
---and one of these; assert(...) around the call ends the script with its message.
---@class weco.Failure
---@field code string Stable name, such as "timeout"; see the reference of errors.
---@field message string What went wrong.
---@field hint string What to do about it.
---@field where string The device or file; may be empty.

---Devices, and everything that waits.
---@class weco
weco = {}

---Opens a device. Without a family it is found out with harmless reads, which takes a scan of that
---one line. Needs the right "read".
---@param place string A configured name or an endpoint.
---@param options? { family?: string, unit?: integer } The family and the address on the line.
---@return weco.Device|nil device
---@return weco.Failure|nil problem
---
---```lua
---local device = assert(weco.open("sim:weco_smart"))
---return device.family --> weco_smart
---```
function weco.open(place, options) end

---Looks at all these endpoints at once, with harmless reads; without any, at every serial port and
---every configured device. Gives what `weco scan --json` prints. Needs the right "read".
---@param places? string|string[] Endpoints or configured names.
---@return table|nil result
---@return weco.Failure|nil problem
---
---```lua
---local result = assert(weco.scan("sim:weco_smart"))
---return result.devices[1].device.family --> weco_smart
---```
function weco.scan(places) end

---Calls a function for every item of a list, all at once on one thread: while one waits for its
---device, the others go on. The results come in the order of the items, each { value = ..., error
---= ... }; an item that fails does not stop the others. It cannot be nested.
---@param items any[] What to work on.
---@param work fun(item: any, number: integer): any, any What to do with one.
---@param options? { limit?: integer } How many at a time, 256 at most.
---@return { value: any, error: any }[] results
---
---```lua
---local results = weco.parallel({ 3, 4 }, function(item) time.sleep(0.01) return item * 2 end)
---return results[1].value + results[2].value --> 14
---```
function weco.parallel(items, work, options) end

---Does one step of a longer run and keeps what came of it, on disk before the next one begins.
---After the run was torn, `weco run SCRIPT --resume` begins from the top and takes each step that
---was done as it was, without doing it or asking anybody again, as long as its facts are the same;
---a step whose facts changed is done again, and that is said. Steps do not nest, are not done by
---weco.parallel, and each has a name of its own.
---@param name string What the step is called, such as "grid".
---@param facts table|nil What it goes by: readings, as plain values. Without any, it always holds.
---@param work fun(): any What to do; it returns plain data.
---@return any result What the function returned, now or before.
---
---```lua
---local function look() return { modules = 4 } end
---return weco.step("look", { soc_pct = 50 }, look).modules --> 4
---```
function weco.step(name, facts, work) end

---Reads some points of a device again and again, and hands them to a function, until it returns
---false or `count` is reached. A look that fails is handed over as nil and the reason.
---@param device weco.Device What to look at.
---@param points string[] The points, as for device:read_many.
---@param work fun(values: table|nil, problem: weco.Failure|nil): boolean|nil What to do.
---@param options? { interval_s?: number, count?: integer } 2 seconds and no end, without them.
---@return integer looks How many there were.
---
---```lua
---local device = assert(weco.open("sim:weco_smart"))
---local function look(values) return values.module_count ~= 4 end
---return weco.watch(device, { "module_count" }, look) --> 1
---```
function weco.watch(device, points, work, options) end

---A device that is open. Every method is called with a colon.
---@class weco.Device
---@field endpoint string Where it is.
---@field family string Its family.
device = {}

---Reads one value. A point is named as in the vocabulary, with its unit or without, behind the
---part that has it: "soc", "pack_current_A", "tower[1].module[2].cell_voltage[3]". A point with an
---index that is left out gives the list of all. Numbers are in the unit of the vocabulary; current
---and power are positive into the battery. What the device does not have is nil with the code
---"not_found".
---@param point string The point.
---@return number|string|table|nil value
---@return weco.Failure|nil problem
---
---```lua
---local device = assert(weco.open("sim:weco_smart"))
---return assert(device:read("tower[1].module_count")) --> 4
---```
function device:read(point) end

---Reads several values. The keys of the result carry the unit; what is not there is left out.
---@param points string[] The points.
---@return table<string, number|string|table>|nil values
---@return weco.Failure|nil problem
---
---```lua
---local device = assert(weco.open("sim:weco_smart"))
---local values = assert(device:read_many { "module_count", "rated_power" })
---return values.module_count * values.rated_power_W --> 40000
---```
function device:read_many(points) end

---Reads everything. Gives what `weco status --json` prints: device, level, limits, faults,
---findings, and nodes, each with path, kind and values.
---@return table|nil snapshot
---@return weco.Failure|nil problem
---
---```lua
---local device = assert(weco.open("sim:weco_smart"))
---local snapshot = assert(device:snapshot())
---return snapshot.level --> ok
---```
function device:snapshot() end

---Reads everything and lists it: name, unit, access, quality and value of each point.
---@return table[]|nil points
---@return weco.Failure|nil problem
---
---```lua
---local device = assert(weco.open("sim:weco_smart"))
---return #assert(device:points()) > 100 --> yes
---```
function device:points() end

---Says what would change, and asks the guard; nothing is written yet. Settings are named as for
---device:read; a choice is its name, a switch yes or no, a set a list. Each one needs the right
---"write:POINT" in the header. What is set as wanted already is left out of the changes.
---@param settings table<string, number|string|boolean|string[]> What it should be.
---@return { changes: { point: string, before: any, after: any, unit: string }[] }|nil plan
---@return weco.Failure|nil problem
---
---```lua
---local device = assert(weco.open("sim:ep760_open"))
---local plan, problem = device:plan { soc_min = 25 }
---return problem.code --> refused_by_guard
---```
function device:plan(settings) end

---Shows a plan to the person, who has to agree (or said --yes), then writes one setting after the
---other, reads each back and records it for `weco undo`. The first that fails ends it.
---@param plan table What device:plan gave; it is used once.
---@return { run?: string, changed: table[] }|nil done The run, for weco undo, and the changes.
---@return weco.Failure|nil problem
---
---```lua
---local device = assert(weco.open("sim:ep760_open"))
---local plan = assert(device:plan {})
---return #assert(device:apply(plan)).changed --> 0
---```
function device:apply(plan) end

---Reads what the device remembers and changes nothing: its newest records that fit, oldest first.
---Each has the fields that `weco log-dump --format ndjson` prints: sequence, time, uptime_s, kind
---and chain, and those of its kind, such as severity, code and text of an "event", soc_min_pct and
---load_Wh of an "hour" or a "day", cells_V and temperatures_degC of "cells" (one of them that was
---not read is nil), and missing and loss of a "gap", which stands for records that are not there.
---Times are seconds since 1970 or texts such as "2026-11-01"; the limit is 1000 without one and at
---most 1500. A record that was written while the clock was not set has no time, and neither since
---nor till leaves it out. A controller tells its journal on a service console, which is not the
---line of its readings: name its endpoint as console, as for `weco log-dump`. With a unit it is
---read over Modbus, on a CAN bus over UDS; these two work outside of weco.parallel only. A device
---of a simulated site knows its own.
---@param options? table Any of kind, since, till, limit and console.
---@return table[]|nil records
---@return weco.Failure|nil problem
---
---```lua
---local site = weco.simulate("weco_smart")
---site:run(7500, { step_s = 60 })
---local hours = assert(site:open():log { kind = "hour", limit = 10 })
---return #hours --> 2
---```
function device:log(options) end

---Brings firmware onto the device and waits until it runs: what `weco flash install` does, with all
---that it checks. The image has to be whole, signed by one of the keys, for this board and newer
---than what runs; the battery at rest and well, and free of a record that forbids it. Then the
---person is told that the pack switches off (WS-34) and has to agree to the question "flash" (or
---said --yes). The firmware is tried, and stays when it runs, the readings are back, no fault is
---new and every setting is as before; else the device goes back to the old one, which is a problem
---with the code "reverted". Each step is noted in weco-flash.journal in the folder where the
---program runs. A device takes firmware on its service console, which is not the line of its
---readings: name its endpoint. It waits with nothing beside it, so it works outside of
---weco.parallel only. Needs the right "flash".
---@param file string The firmware image.
---@param options { key: string|string[], console: string, board?: string } The files of the public
---keys that are trusted, the endpoint, and the board of an image that does not say which it is for.
---@return { verdict: string, version: string, hash: string, payload_bytes: integer,
---wire_bytes: integer }|nil done The verdict is "confirmed" or "already_there".
---@return weco.Failure|nil problem
---
---```lua
---local device = assert(weco.open("sim:weco_smart"))
---local where = { key = "vendor.pem", console = "tcp:192.0.2.7" }
---local done, problem = device:flash("tower.bin", where)
---return problem.hint --> Write in its header: rights = { "read", "flash" }.
---```
function device:flash(file, options) end

---Makes the state of charge true by the charges and discharges that the family needs, and waits
---until they have ended, which takes hours: what `weco calibrate-soc` does, with the same refusals
---before it begins and on the way (WS-11, WS-17 to WS-19, EP-04). The person is told what it takes
---and has to agree to the question "calibrate" (or said --yes). Without options nothing is written:
---the person sets in the vendor's app what is said, and the right "read" is enough. With `set` the
---settings are written, each of which needs its right "write:POINT"; the refusal names those that
---are missing. They are put back at every end: calibrated, a limit, Ctrl-C, a lost link as soon as
---it is back. With `plan` it only says what it takes: soc_pct, duration_s, energy_kWh, instruction,
---and with `set` the first settings as sets. How far it came is written down in
---weco-calibration.log in the folder where the program runs, and with `resume` it goes on from
---there. The line of the device is closed meanwhile, nothing is done beside it, so it works outside
---of weco.parallel only, and Ctrl-C ends the script as well.
---@param options? { plan?: boolean, set?: boolean, resume?: boolean } What is wanted.
---@return table|nil result The verdict ("calibrated", or "service_case" after two charges in a row
---without 100 %), soc_before_pct, soc_pct, cycles_without_full, service with the numbers of the
---packs that are such a case, and the bands of error soc_error_before_pct and soc_error_pct where
---the device publishes them, and caution where cells are too cold to tell.
---@return weco.Failure|nil problem
---
---```lua
---local device = assert(weco.open("sim:weco_smart"))
---local plan = assert(device:calibrate { plan = true })
---return plan.instruction:match("^Set in the app") --> Set in the app
---```
function device:calibrate(options) end

---Closes it. What is open at the end of the script is closed by itself.
---
---```lua
---local device = assert(weco.open("sim:weco_smart"))
---device:close()
---return (pcall(device.read, device, "soc")) --> no
---```
function device:close() end

---Simulates a whole site, its cells, batteries and energy management, under a clock of its own:
---time passes only in site:run. Nothing of it is on a wire, so no right is needed. The name of a
---family stands for its usual site; a table holds site, environment, settings, start and seed, all
---but the first optional and each written as in a scenario's file (weco-scenario(5)), without csv.
---@param description string|table What is there.
---@return weco.Site site
---
---```lua
---local site = weco.simulate { site = { family = "ep760", packs = 3, soc_pct = 40 }, seed = 7 }
---return site:value("soc_pct") < 50 --> yes
---```
function weco.simulate(description) end

---A simulated site.
---@class weco.Site
site = {}

---Lets time pass. Returns the seconds since the site's start.
---@param seconds number How long, at most ten years.
---@param options? { step_s?: number } Length of a step, 1 without it, at most 60.
---@return number seconds
---
---```lua
---local site = weco.simulate("weco_smart")
---return site:run(90) --> 90
---```
function site:run(seconds, options) end

---The site's own clock.
---@return number seconds Since its start.
---
---```lua
---return weco.simulate("weco_smart"):seconds() --> 0
---```
function site:seconds() end

---One value of the site as it is now; a name that is not there is a mistake.
---@param channel string A name as in telemetry, such as "grid_power_W" or "pack[1].soc_pct".
---@return number value
---
---```lua
---local site = weco.simulate { site = { family = "weco_smart", soc_pct = 80 } }
---return math.floor(site:value("pack[1].soc_true_pct") + 0.5) --> 80
---```
function site:value(channel) end

---All values of the site by their names.
---@return table<string, number> values
---
---```lua
---local site = weco.simulate("weco_smart")
---return site:values().pv_power_W --> 0
---```
function site:values() end

---What happened so far, oldest first: time_s, kind, unit (0 is the site), what and code of each.
---The oldest are dropped beyond 4096.
---@return table[] events
---
---```lua
---local site = weco.simulate("weco_smart")
---site:inject("grid_lost")
---return site:events()[#site:events()].what --> grid_lost
---```
function site:events() end

---Does what a person can do to the site, as the events of a scenario do.
---@param name string Such as "grid", "room_degC" or "extra_load_W".
---@param value number|string In the unit of its name, or a word such as "off".
---
---```lua
---local site = weco.simulate("weco_smart")
---site:run(120)
---site:command("grid", "off")
---site:run(5)
---return site:value("grid_connected") --> 0
---```
function site:command(name, value) end

---Lets something go wrong, as --fault of `weco simulate` does; see its --list.
---@param fault string A name, with its parameters behind a colon.
---
---```lua
---local site = weco.simulate("weco_smart")
---site:run(60)
---site:inject("meter_lost")
---site:run(15)
---local last = site:events()[#site:events()]
---return last.what --> meter_lost
---```
function site:inject(fault) end

---Mends a fault that was let happen.
---@param fault string Its name.
---
---```lua
---local site = weco.simulate("weco_smart")
---site:inject("grid_lost")
---site:mend("grid_lost")
---site:run(120)
---return site:value("grid_connected") --> 1
---```
function site:mend(fault) end

---What to look at next when somebody complains about an EP760, by the table of the core: kind
---("ask", "do", or "service" when nothing is left), and fact, question and remedy where there are
---such.
---@param complaint string Such as "no_bluetooth" or "no_backup_output".
---@param answers? table<string, boolean> What is known, by fact.
---@return table advice
---
---```lua
---return weco.trouble("no_grid_charging", { grid_charging_on = true }).fact --> schedule_set
---```
function weco.trouble(complaint, answers) end

---Files below the folders that the header names with the right "files:DIR". A path begins with
---such a folder as it was named there; links are not followed, and ".." is no part of one. Where
---this program keeps records, keys and changes no script touches a file, whatever its header names.
---@class weco.files
weco.files = {}

---Reads a whole file, of 4 MiB at most.
---@param path string Such as "reports/roof.csv" with the right "files:reports".
---@return string|nil text
---@return weco.Failure|nil problem
---
---```lua
---local text, problem = weco.files.read("reports/roof.csv")
---return problem.message --> the script has no right to this file
---```
function weco.files.read(path) end

---Writes a whole file, of 4 MiB at most. Whatever happens meanwhile, the old content or the new
---one is there. Folders are not made.
---@param path string Such as "reports/roof.csv" with the right "files:reports".
---@param text string The new content.
---@return boolean|nil written
---@return weco.Failure|nil problem
---
---```lua
---local written, problem = weco.files.write("reports/roof.csv", "site,soc_pct\n")
---return problem.hint --> Write in its header: rights = { "files:reports" }.
---```
function weco.files.write(path, text) end

---Lists a folder: name, kind ("file" or "folder") and size_bytes of each file, in the order of the
---names. Links, pipes and devices are left out.
---@param path string Such as "reports" with the right "files:reports".
---@return table[]|nil files
---@return weco.Failure|nil problem
---
---```lua
---local files, problem = weco.files.list("/etc")
---return problem.code --> bad_input
---```
function weco.files.list(path) end

---Begins a checklist at a site, or goes on with the one that was begun there: the same runs and
---records as `weco checklist`. A site that is new needs the family. Needs the right "records".
---@param what { site: string, checklist: string, operator: string, family?: string } What.
---@return weco.Run|nil run
---@return weco.Failure|nil problem
---
---```lua
---local what = { site = "Roof", checklist = "monthly", operator = "Ann", family = "weco_smart" }
---local run = assert(weco.checklist(what))
---return run.checklist --> monthly
---```
function weco.checklist(what) end

---The newest record of a site, or the newest that fits: number, checklist, finished (seconds
---since 1970), hash, signed, key (its id), and body, all that was recorded. It is checked first: a
---record that was changed since it was written is a problem. Needs the right "records".
---@param site string The site's name.
---@param which? { number?: integer, checklist?: string } Which one; the newest without it.
---@return table|nil record
---@return weco.Failure|nil problem
---
---```lua
---local record, problem = weco.record("Nowhere", { checklist = "commissioning" })
---return problem.code --> not_found
---```
function weco.record(site, which) end

---Holds a site against the terms of its warranty, as `weco checklist warranty` does: rows with
---name, needs, state ("ok", "warning" or "unknown"), value, unit, limit, till (a day) and basis.
---Needs the right "records".
---@param site string The site's name.
---@param options? { log?: string } The text of a telemetry file.
---@return table[]|nil rows
---@return weco.Failure|nil problem
---
---```lua
---local what = { site = "Roof", checklist = "monthly", operator = "Ann", family = "weco_smart" }
---assert(weco.checklist(what))
---return assert(weco.warranty("Roof"))[1].state --> unknown
---```
function weco.warranty(site, options) end

---A checklist that is being worked through. Every answer is on disk before the next one, so a run
---that was torn goes on where it was.
---@class weco.Run
---@field site string Where.
---@field family string Whose checklist it is.
---@field checklist string Which one.
---@field resumed boolean Whether it had been begun before.
run = {}

---Reads a device and ticks every item that it can say something about; what it says stays, whatever
---is answered later. Serial numbers and counters of the device are kept with the site.
---@param device weco.Device One of the site's devices.
---@return integer|nil items How many it has answered.
---@return weco.Failure|nil problem
---
---```lua
---local what = { site = "Roof", checklist = "monthly", operator = "Ann", family = "weco_smart" }
---local run = assert(weco.checklist(what))
---return assert(run:read(assert(weco.open("sim:weco_smart")))) > 10 --> yes
---```
function run:read(device) end

---The items in their order: id, group, kind, text, first (a safety precondition), live (a device
---can say it), limits, unit, wants ("judgement", "number" or "torque"), open, and of an answer
---result, value, note and by.
---@return table[] items
---
---```lua
---local what = { site = "Roof", checklist = "monthly", operator = "Ann", family = "weco_smart" }
---local run = assert(weco.checklist(what))
---return run:items()[1].first --> yes
---```
function run:items() end

---Answers an item as `weco checklist run --answers` does: result ("ok", "not_conforming" or
---"not_applicable"; without it, "ok"), note, value, case, and torque with specified, applied,
---wrench, blue and red. What the item accepts decides, not the word.
---@param item string Its id.
---@param given? table The answer.
---@return boolean|nil taken
---@return weco.Failure|nil problem
---
---```lua
---local what = { site = "Roof", checklist = "monthly", operator = "Ann", family = "weco_smart" }
---local run = assert(weco.checklist(what))
---local taken, problem = run:answer(run:items()[1].id, { result = "not_applicable", note = "-" })
---return problem.code --> bad_input
---```
function run:answer(item, given) end

---Asks the person about every item that is open; the questions have the names of the items.
---@return integer asked How many items.
---
---```lua
---local what = { site = "Roof", checklist = "monthly", operator = "Ann", family = "weco_smart" }
---local run = assert(weco.checklist(what))
---return (pcall(run.ask, run)) --> no
---```
function run:ask() end

---What must be there before the run can be closed, in sentences.
---@return string[]|nil sentences
---@return weco.Failure|nil problem
---
---```lua
---local what = { site = "Roof", checklist = "monthly", operator = "Ann", family = "weco_smart" }
---local run = assert(weco.checklist(what))
---return #assert(run:missing()) > 0 --> yes
---```
function run:missing() end

---Closes the run with a record, signed when there is a key: number, hash, signed, conforming and
---recommissioning. What is declared is asked from the person, under the name "declare": no script
---says it for the operator.
---@param options? { key?: string } The key to sign with; without it, the only own one.
---@return table|nil record
---@return weco.Failure|nil problem
---
---```lua
---local what = { site = "Roof", checklist = "monthly", operator = "Ann", family = "weco_smart" }
---local run = assert(weco.checklist(what))
---local record, problem = run:finish()
---return problem.message --> the checklist is not complete
---```
function run:finish(options) end

---Opens one of the site's devices: its inverter, its EMS or its meter. It is read by its own
---protocol, as a device on a wire is, and shows the site as it is then.
---@param options? { family?: string, number?: integer } Which one; the first of the usual family.
---@return weco.Device device
---
---```lua
---local site = weco.simulate { site = { family = "ep760", packs = 3 } }
---site:run(60)
---local meter = site:open { family = "eastron_sdm630" }
---return assert(site:open():read("module_count")) --> 3
---```
function site:open(options) end

---The person at the terminal, or the file named with --answers. Everything said and asked goes to
---stderr; what the script returns is its result.
---@class ui
ui = {}

---Says something. With more arguments, the text is a form of string.format.
---@param text string What to say.
---@param ... any Values for the form.
---
---```lua
---ui.say("%d modules", 4)
---return "said" --> said
---```
function ui.say(text, ...) end

---Shows a list of tables as a grid.
---@param rows table[] The rows; their names are the columns.
---
---```lua
---ui.table { { module = 1, soc_pct = 76.9 }, { module = 2, soc_pct = 77.1 } }
---return "shown" --> shown
---```
function ui.table(rows) end

---Asks for a value until it fits. `name` is what a file of answers calls it. Types are those of
---arguments: text, number, whole, switch, choice, device, family, point, file.
---@param question string|table The question: name, text, type, unit, min, max, choices, default.
---@return any answer
---
---```lua
---return ui.ask { name = "torque", type = "number", min = 1, default = 12 } --> 12
---```
function ui.ask(question) end

---Asks for yes or no.
---@param question string|table The question: name, text, default.
---@return boolean answer
---
---```lua
---return ui.confirm { text = "Are the covers closed?", default = true } --> yes
---```
function ui.confirm(question) end

---Asks for one of several words.
---@param question table The question: choices, and name, text, default.
---@return string answer
---
---```lua
---return ui.choose { name = "side", choices = { "left", "right" }, default = "left" } --> left
---```
function ui.choose(question) end

---Asks for several values under a title.
---@param form { title?: string, fields: table[] } The fields, each as for ui.ask, with a name.
---@return table<string, any> answers
---
---```lua
---local answers = ui.form { title = "Site", fields = { { name = "owner", default = "Rossi" } } }
---return answers.owner --> Rossi
---```
function ui.form(form) end

---Shows how far a step is: a bar at a terminal.
---@param step string What is being done.
---@param done number How much of it is done.
---@param total number How much there is.
---
---```lua
---ui.progress("Reading", 1, 4)
---return "going" --> going
---```
function ui.progress(step, done, total) end

---JSON as text.
---@class json
json = {}

---Writes a value on one line. An empty table is an array.
---@param value any Names with values, or a list without holes.
---@return string text
---
---```lua
---return json.encode { 1, "two" } --> [1,"two"]
---```
function json.encode(value) end

---Reads a value. A null becomes nil: the entry is not there.
---@param text string The JSON.
---@return any value
---@return weco.Failure|nil problem
---
---```lua
---return json.decode('{"soc_pct":76.8}').soc_pct --> 76.8
---```
function json.decode(text) end

---Tables as text with a header line.
---@class csv
csv = {}

---Reads the rows; the first line names the columns. Values stay texts.
---@param text string The CSV.
---@param options? { separator?: string } A comma, a semicolon or a tab.
---@return table<string, string>[]|nil rows
---@return weco.Failure|nil problem
---
---```lua
---local rows = assert(csv.decode("site;device\nRoof;roof\n", { separator = ";" }))
---return rows[1].device --> roof
---```
function csv.decode(text, options) end

---Writes rows.
---@param rows table[] The rows.
---@param columns? string[] Which columns, in this order; without them, those of the first row.
---@param options? { separator?: string } A comma, a semicolon or a tab.
---@return string text
---
---```lua
---return #csv.encode({ { site = "Roof, south" } }, { "site" }) --> 19
---```
function csv.encode(rows, columns, options) end

---Clocks and waiting.
---@class time
time = {}

---Seconds since 1970, UTC.
---@return integer seconds
---
---```lua
---return time.now() > 1700000000 --> yes
---```
function time.now() end

---Seconds since the script began, with fractions.
---@return number seconds
---
---```lua
---return time.elapsed_s() < 60 --> yes
---```
function time.elapsed_s() end

---Waits; other tasks go on meanwhile.
---@param seconds number From 0 to a day.
---
---```lua
---time.sleep(0.01)
---return time.elapsed_s() >= 0.01 --> yes
---```
function time.sleep(seconds) end

---A time as people and files write it, UTC.
---@param seconds? number Since 1970; without it, now.
---@return string text
---
---```lua
---return time.text(1767225600) --> 2026-01-01T00:00:00Z
---```
function time.text(seconds) end

---Numbers in a list, put together. Each gives nil when the list is too short.
---@class stats
stats = {}

---The smallest.
---@param list number[] The numbers.
---@return number|nil value
---
---```lua
---return stats.min { 3, 1, 2 } --> 1
---```
function stats.min(list) end

---The largest.
---@param list number[] The numbers.
---@return number|nil value
---
---```lua
---return stats.max { 3, 1, 2 } --> 3
---```
function stats.max(list) end

---The largest less the smallest.
---@param list number[] The numbers.
---@return number|nil value
---
---```lua
---return stats.spread { 3, 1, 2 } --> 2
---```
function stats.spread(list) end

---All together; 0 of none.
---@param list number[] The numbers.
---@return number value
---
---```lua
---return stats.sum { 3, 1, 2 } --> 6
---```
function stats.sum(list) end

---The mean.
---@param list number[] The numbers.
---@return number|nil value
---
---```lua
---return stats.mean { 3, 1, 2 } --> 2
---```
function stats.mean(list) end

---The one in the middle, or the mean of the two there.
---@param list number[] The numbers.
---@return number|nil value
---
---```lua
---return stats.median { 4, 1, 3, 2 } --> 2.5
---```
function stats.median(list) end

---The standard deviation of a sample.
---@param list number[] Two numbers or more.
---@return number|nil value
---
---```lua
---return stats.deviation { 1, 3 } ^ 2 --> 2
---```
function stats.deviation(list) end
