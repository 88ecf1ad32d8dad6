import { tests } from './expectations.mjs'

tests(globalThis.test)
