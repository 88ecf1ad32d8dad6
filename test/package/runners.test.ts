import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyInto, install, openWorkshop, pack, run } from './workshop.ts'

// The expectations of bearward/testing under other test runners, from the tarball. Runners differ in how they recognize
// and print a failed assertion. jest is too large for our own dependencies.

const RUNNERS = [
  {
    name: 'jest',
    packages: ['jest@30.5.2'],
    program: 'with-jest.mjs',
    // Packages of ES modules only need the flag: https://jestjs.io/docs/ecmascript-modules
    args: ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--testRegex', 'with-jest\\.mjs$'],
    counts: ['3 failed, 2 passed, 5 total'],
    isAssertion: 'assert.deepStrictEqual(received, expected)',
  },
  {
    name: 'node:test',
    packages: [],
    program: 'with-node-test.mjs',
    args: ['--test', '--test-reporter=tap', 'with-node-test.mjs'],
    counts: ['# pass 2', '# fail 3'],
    isAssertion: "code: 'ERR_ASSERTION'",
  },
]

const workshop = openWorkshop()
let tarball: string
beforeAll(async () => {
  ;({ tarball } = await pack(workshop.folder))
})
afterAll(() => workshop.close())

describe.each(RUNNERS)('under $name', ({ name, packages, program, args, counts, isAssertion }) => {
  it('expectations hold, or fail as assertions that say what differs', async () => {
    const folder = join(workshop.folder, name.replace(':', '-'))
    await install(folder, [tarball, ...packages])
    copyInto(folder, 'programs/expectations.mjs', `programs/${program}`)
    const { code, output } = await run(process.execPath, args, folder)
    for (const count of counts) expect(output).toContain(count)
    expect(output).toContain(isAssertion)
    for (const words of [
      'The response does not carry the expected challenge',
      'status: 200, expected 403',
      'scope: none, expected "pay"',
      'The WWW-Authenticate header is malformed: no list of challenges',
      'The response does not report an outage',
      'status: 401, expected 503',
    ]) {
      expect(output).toContain(words)
    }
    expect(code).toBe(1)
  })
})
