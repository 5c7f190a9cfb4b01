-- ARGV: owner, claim. Sets the idle time of the token back to 0.
-- Returns 1, or 0 when the claim no longer holds.
local entry = held_entry(KEYS[1], ARGV[1], ARGV[2])
if not entry then
  return 0
end
local consumer = string.match(ARGV[2], '^%S+ %S+ (.*)$')
redis.call('XCLAIM', KEYS[1] .. 'ready', 'workers', consumer, 0, entry, 'JUSTID')
return 1
