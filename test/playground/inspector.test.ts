import { expect, it } from 'vitest'
import { unsigned, withMoreScope } from '../../examples/demo/jwt-parts.ts'
import { describeWithChromium } from '../support/chromium/chromium.ts'
import { walks } from './walk.ts'

describeWithChromium('the token inspector', () => {
  const walk = walks()
  const input = () => walk.visitor.page.getByLabel('A token, or one of your own pasted in')

  async function tokenOfMachine(): Promise<string> {
    await walk.visitor.choose('Client credentials')
    await walk.visitor.press('Ask for a token')
    return input().inputValue()
  }

  it('explains a bad token with the reason of the API, for each kind', async () => {
    const { visitor } = walk
    const token = await tokenOfMachine()
    expect(await visitor.result()).toContain('GET /orders: yes')
    expect(await visitor.result()).toContain('POST /orders: 403 insufficient_scope, for want of write:orders')
    expect(await visitor.inspected()).toMatch(/expires in (59 minutes|1 hour), (at|on) /)

    const [header = '', claims = '', signature = ''] = token.split('.')
    for (const [bad, decisive] of [
      [withMoreScope(token), 'signature: does not verify'],
      [unsigned(token), 'alg: not on the list'],
      [changed(token, { exp: 1 }), 'signature: does not verify'],
      [`${header}.${claims}A.${signature}`, 'The middle part is not a JSON object'],
      [changed(token, { iss: 'https://elsewhere.example' }), 'iss: not the authorization server'],
    ] as const) {
      await input().fill(bad)
      await visitor.page.getByRole('complementary').getByText(decisive).first().waitFor()
      expect(await visitor.result(), decisive).toMatch(/^The API would refuse it: 401 invalid_token/)
      expect(await visitor.result()).toContain(decisive)
    }
    await input().fill('x7Ld0-opaque')
    await visitor.page.getByText('An opaque token: it says nothing by itself').waitFor()
  })

  it('sends a pasted token nowhere', async () => {
    const { page } = walk.visitor
    const token = await tokenOfMachine()
    const requests: string[] = []
    page.on('request', (request) => requests.push(`${request.url()} ${request.postData()}`))
    await input().fill(withMoreScope(token))
    await page.getByText('signature: does not verify').waitFor()
    expect(requests).toEqual([])
  })
})

/** Other claims with the same signature. */
function changed(token: string, claims: object): string {
  const [header, payload = '', signature] = token.split('.')
  const before = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  return `${header}.${Buffer.from(JSON.stringify({ ...before, ...claims })).toString('base64url')}.${signature}`
}
