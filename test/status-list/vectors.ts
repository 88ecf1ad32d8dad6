/** A test vector of draft-ietf-oauth-status-list-21: a list, and the statuses that are not 0. */
export interface Vector {
  readonly bits: number
  readonly lst: string
  readonly size: number
  readonly statuses: Readonly<Record<number, number>>
}

const inOrder = (...statuses: readonly number[]) => Object.fromEntries(statuses.entries())

/** §4.1 and §4.2, and Appendix C.1 and C.2, which have 2^20 entries. */
export const VECTORS: Readonly<Record<string, Vector>> = {
  '§4, 1 bit': {
    bits: 1,
    lst: 'eNrbuRgAAhcBXQ',
    size: 16,
    statuses: inOrder(1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1),
  },
  '§4, 2 bits': {
    bits: 2,
    lst: 'eNo76fITAAPfAgc',
    size: 12,
    statuses: inOrder(1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3),
  },
  'C.1': {
    bits: 1,
    lst:
      'eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogEAAKkeCQAAAAAAAAAAAAAAAAAAAIBylgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
      'AAAAAAAAAAAAAAAAAAAAXG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAAvhsSAAAAAAAAAAAA7KpLAAAAAAAAAAAAAAAAAAAAAJsLCQAAAAAA' +
      'AAAAADjelAAAAAAAAAAAKjDMAQAAAACAZC8L2AEb',
    size: 2 ** 20,
    statuses: {
      0: 1,
      1993: 1,
      25460: 1,
      159495: 1,
      495669: 1,
      554353: 1,
      645645: 1,
      723232: 1,
      854545: 1,
      934534: 1,
      1000345: 1,
    },
  },
  'C.2': {
    bits: 2,
    lst:
      'eNrt2zENACEQAEEuoaBABP5VIO01fCjIHTMStt9ovGVIAAAAAABAbiEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEB5WwIAAAAA' +
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAID0' +
      'ugQAAAAAAAAAAAAAAAAAQG12SgAAAAAAAAAAAAAAAAAAAAAAAAAAAOCSIQEAAAAAAAAAAAAAAAAAAAAAAAD8ExIAAAAAAAAAAAAAAAAA' +
      'AAAAAAAAAAAAAAAAAAAAAAAAwJEuAQAAAAAAAAAAAAAAAAAAAAAAAMB9SwIAAAAAAAAAAAAAAAAAAACoYUoAAAAAAAAAAAAAAEBqH81g' +
      'AQw',
    size: 2 ** 20,
    statuses: {
      0: 1,
      1993: 2,
      25460: 1,
      159495: 3,
      495669: 1,
      554353: 1,
      645645: 2,
      723232: 1,
      854545: 1,
      934534: 2,
      1000345: 3,
    },
  },
}
