import { test } from 'node:test'
import { tests } from './expectations.mjs'

tests(test)
