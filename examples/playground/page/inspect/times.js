const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

/** A duration: "52 minutes", "1 hour". */
export function lengthOf(seconds) {
  const length = Math.abs(Math.round(seconds))
  const [unit, size] = UNITS.find(([, one]) => length >= one) ?? ['second', 1]
  const count = unit === 'second' ? length : Math.floor(length / size)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** Local time: "at 14:03", with the date if it is not today. */
export function clockTime(seconds, now) {
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) return 'at a time no clock can show'
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (date.toDateString() === new Date(now * 1000).toDateString()) return `at ${time}`
  return `on ${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })} at ${time}`
}

/** "in 52 minutes, at 14:03", "8 minutes ago, at 13:03". */
export function describeTime(seconds, now) {
  const left = seconds - now
  const words = Math.abs(left) < 1 ? 'now' : left > 0 ? `in ${lengthOf(left)}` : `${lengthOf(left)} ago`
  return `${words}, ${clockTime(seconds, now)}`
}
