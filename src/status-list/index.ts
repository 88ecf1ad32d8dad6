export type { StatusListOptions } from './options.ts'
export { statusList } from './status-list.ts'
