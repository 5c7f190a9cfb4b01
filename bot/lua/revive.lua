-- ARGV: id, "1" to put the letter back behind its owner's others, "0" to throw it away.
-- Returns 1, or 0 when there is no such dead letter.
local box, id = KEYS[1], ARGV[1]
local key = box .. 'dead:' .. id
local owner, raw = unpack(redis.call('HMGET', key, 'owner', 'raw'))
if not raw then
  return 0
end
redis.call('DEL', key)
redis.call('ZREM', box .. 'dead', id)
if ARGV[2] == '1' then
  push(box, owner, raw)
end
return 1
