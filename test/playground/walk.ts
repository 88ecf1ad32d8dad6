import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { type Playground, startPlayground } from '../../examples/playground/playground.ts'
import { openBrowser } from '../support/chromium/chromium.ts'
import { type Manner, Visitor } from './visitor.ts'

/** Milliseconds for one click, on a busy machine. */
const MAX_WAIT = 60_000

export interface Walk {
  readonly playground: Playground
  readonly browser: Browser
  readonly visitor: Visitor
}

/** Two ways in which people use the page, which together have both of each property. */
export const AT_A_DESK: Manner = { width: 1440, height: 900, colorScheme: 'light', by: 'pointer' }
export const ON_A_PHONE: Manner = { width: 390, height: 844, colorScheme: 'dark', by: 'keyboard' }

/** One playground and one browser for all tests of a file, and a new visitor for each test. */
export function walks(manner = AT_A_DESK): Walk {
  const { width, height, colorScheme } = manner
  const walk = {} as { playground: Playground; browser: Browser; visitor: Visitor }
  beforeAll(async () => {
    ;[walk.playground, walk.browser] = await Promise.all([startPlayground(0), openBrowser()])
  })
  afterAll(async () => {
    await walk.browser?.close()
    await walk.playground?.close()
  })
  beforeEach(async () => {
    const context = await walk.browser.newContext({ reducedMotion: 'reduce', viewport: { width, height }, colorScheme })
    context.setDefaultTimeout(MAX_WAIT)
    walk.visitor = new Visitor(context, await context.newPage(), manner)
    await walk.visitor.page.goto(walk.playground.url)
  })
  afterEach(async () => {
    const widest = await walk.visitor.page.locator('html').evaluate((html) => html.scrollWidth)
    await walk.visitor.context.close()
    expect(widest, 'nothing sticks out').toBeLessThanOrEqual(width)
    expect(walk.visitor.complaints, 'what the browser complained about').toEqual([])
  })
  return walk
}
