-- ARGV: dedupe_s, then owner, id, body of each letter. Returns 1 or 0 (seen before) for each.
local results = {}
for i = 2, #ARGV, 3 do
  results[#results + 1] = put(KEYS[1], ARGV[1], ARGV[i], ARGV[i + 1], ARGV[i + 2]) and 1 or 0
end
return results
