// Writes docs/api.md from the doc comments of everything the package exports, docs/options.md from the checks of the options and
// the doc comments of their types, and the table of docs/adapters.md from the adapters and the programs on their pages.
//
//   npm run docs
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ADAPTERS_PAGE, adapterLines } from '../adapter-lines/lines.ts'
import { OPTIONS_PAGE, optionsPage } from '../options-page/page.ts'
import { writeTable } from '../write-table.ts'
import { apiReference, REFERENCE } from './reference.ts'

const root = process.cwd()
writeFileSync(join(root, REFERENCE), apiReference(root))
writeFileSync(join(root, OPTIONS_PAGE), optionsPage(root))
writeTable(ADAPTERS_PAGE, 'npm run docs', adapterLines(root))
