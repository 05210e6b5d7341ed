-- Script for wrk with one thread: sends the lines of the file BENCH_BODIES in turn, as bodies of a POST. Prints
-- `verified RESPONSES WRONG MICROSECONDS`. When the lines run out, further calls repeat the last one and count as wrong.

local threads = {}
local lines, sent = {}, 0
right, wrong = 0, 0 -- global, so that done() can read them

function setup(thread)
	threads[#threads + 1] = thread
end

function init(_)
	local key = wrk.headers["x-api-key"]
	for line in io.lines(os.getenv("BENCH_BODIES")) do
		lines[#lines + 1] = wrk.format("POST", nil, { ["Content-Type"] = "application/json", ["x-api-key"] = key }, line)
	end
end

function request()
	sent = sent + 1
	return lines[math.min(sent, #lines)]
end

function response(status, _, body)
	if status == 200 and body:find('"email_verified"', 1, true) then right = right + 1 else wrong = wrong + 1 end
end

function done(summary, _, _)
	local first = threads[1]
	io.write(string.format("verified %d %d %d\n", first:get("right") + first:get("wrong"), first:get("wrong"), summary.duration))
end
