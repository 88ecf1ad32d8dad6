// Writes docs/providers.md: starts an API with the options for each provider, and sends it tokens of that provider.
//
//   npm run docs:providers
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decideAll, providerTable, TABLE } from '../../test/providers/table.ts'

const root = process.cwd()
writeFileSync(join(root, TABLE), providerTable(root, await decideAll()))
