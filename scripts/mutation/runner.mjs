// Runs tests for Stryker, in its own process. Stryker's runner for Vitest starts a worker for each mutant, which loads the
// package and the test again module by module: a second each. Here each test file is bundled once, and evaluated again for
// each mutant, so that no mutant meets what another one left behind. The functions that tests import are Vitest's own.
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import { DryRunStatus, determineHitLimitReached, TestStatus, toMutantRunResult } from '@stryker-mutator/api/test-runner'
import { startTests } from '@vitest/runner'
import { build } from 'esbuild'
import { vi } from 'vitest'

// Where Vitest looks for the settings of its workers.
globalThis.__vitest_worker__ = { config: { expect: {} } }
process.env.BEARWARD_TEST_TIER = 'quick'
process.env.BEARWARD_TEST_ADAPTERS = 'node'

const CONFIG = {
  root: '',
  setupFiles: [],
  name: '',
  passWithNoTests: true,
  testNamePattern: undefined,
  allowOnly: false,
  sequence: { seed: 0, hooks: 'stack', setupFiles: 'list', shuffle: false, concurrent: false },
  chaiConfig: undefined,
  maxConcurrency: 1,
  // What a mutant makes wait for ever ends here.
  testTimeout: 20_000,
  hookTimeout: 20_000,
  retry: 0,
  includeTaskLocation: false,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
}

// Tests create key pairs, which takes longer than all the rest of most tests. The same calls, in the same order, get the
// same pairs again.
const pairs = new Map()
const calls = new Map()
const repeated =
  (create) =>
  (...args) => {
    const kind = JSON.stringify(args)
    const call = calls.get(kind) ?? 0
    calls.set(kind, call + 1)
    const name = `${call} ${kind}`
    if (!pairs.has(name)) pairs.set(name, create(...args))
    return pairs.get(name)
  }
crypto.generateKeyPairSync = repeated(crypto.generateKeyPairSync)
const { subtle } = crypto.webcrypto
subtle.generateKey = repeated(subtle.generateKey.bind(subtle))
syncBuiltinESMExports()

const LEFT_OUT = process.env.BEARWARD_MUTATION_LEFT_OUT?.split('|') ?? []

const STATES = { pass: TestStatus.Success, fail: TestStatus.Failed }

// What the changed code and Stryker share.
globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {}

class InProcessRunner {
  #shared = globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE]
  #bundles = new Map()
  #evaluations = 0
  #unhandled = []

  capabilities() {
    // Modules are evaluated for each run, so mutants in what they do when they are loaded can be activated.
    return { reloadEnvironment: true }
  }

  async init() {
    process.on('unhandledRejection', (error) => this.#unhandled.push(error))
    // Stryker has changed to its copy of the tree by now, and not yet when it loaded this file.
    const root = process.cwd()
    CONFIG.root = root
    const files = process.env.BEARWARD_MUTATION_TESTS?.split(' ') ?? []
    const extension = `.${process.pid}.mjs`
    await build({
      absWorkingDir: root,
      entryPoints: files,
      // Beside the tests, which read files by their relative path.
      outdir: root,
      outbase: '.',
      outExtension: { '.js': extension },
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'error',
      conditions: ['@bearward/source'],
      plugins: [{ name: 'dependencies', setup: leaveDependencies }],
    })
    for (const file of files) this.#bundles.set(file, pathToFileURL(resolve(file.replace(/\.ts$/, extension))).href)
  }

  async dryRun() {
    this.#shared.activeMutant = undefined
    const tests = []
    for (const file of this.#bundles.keys()) tests.push(...(await this.#run(file, { measured: true })))
    // What runs while a file is loaded and in tests as well is seen by those tests: no need to run all of them.
    const { static: whileLoading, perTest } = this.#shared.mutantCoverage
    for (const covered of Object.values(perTest)) for (const mutant of Object.keys(covered)) delete whileLoading[mutant]
    return { status: DryRunStatus.Complete, tests, mutantCoverage: { static: whileLoading, perTest } }
  }

  async mutantRun({ testFilter, activeMutant, mutantActivation, hitLimit }) {
    Object.assign(this.#shared, { hitCount: hitLimit === undefined ? undefined : 0, hitLimit })
    const tests = []
    for (const file of this.#bundles.keys()) {
      const selected = testFilter?.filter((id) => id.startsWith(`${file}#`))
      if (selected?.length === 0) continue
      tests.push(...(await this.#run(file, { selected, mutant: activeMutant.id, mutantActivation })))
      if (tests.some(({ status }) => status === TestStatus.Failed)) break
    }
    const limit = determineHitLimitReached(this.#shared.hitCount, hitLimit)
    return toMutantRunResult(limit ?? { status: DryRunStatus.Complete, tests })
  }

  async #run(file, { selected, mutant, mutantActivation, measured = false }) {
    const shared = this.#shared
    const chosen = selected && new Set(selected)
    const idOf = (test) => `${file}#${fullName(test)}`
    let failed = false
    this.#unhandled = []
    calls.clear()
    shared.activeMutant = mutantActivation === 'static' ? mutant : undefined
    const results = await startTests([resolve(file)], {
      config: CONFIG,
      importFile: () => import(`${this.#bundles.get(file)}?${this.#evaluations++}`),
      onCollected: (files) => {
        for (const test of testsIn(files))
          if (chosen?.has(idOf(test)) === false || LEFT_OUT.some((end) => test.name.endsWith(end))) test.mode = 'skip'
      },
      onBeforeRunFiles: () => {
        shared.activeMutant = mutant
      },
      // After the first failure the mutant is dead.
      onBeforeRunTask: (test) => {
        if (failed && !measured && test.mode === 'run') test.mode = 'skip'
      },
      onBeforeTryTask: (test) => {
        shared.currentTestId = measured ? idOf(test) : undefined
      },
      onAfterRunTask: (test) => {
        shared.currentTestId = undefined
        vi.restoreAllMocks()
        failed ||= test.result?.state === 'fail'
      },
    })
    shared.activeMutant = undefined
    const outside = results.flatMap(errorsOf)[0]?.message ?? this.#unhandled.map(String)[0]
    if (outside !== undefined) {
      // The failure of a hook or of the file itself; Stryker wants it to be one of a test.
      const id = selected?.[0] ?? `${file}#`
      return [{ id, name: id, timeSpentMs: 0, status: TestStatus.Failed, failureMessage: outside }]
    }
    return testsIn(results).map((test) => ({
      id: idOf(test),
      name: fullName(test),
      timeSpentMs: test.result?.duration ?? 0,
      status: STATES[test.result?.state] ?? TestStatus.Skipped,
      failureMessage: test.result?.errors?.[0]?.message ?? '',
    }))
  }
}

const testsIn = (suites) => suites.flatMap((task) => (task.type === 'test' ? [task] : testsIn(task.tasks)))

/** What failed outside of tests: in loading the file, or in a hook. */
const errorsOf = (suite) =>
  suite.type === 'test' ? [] : [...(suite.result?.errors ?? []), ...suite.tasks.flatMap(errorsOf)]

function fullName(test) {
  const names = []
  for (let task = test; task && task !== test.file; task = task.suite) names.unshift(task.name)
  return names.join(' ')
}

/** Packages are loaded from node_modules, as they are. */
function leaveDependencies({ onResolve }) {
  onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
    kind === 'entry-point' || /^bearward(\/|$)/.test(path) ? undefined : { path, external: true },
  )
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner)]
