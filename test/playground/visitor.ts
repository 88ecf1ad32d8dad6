import type { BrowserContext, Page } from 'playwright-core'

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

  constructor(context: BrowserContext, page: Page) {
    this.context = context
    this.page = page
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text())
    })
  }

  /** From the first screen to a flow. */
  async choose(flow: string): Promise<void> {
    await this.page.getByRole('link', { name: 'playground' }).click()
    await this.page.getByRole('main').getByRole('link', { name: flow }).first().click()
    await this.page.getByRole('heading', { level: 1, name: flow }).waitFor()
  }

  /** Clicks a button, and reads the new entry. */
  async press(label: string): Promise<Seen> {
    return this.#reading(() => this.page.getByRole('button', { name: label, exact: true }).click())
  }

  /** Follows a link back to the page, and reads the new entry. */
  async follow(label: string): Promise<Seen> {
    return this.#reading(() => this.page.getByRole('link', { name: label }).click())
  }

  /** Signs in and consents at the authorization server. */
  async agree({ withhold }: { readonly withhold?: string } = {}): Promise<Seen> {
    return this.#reading(async () => {
      await this.page.getByRole('link', { name: 'Go to the authorization server' }).click()
      await this.page.getByRole('button', { name: 'Sign in as Alice' }).click()
      if (withhold !== undefined) await this.page.getByLabel(withhold).uncheck()
      await this.page.getByRole('button', { name: 'Allow' }).click()
    })
  }

  /** Signs out at the authorization server. */
  async signOut(): Promise<Seen> {
    return this.#reading(async () => {
      await this.page.getByRole('link', { name: 'Sign out at the authorization server' }).click()
      await this.page.getByRole('button', { name: 'Sign out everywhere' }).click()
    })
  }

  async refuse(): Promise<Seen> {
    return this.#reading(async () => {
      await this.page.getByRole('link', { name: 'Go to the authorization server' }).click()
      await this.page.getByRole('button', { name: 'Sign in as Alice' }).click()
      await this.page.getByRole('button', { name: 'Deny' }).click()
    })
  }

  /** Sends a request to the API with the form of the last step. */
  async present({ framework, route = 'GET /orders', token = 'access token', ...more }: Choice): Promise<Seen> {
    const { place = 'Authorization header', sent = 'as it is', proof, connection } = more
    const form = this.page.getByRole('form', { name: 'A request to the API' })
    const picked = await form.locator('label:has(:checked)').allTextContents()
    const pick = async (group: string, label: string) => {
      if (picked.some((one) => one.startsWith(label))) return
      await form.getByRole('group', { name: group, exact: true }).getByRole('radio', { name: label }).check()
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
    return this.page.getByRole('complementary').innerText()
  }

  /** The result of the inspector for its token. */
  async result(): Promise<string> {
    return (await this.page.getByRole('complementary').locator('.decision').innerText()).trim()
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
