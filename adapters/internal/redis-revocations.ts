import type { RevocationPage, RevocationStore } from 'bearward'
import { type Commands, textOf } from './redis-commands.ts'
import { subscribeTo } from './redis-subscription.ts'

// One stream, so that one key is enough in a cluster. Its first entry, `0-1`, holds a random epoch: a stream that was
// flushed has another one. A cursor is the epoch and the ID of the last entry that was read. If that entry is missing, as
// after a failover to an older copy, the reader begins again.
const COMMON = `
local key = KEYS[1]
local function epochOf(fresh)
  local first = redis.call('XRANGE', key, '0-1', '0-1')
  if #first > 0 then return first[1][2][2] end
  if redis.call('EXISTS', key) == 1 then return 'none' end
  redis.call('XADD', key, '0-1', 'epoch', fresh)
  return fresh
end
local epoch = epochOf(ARGV[1])
`

/** ARGV: fresh epoch, epoch and ID of the cursor, count. */
const READ = `${COMMON}
local from, lost = ARGV[3], 0
if epoch ~= ARGV[2] or (from ~= '0-1' and #redis.call('XRANGE', key, from, from) == 0) then
  if ARGV[2] ~= '' then lost = 1 end
  from = '0-1'
end
local ms, seq = string.match(from, '^(%d+)-(%d+)$')
local found = redis.call('XRANGE', key, ms .. '-' .. string.format('%d', tonumber(seq) + 1), '+', 'COUNT', ARGV[4])
local reply = { epoch, #found > 0 and found[#found][1] or from, lost, #found == tonumber(ARGV[4]) and 1 or 0 }
for _, entry in ipairs(found) do reply[#reply + 1] = entry[2][2] end
return reply
`

/**
 * ARGV: fresh epoch, epoch and ID of the cursor or two empty texts, size or an empty text, a random number below 1,
 * the channel, the second of this process, then a text and the second in which it expires for each record.
 *
 * Each call deletes some records that have expired by the clock of Redis and by that of this process, since one of them may be
 * wrong: of the oldest, and of those from a random time on, because any number of the oldest may last longer than the others.
 */
const ADD = `${COMMON}
if ARGV[2] ~= '' then
  local last = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)
  -- A stream that was trimmed to nothing has no entry, not even the first.
  if epoch ~= ARGV[2] or (#last > 0 and last[1][1] or '0-1') ~= ARGV[3] then return 'changed' end
end
local now = math.min(tonumber(redis.call('TIME')[1]), tonumber(ARGV[7]))
local function deleteExpired(from)
  for _, entry in ipairs(redis.call('XRANGE', key, from, '+', 'COUNT', 10)) do
    local expires = tonumber(entry[2][4] or '')
    if not expires or expires < now then redis.call('XDEL', key, entry[1]) end
  end
end
deleteExpired('0-2')
local oldest = redis.call('XRANGE', key, '0-2', '+', 'COUNT', 1)
if #oldest > 0 then
  local first = tonumber(string.match(oldest[1][1], '^%d+'))
  local last = tonumber(string.match(redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1][1], '^%d+'))
  deleteExpired(string.format('%d-0', first + math.floor((last - first) * tonumber(ARGV[5]))))
end
local count = (#ARGV - 7) / 2
if ARGV[4] ~= '' and redis.call('XLEN', key) - 1 + count > tonumber(ARGV[4]) then return 'full' end
for at = 8, #ARGV, 2 do redis.call('XADD', key, '*', 'record', ARGV[at], 'expires', ARGV[at + 1]) end
-- A user who may not publish has added them all the same.
redis.pcall('PUBLISH', ARGV[6], '')
return 'added'
`

const PAGE = 500

/** @param key of the stream, to which a client may add a prefix of its own, and the name of the channel, to which it adds none */
export function createRevocationStore(client: unknown, redis: Commands, key: string): RevocationStore {
  const channel = key
  return {
    async read(cursor) {
      const [epoch, id] = partsOf(cursor)
      return pageOf(await redis.run(READ, key, crypto.randomUUID(), epoch, id, String(PAGE)))
    },
    async add(records, { size, cursor }) {
      const [epoch, id] = cursor === undefined ? ['', ''] : partsOf(cursor)
      const values = records.flatMap(({ text, expiresAt }) => [text, String(Math.ceil(expiresAt))])
      const reply = await redis.run(
        ADD,
        key,
        crypto.randomUUID(),
        epoch,
        id,
        size === undefined ? '' : String(size),
        Math.random().toFixed(6),
        channel,
        String(Math.floor(Date.now() / 1000)),
        ...values,
      )
      const outcome = OUTCOMES.find((one) => one === textOf(reply))
      if (!outcome) throw new Error('bearward: Redis replied to a script with something unexpected')
      return outcome
    },
    subscribe: (listener) => subscribeTo(client, channel, listener),
  }
}

const OUTCOMES = ['added', 'full', 'changed'] as const

/** Epoch and ID; the epoch has no slash. */
function partsOf(cursor: string | undefined): readonly [epoch: string, id: string] {
  const [epoch = '', id = '0-1'] = cursor?.split('/') ?? []
  return [epoch, id]
}

function pageOf(reply: unknown): RevocationPage {
  if (!Array.isArray(reply) || reply.length < 4) {
    throw new Error('bearward: Redis replied to a script with something unexpected')
  }
  const [epoch, id, lost, more, ...records] = reply.map((one) => textOf(one) ?? '')
  return { records, cursor: `${epoch}/${id}`, lost: lost === '1', more: more === '1' }
}
