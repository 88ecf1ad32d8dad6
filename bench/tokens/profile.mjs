import { Session } from 'node:inspector/promises'

/**
 * The parts of the time of a token. A function belongs to the first part that matches its name or the end of its file.
 *
 * @type {readonly { part: string, names?: readonly string[], files?: RegExp }[]}
 */
const PARTS = [
  {
    part: 'signature',
    names: ['run', 'SignJob'],
    files: /internal\/crypto\/(sig|keys|util)$|jws\/\S+-engine\.js$/,
  },
  { part: 'digest of the token', names: ['oneShotDigest'], files: /internal\/crypto\/hash$|util\/digest\.js$/ },
  { part: 'garbage collection', names: ['(garbage collector)'] },
  { part: 'JSON', names: ['parseJsonObject'] },
  {
    part: 'base64url and text',
    names: ['base64urlWrite', 'base64urlSlice', 'utf8Slice', 'latin1Write'],
    files: /^node:(internal\/)?buffer$|util\/encoding\.js$|jws\/compact\.js$/,
  },
  { part: 'caching it', files: /verifier\/(jwt|signature)-cache\.js$|util\/bounded-cache\.js$|lru-cache/ },
  {
    part: 'rules on header and claims',
    files: /(jwt|claims|access-token|verifier|issuers|jwks|util)\/[\w-]+\.js$|src\/options\.js$/,
  },
  { part: 'everything else' },
]

export const PART_NAMES = PARTS.map(({ part }) => part)

const INTERVAL = 100 // microseconds between two samples

/**
 * Runs something under the sampling profiler of V8.
 *
 * @param {() => void} action
 * @returns {Promise<Record<string, number>>} the share of each part, together 1
 */
export async function profiled(action) {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL })
  await session.post('Profiler.start')
  action()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  const parts = new Map(profile.nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]))
  const samples = profile.samples ?? []
  const shares = Object.fromEntries(PART_NAMES.map((part) => [part, 0]))
  for (const id of samples) shares[parts.get(id) ?? ''] += 1 / samples.length
  return shares
}

/** @param {{ functionName: string, url: string }} frame */
const partOf = ({ functionName, url }) =>
  PARTS.find(
    ({ names, files }) =>
      names?.includes(functionName) || files?.test(url) || (names === undefined && files === undefined),
  )?.part
