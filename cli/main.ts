#!/usr/bin/env node
import process from 'node:process'
import { EXIT } from './context.ts'
import { run } from './run.ts'

let isLost = false
// A reader that has seen enough, such as `head`, closes its end, and changes nothing about the result.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    isLost ||= code !== 'EPIPE'
  })

const [command] = process.argv.slice(2)
const stopping = new AbortController()
// The one command that runs until it is stopped; others end at once.
if (command === 'issuer') for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())

const code = await run(process.argv.slice(2), {
  env: process.env,
  get stdin() {
    return process.stdin
  },
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: () => process.cwd(),
  signal: stopping.signal,
})
// process.exit() alone could truncate the output, and without it, what a configuration opens would keep the process alive.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))))
process.exit(isLost ? EXIT.failed : code)
