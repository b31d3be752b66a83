-- wrk script: POST batches of alerts in the Alertmanager v2 form. BATCH alerts a request, UNIQUE=0|1, APATH the path.
local batch = tonumber(os.getenv("BATCH") or "1")
local unique = (os.getenv("UNIQUE") or "1") == "1"
local path = os.getenv("APATH") or "/api/v2/alerts"
local POOL = 64 -- distinct requests when alerts repeat
local headers = {["Content-Type"] = "application/json"}
local prepared, sent, base = {}, 0, 0

local function alert(id)
  return '{"labels":{"alertname":"HighErrorRate","severity":"critical","service":"checkout-api","environment":"production",'
    .. '"region":"eu-west-1","instance":"10.42.17.9:9100","job":"node","pod":"checkout-' .. id .. '"},'
    .. '"annotations":{"summary":"5xx ratio above 2% for 5 minutes on checkout-' .. id .. '",'
    .. '"description":"The ratio of HTTP 5xx responses of checkout-api in eu-west-1 is 4.7% (threshold 2%). '
    .. 'Customers may be unable to pay.","runbook_url":"https://runbooks.example.com/checkout/high-error-rate"},'
    .. '"startsAt":"2026-11-22T03:00:00.000Z","endsAt":"2030-01-01T00:00:00.000Z",'
    .. '"generatorURL":"http://prometheus.example.com/graph?g0.expr=rate"}'
end

local function body(first)
  local alerts = {}
  for i = 1, batch do alerts[i] = alert(first + i) end
  return "[" .. table.concat(alerts, ",") .. "]"
end

function init(_)
  base = os.time() % 1000000 * 10000000
  if not unique then
    for i = 1, POOL do prepared[i] = wrk.format("POST", path, headers, body(i * batch)) end
  end
end

function request()
  sent = sent + 1
  if unique then return wrk.format("POST", path, headers, body(base + sent * batch)) end
  return prepared[(sent % POOL) + 1]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    "RESULT requests_s=%.1f p50_ms=%.2f p99_ms=%.2f refused=%d broken=%d\n",
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
