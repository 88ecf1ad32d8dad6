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
    expect(await focused()).toBe('Start with the first: authorization code')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Authorization code' }).waitFor()
    await page.getByRole('button', { name: 'Build the address' }).press('Enter')
    const seen = page.getByRole('article', { name: 'The address the browser is sent to' })
    await seen.waitFor()
    expect(await focused(), 'focus goes to what has come of it').toBe('The address the browser is sent to')
    expect(await page.getByRole('status').innerText()).toContain('The address the browser is sent to')

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
