#!/usr/bin/env node
import process from 'node:process'
import { run } from './run.ts'

// Not process.exit(): what has been written must arrive, and nothing is left that could keep the process alive.
process.exitCode = await run(process.argv.slice(2), process)
