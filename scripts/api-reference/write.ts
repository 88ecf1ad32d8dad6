import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OPTIONS_PAGE, optionsPage } from '../options-page/page.ts'
import { apiReference, REFERENCE } from './reference.ts'

const root = process.cwd()
writeFileSync(join(root, REFERENCE), apiReference(root))
writeFileSync(join(root, OPTIONS_PAGE), optionsPage(root))
