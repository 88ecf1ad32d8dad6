#!/usr/bin/env node
import process from 'node:process'
import { run } from './run.ts'

// Not process.exit(): it could truncate the output, and nothing keeps the process alive.
process.exitCode = await run(process.argv.slice(2), process)
