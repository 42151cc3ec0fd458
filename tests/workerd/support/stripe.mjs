// The simulated Stripe as a process of its own, driven over HTTP.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import { ROOT } from './index.mjs'

/**
 * Starts one on a free port. `args` are those of `quittance-sim stripe`.
 * `sim(path, body)` posts to its test controls (crates/sim/src/stripe/control.rs); without a body it reads them.
 */
export async function startStripe(args = []) {
  const command = ['run', '-q', '-p', 'quittance-sim', '--', 'stripe', '--listen', '127.0.0.1:0', '--until-stdin-ends']
  const child = spawn(process.env.CARGO ?? 'cargo', [...command, ...args], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const first = await Promise.race([once(createInterface(child.stdout), 'line'), ended])
  const url = String(first[0]).match(/http:\S+/)?.[0]
  if (!url) throw new Error('the simulated Stripe did not start')
  const sim = async (path, body) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const answer = await fetch(`${url}/_sim/${path}`, init)
    const said = await answer.json()
    if (!answer.ok) throw new Error(said.error.message)
    return said
  }
  const close = async () => {
    child.stdin.end()
    await ended
  }
  return { url, sim, close }
}
