import { introduce } from './introduction.ts'
import { SECTIONS } from './requests.ts'
import { type Outcome, run } from './run.ts'
import type { Stage } from './stage.ts'
import { tableOn } from './table.ts'
import type { Terminal } from './terminal.ts'

/** Prints the whole table, row by row. True if all responses were exactly as expected. */
export async function demonstrate(stage: Stage, terminal: Terminal): Promise<boolean> {
  const start = performance.now()
  introduce(stage, terminal)
  const frameworks = stage.apis.map(({ framework }) => framework)
  const table = tableOn(terminal, frameworks)
  const outcomes: Outcome[] = []
  for (const { title, rows } of SECTIONS) {
    table.section(title)
    for (const row of rows) {
      stage.signal.throwIfAborted()
      if (row.before) {
        table.event(row.before.say)
        await row.before.act(stage)
      }
      const outcome = await run(row, stage)
      table.outcome(outcome)
      outcomes.push(outcome)
    }
  }
  const good = outcomes.filter(({ asExpected }) => asExpected).length
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const sum = `${good} of ${outcomes.length} rows as expected on ${frameworks.join(', ')}, in ${seconds} seconds`
  terminal.print()
  terminal.print(terminal.paint(good === outcomes.length ? 'green' : 'red', sum))
  return good === outcomes.length
}
