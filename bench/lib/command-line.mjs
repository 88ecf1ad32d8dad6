import { parseArgs } from 'node:util'

/**
 * @typedef {object} NumberOption
 * @property {string} text description for `--help`
 * @property {number} value the default
 * @property {number} quick the value with `--quick`
 */

/**
 * Reads the options of a command: whole numbers, and the switches every command has. Prints `--help` itself; a wrong
 * option ends the process with code 2.
 *
 * @template {string} Name
 * @param {{ name: string, text: string, numbers: Record<Name, NumberOption> }} command
 * @returns {Record<Name, number> & { print: boolean }}
 */
export function readCommandLine({ name, text, numbers }) {
  const names = /** @type {Name[]} */ (Object.keys(numbers))
  /** @type {Record<string, { type: 'string' | 'boolean' }>} */
  const options = { quick: { type: 'boolean' }, print: { type: 'boolean' }, help: { type: 'boolean' } }
  for (const option of names) options[option] = { type: 'string' }
  try {
    const { values } = parseArgs({ options, strict: true, allowPositionals: false })
    if (values.help) {
      console.log(helpText(name, text, numbers))
      process.exit(0)
    }
    const read = names.map((option) => [option, readNumber(option, values[option], numbers[option], values.quick)])
    return { ...Object.fromEntries(read), print: values.print === true }
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\nSee npm run ${name} -- --help`)
    process.exit(2)
  }
}

/**
 * @param {string} option
 * @param {string | boolean | undefined} value
 * @param {NumberOption} defaults
 * @param {unknown} quick
 */
function readNumber(option, value, defaults, quick) {
  if (value === undefined) return quick ? defaults.quick : defaults.value
  if (!/^[1-9]\d{0,6}$/.test(String(value)))
    throw new Error(`--${option} must be a whole number above 0, not '${value}'`)
  return Number(value)
}

/**
 * @param {string} name
 * @param {string} text
 * @param {Record<string, NumberOption>} numbers
 */
function helpText(name, text, numbers) {
  const rows = Object.entries(numbers).map(([option, { text, value, quick }]) => [
    `--${option} <n>`,
    `${text} (${value}; ${quick} with --quick)`,
  ])
  rows.push(
    ['--quick', 'a short run to check that everything works; its figures mean little'],
    ['--print', 'print the page instead of writing it'],
    ['--help', 'this text'],
  )
  const width = Math.max(...rows.map(([option]) => option.length))
  return [
    `npm run ${name} -- [options]`,
    '',
    text,
    `Writes results/${name}.md. Build bearward first: npm run build in the folder above.`,
    '',
    ...rows.map(([option, meaning]) => `  ${option.padEnd(width)}  ${meaning}`),
  ].join('\n')
}
