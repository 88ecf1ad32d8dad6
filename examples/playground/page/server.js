/** The requests to our own server. Tokens pasted into the inspector are never sent. */

const read = async (response) => {
  if (!response.ok) throw new Error(`The playground responded with ${response.status}. Is it still running?`)
  return response.json()
}

export const setup = () => fetch('/setup.json').then(read)

export const runOf = (flow) => fetch(`/runs/${flow}`).then(read)

export const act = (flow, action) => fetch(`/runs/${flow}/actions/${action}`, { method: 'POST' }).then(read)

export const restart = (flow) => fetch(`/runs/${flow}/restart`, { method: 'POST' }).then(read)

export const present = (flow, choice) =>
  fetch(`/runs/${flow}/present`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(choice),
  }).then(read)
