-- Script for wrk. Prints the result as `name value unit` lines, with BENCH_NAME as the beginning of each name. With
-- BENCH_PREPARE (a name for the run) each request is a POST that registers a new e-mail address, made of the run, the thread
-- and a counter. With BENCH_AMONG (a number of people) each is a GET for the status of a randomly chosen person.

local threads = 0

function setup(thread)
	thread:set("number", threads)
	threads = threads + 1
end

if os.getenv("BENCH_PREPARE") then
	local form = '{"email":"p%s-%d-%09d@example.com"}'
	local sent = 0
	local head, tail

	function init(_)
		local run = os.getenv("BENCH_PREPARE")
		local text = wrk.format("POST", nil, wrk.headers, string.format(form, run, number, 0))
		head, tail = text:match("^(.*%-)%d+(@.*)$")
	end

	function request()
		sent = sent + 1
		return head .. string.format("%09d", sent) .. tail
	end
end

if os.getenv("BENCH_AMONG") then
	local people = tonumber(os.getenv("BENCH_AMONG"))
	local head, tail

	function init(_)
		local text = wrk.format("GET", wrk.path .. "?email=p0000000%40people.example")
		head, tail = text:match("^(.*email=p)0000000(.*)$")
		math.randomseed(os.time() + number)
	end

	function request()
		return head .. math.random(0, people - 1) .. tail
	end
end

function done(summary, latency, _)
	local name = os.getenv("BENCH_NAME")
	local e = summary.errors
	local seconds = summary.duration / 1e6

	io.write(string.format("%s_rate %.0f per_s\n", name, summary.requests / seconds))
	io.write(string.format("%s_p50 %.3f ms\n", name, latency:percentile(50) / 1e3))
	io.write(string.format("%s_p99 %.3f ms\n", name, latency:percentile(99) / 1e3))
	io.write(string.format("%s_responses %d count\n", name, summary.requests))
	io.write(string.format("%s_errors %d count\n", name, e.connect + e.read + e.write + e.timeout + e.status))
end
