// Writes docs/api.md from the doc comments of everything the package exports, and docs/options.md from the checks of the
// options and the doc comments of their types.
//
//   npm run docs
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OPTIONS_PAGE, optionsPage } from '../options-page/page.ts'
import { apiReference, REFERENCE } from './reference.ts'

const root = process.cwd()
writeFileSync(join(root, REFERENCE), apiReference(root))
writeFileSync(join(root, OPTIONS_PAGE), optionsPage(root))
