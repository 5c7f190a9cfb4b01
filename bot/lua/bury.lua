-- ARGV: owner, claim, reason. Returns 1, or 0 when the claim no longer holds.
local box, owner = KEYS[1], ARGV[1]
local entry = held_entry(box, owner, ARGV[2])
if not entry then
  return 0
end
drop_token(box, entry)
if bury(box, owner, ARGV[3]) then
  give_token(box, owner)
end
return 1
