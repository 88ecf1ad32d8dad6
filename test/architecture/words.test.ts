import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './rules.ts'

// Code and documents use RFC terms and plain English. The words to avoid are data, so that this file contains none.
const LIST = 'test/architecture/banned-words.txt'

const FOLDERS = ['src', 'adapters', 'cli', 'providers', 'testing', 'test', 'examples', 'scripts', 'docs', 'bench']
const DOCUMENTS = ['*.md', '.github']

interface BannedWord {
  readonly pattern: RegExp
  readonly isIdentifier: boolean
  readonly instead: string
}

const read = (path: string): string => readFileSync(posix.join(root, path), 'utf8')

const WORDS: readonly BannedWord[] = read(LIST)
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [word = '', instead = ''] = line.split('\t')
    const isIdentifier = /[A-Z]/.test(word)
    return { pattern: new RegExp(`\\b(?:${word})\\b`, isIdentifier ? '' : 'i'), isIdentifier, instead }
  })

/** Separates the words of identifiers: `aName` and `A_NAME` become `a Name` and `A NAME`. */
const separated = (line: string): string => line.replace(/(?<=[a-z\d])(?=[A-Z])/g, ' ').replaceAll('_', ' ')

/** Such as `src/a.ts:3: "x", use "y"`. */
function bannedWordsIn(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const words = separated(line)
    return WORDS.flatMap(({ pattern, isIdentifier, instead }) => {
      const found = pattern.exec(isIdentifier ? line : words)?.[0]
      return found === undefined ? [] : [`${path}:${index + 1}: "${found}", use "${instead}"`]
    })
  })
}

function trackedFiles(): readonly string[] {
  const names = execFileSync('git', ['ls-files', '-z', ...FOLDERS, ...DOCUMENTS], { cwd: root, encoding: 'utf8' })
  return names.split('\0').filter((name) => /\.(?:ts|mjs|md|yml)$/.test(name))
}

describe('banned words', () => {
  it('occur in no file', () => {
    const paths = trackedFiles()
    expect(paths.length).toBeGreaterThan(500)
    expect(paths.flatMap((path) => bannedWordsIn(path, read(path)))).toEqual([])
  })

  it('are found in sentences and identifiers, with the line and the word to use', () => {
    const word = ['no', 'body'].join('')
    const capitalized = word.replace('n', 'N')
    expect(bannedWordsIn('a.md', `line\n${capitalized} calls it`)).toEqual([`a.md:2: "${capitalized}", use "no one"`])
    expect(bannedWordsIn('a.ts', `const is${capitalized} = 1`)).toHaveLength(1)
    expect(bannedWordsIn('a.ts', `const ${word.toUpperCase()}_ELSE = 1`)).toHaveLength(1)
    expect(bannedWordsIn('a.ts', `const MOST${'_'}TOKENS = 1`)).toHaveLength(1)
    expect(bannedWordsIn('a.ts', 'const anewsletter = most')).toEqual([])
  })
})
