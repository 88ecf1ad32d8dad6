import { createResourceServer, type StatusList } from 'bearward'
import { type StatusListOptions, statusList } from 'bearward/status-list'

export const options: StatusListOptions = { origins: ['https://status.example.com'], maxAge: 60 }
export const statuses: StatusList = statusList(options)

export const server = createResourceServer({
  resource: 'https://api.example.com',
  issuer: { issuer: 'https://auth.example.com', statusList: statuses },
})

// @ts-expect-error: a list of origins.
statusList({ origins: 'https://status.example.com' })
