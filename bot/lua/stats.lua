-- Returns waiting, ready, taken, delayed, dead, age of the oldest letter in ms.
local box = KEYS[1]
local pending = redis.pcall('XPENDING', box .. 'ready', 'workers')
local taken = pending.err and 0 or pending[1]
local oldest = redis.call('ZRANGE', box .. 'heads', 0, 0, 'WITHSCORES')
return {
  tonumber(redis.call('GET', box .. 'count') or '0'),
  redis.call('XLEN', box .. 'ready') - taken,
  taken,
  redis.call('ZCARD', box .. 'delayed'),
  redis.call('ZCARD', box .. 'dead'),
  oldest[2] and math.max(0, now_ms() - oldest[2]) or 0,
}
