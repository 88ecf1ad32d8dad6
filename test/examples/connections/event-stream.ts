/** The events of a response (text/event-stream), read as they arrive. */
export interface Events {
  /** The data of the first event `opened`. */
  readonly opened: Promise<Record<string, unknown>>
  /** The data of the last event, once the response has ended. */
  readonly ended: Promise<Record<string, unknown>>
  /** How many events of a name have arrived. */
  received(event: string): number
  cancel(): Promise<void>
}

export function eventsOf(response: Response): Events {
  const events: { readonly event: string; readonly data: Record<string, unknown> }[] = []
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let onOpened: (data: Record<string, unknown>) => void
  const opened = new Promise<Record<string, unknown>>((resolve) => {
    onOpened = resolve
  })

  async function read(): Promise<Record<string, unknown>> {
    let text = ''
    for (;;) {
      const { done, value = '' } = (await reader?.read()) ?? { done: true }
      if (done) return events.at(-1)?.data ?? {}
      text += value
      const complete = text.split('\n\n')
      text = complete.pop() ?? ''
      for (const one of complete) {
        const [, event = '', data = '{}'] = /^event: (.*)\ndata: (.*)$/.exec(one) ?? []
        events.push({ event, data: JSON.parse(data) })
        if (event === 'opened') onOpened(JSON.parse(data))
      }
    }
  }

  return {
    opened,
    ended: read(),
    received: (name) => events.filter(({ event }) => event === name).length,
    cancel: async () => reader?.cancel(),
  }
}
