import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { type Playground, startPlayground } from '../../examples/playground/playground.ts'
import { openBrowser } from '../support/chromium/chromium.ts'
import { Visitor } from './visitor.ts'

/** Milliseconds for one click, on a busy machine. */
const MAX_WAIT = 60_000

export interface Walk {
  readonly playground: Playground
  readonly browser: Browser
  readonly visitor: Visitor
}

/** One playground and one browser for all tests of a file, and a new visitor for each test. */
export function walks(): Walk {
  const walk = {} as { playground: Playground; browser: Browser; visitor: Visitor }
  beforeAll(async () => {
    ;[walk.playground, walk.browser] = await Promise.all([startPlayground(0), openBrowser()])
  })
  afterAll(async () => {
    await walk.browser?.close()
    await walk.playground?.close()
  })
  beforeEach(async () => {
    const context = await walk.browser.newContext({ reducedMotion: 'reduce' })
    context.setDefaultTimeout(MAX_WAIT)
    walk.visitor = new Visitor(context, await context.newPage())
    await walk.visitor.page.goto(walk.playground.url)
  })
  afterEach(async () => {
    await walk.visitor.context.close()
    expect(walk.visitor.complaints, 'what the browser complained about').toEqual([])
  })
  return walk
}
