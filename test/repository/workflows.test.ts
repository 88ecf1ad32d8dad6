import { describe, expect, it } from 'vitest'
import { type Job, WORKFLOWS } from './files.ts'

// A workflow runs with the rights of the repository. An action that moves its tag, or a job that may do more than it
// needs, is how releases of other projects were replaced.

const jobs = WORKFLOWS.flatMap(({ path, jobs }) =>
  Object.entries(jobs).map(([name, job]): { at: string; job: Job } => ({ at: `${path} ${name}`, job })),
)

it('there are workflows for tests, runtimes and releases', () => {
  expect(WORKFLOWS.map(({ path }) => path)).toEqual([
    '.github/workflows/release.yml',
    '.github/workflows/runtimes.yml',
    '.github/workflows/test.yml',
  ])
})

describe.each(WORKFLOWS)('$path', ({ text, permissions, on }) => {
  it('pins every action to a full commit, with its version', () => {
    const used = [...text.matchAll(/\buses: (\S+)(.*)$/gm)].map(([, action = '', rest = '']) => action + rest)
    expect(used.length).toBeGreaterThan(0)
    const unpinned = used.filter((use) => !/^([\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\.\/\S+)$/.test(use))
    expect(unpinned).toEqual([])
  })

  it('gives a job no permission that the job does not name', () => {
    expect(permissions).toEqual({})
  })

  it('runs code of strangers without secrets', () => {
    // `pull_request_target` and `workflow_run` have the secrets and the token of the repository.
    expect(Object.keys(on).filter((name) => /_target$|^workflow_run$/.test(name))).toEqual([])
    expect(text).not.toContain('secrets.')
  })

  it('writes no value of a request into a script', () => {
    const scripts = [...text.matchAll(/^ +(?:- )?run: (.*(?:\n {10,}.*)*)/gm)].map(([, script = '']) => script)
    expect(scripts.length).toBeGreaterThan(0)
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([])
  })
})

describe.each(jobs)('$at', ({ job }) => {
  it('names its permissions, and writes only in the release', () => {
    expect(job.permissions).toBeDefined()
    const granted = Object.entries(job.permissions ?? {}).map(([name, access]) => `${name}: ${access}`)
    const installs = job.steps?.some(({ run }) => run?.includes('npm ci') || run?.includes('.ci/run'))
    // Dependencies run in the jobs that install them, so those may only read.
    if (installs || job.uses !== undefined) expect(granted).toEqual(['contents: read'])
    else expect([['id-token: write'], ['contents: write']]).toContainEqual(granted)
  })

  it('ends, and leaves no token in the checkout', () => {
    if (job.uses === undefined) expect(job['timeout-minutes']).toBeGreaterThan(0)
    for (const { uses, with: options } of job.steps ?? []) {
      if (uses?.startsWith('actions/checkout@')) expect(options?.['persist-credentials']).toBe(false)
    }
  })
})
