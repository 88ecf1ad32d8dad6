import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiReference, REFERENCE } from './reference.ts'

const root = process.cwd()
writeFileSync(join(root, REFERENCE), apiReference(root))
