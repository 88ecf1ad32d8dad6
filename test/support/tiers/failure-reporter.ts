import type { Reporter, TestCase } from 'vitest/node'

// fast-check ends its message with the values that repeat a run: { seed: 42, path: "3:1", endOnFailure: true }
const SEED = /\{ seed: (-?\d+), path: "([\d:]*)"/

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** The command that runs one failed test again, with its seed if the inputs were random. */
export function rerunCommand(tier: string, file: string, name: string, messages: readonly string[]): string {
  const seed = messages.map((message) => SEED.exec(message)).find((match) => match !== null)
  const settings = seed ? [`BEARWARD_SEED=${seed[1]}`, `BEARWARD_SEED_PATH=${seed[2]}`] : []
  const mode = tier === 'quick' ? [] : ['--mode', tier]
  // `-t` takes a regular expression.
  const pattern = `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`
  return [...settings, 'npx', 'vitest', 'run', ...mode, file, '-t', quoted(pattern)].join(' ')
}

/** Prints after each failed test how to run only that one again, and at the end what was skipped. */
export function failureReporter(tier: string): Reporter {
  const skipped: string[] = []
  return {
    onTestCaseResult(test: TestCase) {
      const { state } = test.result()
      if (state === 'skipped') skipped.push(`${test.module.relativeModuleId}: ${test.fullName}`)
      if (state !== 'failed') return
      const messages = (test.result().errors ?? []).map(({ message }) => message)
      const name = test.fullName.replaceAll(' > ', ' ')
      process.stderr.write(`\n  run it again: ${rerunCommand(tier, test.module.relativeModuleId, name, messages)}\n\n`)
    },
    onTestRunEnd() {
      if (skipped.length === 0) return
      const listed = skipped.slice(0, 40).map((line) => `  ${line}`)
      const more = skipped.length > listed.length ? [`  and ${skipped.length - listed.length} more`] : []
      process.stderr.write(`\nSkipped (the name says why):\n${[...listed, ...more].join('\n')}\n`)
    },
  }
}
