-- ARGV: owner, claim, number of letters to put, then for each: prefix, dedupe_s, owner, id, body;
-- then for each value to remember: key, value, lifetime in seconds.
-- Returns 1, or 0 when the claim no longer holds: then nothing changes.
local box, owner = KEYS[1], ARGV[1]
local entry = held_entry(box, owner, ARGV[2])
if not entry then
  return 0
end
drop_token(box, entry)
if pop(box, owner) then
  give_token(box, owner)
end
local i = 4
for _ = 1, tonumber(ARGV[3]) do
  put(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4])
  i = i + 5
end
while ARGV[i] do
  redis.call('SET', ARGV[i], ARGV[i + 1], 'EX', ARGV[i + 2])
  i = i + 3
end
return 1
