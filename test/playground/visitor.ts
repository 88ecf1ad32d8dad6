import type { BrowserContext, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

/** How a visitor sees the page and acts on it. */
export interface Manner {
  readonly width: number
  readonly height: number
  readonly colorScheme: 'light' | 'dark'
  readonly by: 'pointer' | 'keyboard'
}

/** What the page shows after a click on a button. */
export interface Seen {
  readonly title: string
  readonly outcome: 'good' | 'refused' | 'note'
  /** What was chosen for a request to the API. */
  readonly choices: string
  readonly text: string
  /** Names and values of the table; the last value if a name occurs several times. */
  readonly values: Readonly<Record<string, string>>
  /** The meaning of each value in the table. */
  readonly meanings: string
  /** All HTTP messages. */
  readonly wire: string
}

export interface Choice {
  readonly framework: string
  readonly route?: string
  readonly token?: string
  readonly place?: string
  readonly sent?: string
  /** If the token is bound to a key. */
  readonly proof?: string
  /** If it is bound to a certificate. */
  readonly connection?: string
}

export const FRAMEWORKS = ['Express', 'Fastify', 'Hono']

/** A visitor of the page, who has nothing but what it shows. */
export class Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** Complaints of the browser: scripts, blocked resources, the content security policy. */
  readonly complaints: string[] = []

  readonly #manner: Manner

  constructor(context: BrowserContext, page: Page, manner: Manner) {
    this.context = context
    this.page = page
    this.#manner = manner
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text())
    })
  }

  /** Activates a link or a button, or toggles a choice. */
  async activate(target: Locator, key: 'Enter' | 'Space' = 'Enter'): Promise<void> {
    if (this.#manner.by === 'pointer') return target.click()
    // Again where the page, which has just changed, moves the focus to its heading meanwhile.
    const outlines = async () => {
      await target.focus()
      const shown = await target.evaluate((element) => {
        const outlineOf = (one: typeof element) => element.ownerDocument.defaultView.getComputedStyle(one).outlineStyle
        // A radio button may leave it to its label.
        const places = [element, ...[element.closest('label')].filter(Boolean)].map(outlineOf)
        return element.matches(':focus-visible') && element.tabIndex >= 0 ? places : ['cannot be reached']
      })
      return shown.join()
    }
    await expect
      .poll(outlines, { message: `the keyboard reaches ${target}, and the page shows it`, timeout: 5000 })
      .toMatch(/solid|auto|dashed/)
    await target.press(key)
  }

  /** From the first screen to a flow. */
  async choose(flow: string): Promise<void> {
    await this.activate(this.page.getByRole('link', { name: 'playground' }))
    await this.activate(this.page.getByRole('main').getByRole('link', { name: flow }).first())
    await this.page.getByRole('heading', { level: 1, name: flow }).waitFor()
  }

  /** Clicks a button, and reads the new entry. */
  async press(label: string): Promise<Seen> {
    return this.#reading(() => this.activate(this.page.getByRole('button', { name: label, exact: true })))
  }

  /** Follows a link back to the page, and reads the new entry. */
  async follow(label: string): Promise<Seen> {
    return this.#reading(() => this.activate(this.page.getByRole('link', { name: label })))
  }

  /** Signs in and consents at the authorization server. */
  async agree({ withhold }: { readonly withhold?: string } = {}): Promise<Seen> {
    return this.#reading(async () => {
      await this.activate(this.page.getByRole('link', { name: 'Go to the authorization server' }))
      await this.activate(this.page.getByRole('button', { name: 'Sign in as Alice' }))
      if (withhold !== undefined) await this.activate(this.page.getByLabel(withhold), 'Space')
      await this.activate(this.page.getByRole('button', { name: 'Allow' }))
    })
  }

  /** Signs out at the authorization server. */
  async signOut(): Promise<Seen> {
    return this.#reading(async () => {
      await this.activate(this.page.getByRole('link', { name: 'Sign out at the authorization server' }))
      await this.activate(this.page.getByRole('button', { name: 'Sign out everywhere' }))
    })
  }

  async refuse(): Promise<Seen> {
    return this.#reading(async () => {
      await this.activate(this.page.getByRole('link', { name: 'Go to the authorization server' }))
      await this.activate(this.page.getByRole('button', { name: 'Sign in as Alice' }))
      await this.activate(this.page.getByRole('button', { name: 'Deny' }))
    })
  }

  /** Sends a request to the API with the form of the last step. */
  async present({ framework, route = 'GET /orders', token = 'access token', ...more }: Choice): Promise<Seen> {
    const { place = 'Authorization header', sent = 'as it is', proof, connection } = more
    const form = this.page.getByRole('form', { name: 'A request to the API' })
    const picked = await form.locator('label:has(:checked)').allTextContents()
    const pick = async (group: string, label: string) => {
      if (picked.some((one) => one.startsWith(label))) return
      const radio = form.getByRole('group', { name: group, exact: true }).getByRole('radio', { name: label })
      await this.activate(radio, 'Space')
      expect(await radio.isChecked(), label).toBe(true)
    }
    await pick('Served by', framework)
    await pick('Request', route)
    await pick('Token', token)
    if (token !== 'no token') {
      await pick('Token in', place)
      await pick('Sent', sent)
      if (proof !== undefined) await pick('Proof', proof)
    }
    if (connection !== undefined) await pick('Connection', connection)
    return this.press('Send the request')
  }

  /** The same request to all three APIs. */
  async presentToAll(choice: Omit<Choice, 'framework'> = {}): Promise<Seen[]> {
    const all: Seen[] = []
    for (const framework of FRAMEWORKS) all.push(await this.present({ ...choice, framework }))
    return all
  }

  /** The text of the inspector. */
  inspected(): Promise<string> {
    return this.#inInspector((inspector) => inspector.innerText())
  }

  /** The result of the inspector for its token. */
  async result(): Promise<string> {
    return (await this.#inInspector((inspector) => inspector.locator('.decision').innerText())).trim()
  }

  /** On a narrow page, the inspector covers everything else while it is open. */
  async #inInspector(read: (inspector: Locator) => Promise<string>): Promise<string> {
    const inspector = this.page.getByRole('complementary')
    if (await inspector.isVisible()) return read(inspector)
    await this.activate(this.page.getByRole('button', { name: /^Inspector/ }))
    const text = await read(inspector)
    await this.page.keyboard.press('Escape')
    return text
  }

  async #reading(act: () => Promise<void>): Promise<Seen> {
    const entries = this.page.locator('article.entry')
    const before = await entries.count()
    await act()
    await entries.nth(before).waitFor({ state: 'attached' })
    // Entries are numbered in order of creation, and placed in the step they belong to.
    const newest = this.page.locator(`#entry-${await entries.count()}`)
    const names = await newest.locator('dt').allTextContents()
    const values = await newest.locator('dd > code').allTextContents()
    return {
      title: await newest.locator('h3').innerText(),
      outcome: (await newest.getAttribute('class'))?.split(' ').at(-1) as Seen['outcome'],
      choices: (await newest.locator('.choices').allTextContents()).join(),
      text: await newest.locator('p').first().innerText(),
      values: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])),
      meanings: (await newest.locator('dd > span').allTextContents()).join('\n'),
      wire: (await newest.locator('.message').allTextContents()).join('\n'),
    }
  }
}
