import { expect, it } from 'vitest'
import { describeWithChromium } from '../support/chromium/chromium.ts'
import { walks } from './walk.ts'

describeWithChromium('the page of the playground', () => {
  const walk = walks()

  it('explains the first step on its first screen, and is usable by keyboard', async () => {
    const { page } = walk.visitor
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Start with the first: Authorization code with PKCE')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Authorization code with PKCE' }).waitFor()
    await page.getByRole('button', { name: 'Register a web server' }).press('Enter')
    await page.getByRole('article', { name: 'Registered, with a secret' }).waitFor()
    expect(await focused(), 'focus moves to the result').toBe('Registered, with a secret')
    expect(await page.getByRole('status').innerText()).toContain('Registered, with a secret')

    function focused(): Promise<string> {
      return page.locator(':focus').innerText()
    }
  })

  it('has landmarks, and a label for every input and button', async () => {
    const { visitor } = walk
    const { page } = visitor
    await page.setViewportSize({ width: 1440, height: 900 })
    await visitor.choose('Client credentials')
    await visitor.press('Ask for a token')
    await visitor.present({ framework: 'Hono' })
    for (const landmark of ['banner', 'navigation', 'main', 'complementary'] as const) {
      expect(await page.getByRole(landmark).count(), landmark).toBe(1)
    }
    for (const role of ['button', 'link', 'radio', 'textbox', 'form', 'article'] as const) {
      expect(await page.getByRole(role, { name: /^$/ }).count(), `${role} without a name`).toBe(0)
    }
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
  })

  it.each([320, 390, 768, 1440])('fits a window %i pixels wide', async (width) => {
    const { visitor } = walk
    const { page } = visitor
    await page.setViewportSize({ width, height: 800 })
    for (const flow of ['Client credentials', 'DPoP-bound tokens', 'Certificate-bound tokens']) {
      await visitor.choose(flow)
      if (flow.startsWith('DPoP')) await visitor.press('Make a pair of keys')
      await visitor.press('Ask for a token')
      await visitor.present({ framework: 'Express', route: 'POST /orders' })
      const box = await page.locator('html').boundingBox()
      const main = await page.locator('.frame').boundingBox()
      expect(box?.width).toBe(width)
      expect(main?.width, 'nothing sticks out').toBeLessThanOrEqual(width)
      for (const entry of await page.locator('article.entry').all()) {
        const { x, width: wide } = (await entry.boundingBox()) ?? { x: 0, width: 0 }
        expect(x + wide).toBeLessThanOrEqual(width)
      }
    }
  })

  it.each([
    [390, 'light'],
    [390, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)('begins every flow by keyboard, at a width of %i in %s', async (width, colorScheme) => {
    const { visitor } = walk
    const { page } = visitor
    await page.setViewportSize({ width, height: 844 })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const titles = await page.locator('.cards h3').allTextContents()
    expect(titles).toHaveLength(11)
    for (const title of titles) {
      await visitor.choose(title)
      // Presses what each step offers, until it leads to another page or asks for a choice.
      for (const name of await page.locator('.steps .controls button.main').allTextContents()) {
        if (name === 'Send the request') continue
        const before = await page.locator('article.entry').count()
        await page.getByRole('button', { name, exact: true }).press('Enter')
        await page.locator('article.entry').nth(before).waitFor({ state: 'attached' })
      }
      const before = await page.locator('article.entry').count()
      await page.getByRole('button', { name: 'Send the request' }).press('Enter')
      await page.locator('article.entry').nth(before).waitFor({ state: 'attached' })
      expect(await page.locator('html').evaluate((html) => html.scrollWidth), title).toBeLessThanOrEqual(width)
      expect(
        await page.locator('h1, .step > h2').evaluateAll((all) => all.filter((one) => one.innerText === '').length),
      ).toBe(0)
    }
  })

  it('explains the whole in one picture, whose text says the same', async () => {
    const { page } = walk.visitor
    await page.getByText('New to OAuth?').press('Enter')
    const picture = page.getByRole('img', { name: /code, verifier and secret/ })
    await expect.poll(() => picture.evaluate((image) => Number(Reflect.get(image, 'naturalWidth')))).toBe(860)
  })

  it('keeps the next button, the choices and the inspector within reach, and closes earlier results', async () => {
    const { visitor } = walk
    const { page } = visitor
    const inSight = (name: string) => page.getByRole('button', { name }).first()
    for (const [width, height] of [
      [390, 844],
      [1440, 900],
    ] as const) {
      await page.setViewportSize({ width, height })
      await visitor.choose('Authorization code with PKCE')
      await page.getByRole('button', { name: 'Start over' }).click()
      await page.locator('article.entry').first().waitFor({ state: 'detached' })
      await visitor.press('Register a web server')
      const next = inSight('Next: The client makes a verifier')
      await next.click()
      expect(await page.locator(':focus').innerText()).toBe('Build the address')
      await next.waitFor({ state: 'hidden' })
      await visitor.press('Build the address')
      expect(await page.locator('article .result[open]').count(), 'what came of the last click').toBe(2)

      await visitor.choose('Client credentials')
      await visitor.press('Ask for a token')
      await visitor.present({ framework: 'Express' })
      const seen = await visitor.present({ framework: 'Hono', sent: 'admin:orders added' })
      expect(seen.choices).toBe('Hono · access token · admin:orders added · Authorization header')
      expect(await page.locator('article .result[open]').count()).toBe(1)
      const newest = await page.locator('article.entry:has(.result[open]) h3').boundingBox()
      expect(newest?.y).toBeGreaterThanOrEqual(0)
      expect(newest?.y).toBeLessThan(height)
      if (width > 1000) {
        const form = await page.getByRole('form', { name: 'A request to the API' }).boundingBox()
        expect(form?.y, 'the choices stay beside the response').toBeGreaterThanOrEqual(0)
        expect((form?.y ?? 0) + (form?.height ?? 0)).toBeLessThanOrEqual(newest?.y ?? 0)
      } else {
        expect(await page.getByRole('complementary').isVisible()).toBe(false)
        await inSight('Inspector (1)').press('Enter')
        expect(await page.locator(':focus').innerText()).toBe('Token inspector')
        expect(await visitor.result()).toContain('The API would accept it')
        await page.keyboard.press('Escape')
        expect(await page.locator(':focus').innerText()).toBe('Inspector (1)')
        expect(await page.getByRole('complementary').isVisible()).toBe(false)
      }
    }
  })

  it('hides its session from other sites, and keeps its code in separate files', async () => {
    const { page, context } = walk.visitor
    const response = await page.reload()
    expect(response?.headers()['content-security-policy']).toContain("script-src 'self';")
    const cookies = await context.cookies(walk.playground.url)
    expect(cookies).toMatchObject([{ name: 'playground', sameSite: 'Strict', httpOnly: true }])
  })

  it('loads nothing from anywhere else', async () => {
    const { page } = walk.visitor
    const hosts = new Set<string>()
    page.on('request', (request) => hosts.add(new URL(request.url()).origin))
    await page.reload()
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect([...hosts]).toEqual([walk.playground.url])
  })
})
