// Webhooks at a fixed rate: each goes out when it is due, whether the ones before were answered or not.

import { Agent, request } from 'node:http'
import { setTimeout } from 'node:timers/promises'

/** Sends `{body, signature}` to `url`, so many a second. Gives how many got which status, and sorted milliseconds to the answer. */
export async function send(url, events, rate) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const began = performance.now()
  const statuses = {}
  const taken = []
  const all = []
  for (let n = 0; n < events.length; n += 1) {
    const due = began + (n * 1000) / rate
    const early = due - performance.now()
    if (early > 1) await setTimeout(early)
    all.push(
      post(agent, url, events[n]).then((status) => {
        statuses[status] = (statuses[status] ?? 0) + 1
        taken.push(performance.now() - due)
      }),
    )
  }
  const sent = performance.now() - began
  await Promise.all(all)
  agent.destroy()
  return {
    statuses,
    taken: taken.sort((a, b) => a - b),
    sentSeconds: sent / 1000,
    answeredSeconds: (performance.now() - began) / 1000,
  }
}

function post(agent, url, { body, signature }) {
  return new Promise((resolve) => {
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'stripe-signature': signature,
    }
    const sent = request(new URL('/webhooks/stripe', url), { method: 'POST', agent, headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode))
    })
    sent.on('error', (error) => resolve(error.code))
    sent.end(body)
  })
}
