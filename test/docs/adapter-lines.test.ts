import { expect, it } from 'vitest'
import { ADAPTERS_PAGE, adapterLines, linesOfUser } from '../../scripts/adapter-lines/lines.ts'
import { ROOT, readPage } from './pages.ts'

it('the table of docs/adapters.md counts the lines that are there; `npm run docs` writes it', () => {
  expect(readPage(ADAPTERS_PAGE).text).toContain(
    `<!-- written by npm run docs -->\n\n${adapterLines(ROOT)}\n\n<!-- end -->`,
  )
})

it('lines of a user are the import, the options, and what names something of either', () => {
  const program = `
import { resourceServer } from 'bearward/express'
import express from 'express'

const { requireScope, metadata } = resourceServer({
  resource: 'https://api.example.com',
  issuer: 'https://auth.example.com',
})
// requireScope in a comment, and 'metadata' in a string
const app = express().use(metadata())
const guard = requireScope('metadata')
app.get('/metadata', (req, res) => res.json({}))
app.get('/orders', guard, (req, res) => {
  res.json({})
})`
  expect(linesOfUser(program)).toEqual({ setUp: 5, total: 8, routes: 1 })
})
