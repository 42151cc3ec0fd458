// The simulated Stripe and Odoo, each as a process of its own, driven over HTTP.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import { ROOT } from './index.mjs'

/** A simulated Stripe on a free port; `args` are those of `quittance-sim stripe`. */
export const startStripe = (args = []) => start('stripe', args)

/** A simulated Odoo on a free port, set up unless `--fresh`; `args` are those of `quittance-sim odoo`. */
export const startOdoo = (args = []) => start('odoo', args)

/**
 * `sim(path, body)` posts to the party's test controls, which stand in its control.rs under crates/sim/src;
 * without a body it reads them.
 */
async function start(party, args) {
  // Measurements run the parties optimised, so that what they take is what they were told to take.
  const profile = process.env.QUITTANCE_SIM_PROFILE ?? 'dev'
  // `cargo xtask test` has built the program, with the features of the whole workspace, and says where.
  const built = process.env.QUITTANCE_SIM
  const cargo = ['run', '-q', '--profile', profile, '-p', 'quittance-sim', '--']
  const [program, before] = built ? [built, []] : [process.env.CARGO ?? 'cargo', cargo]
  const child = spawn(program, [...before, party, '--listen', '127.0.0.1:0', '--until-stdin-ends', ...args], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const first = await Promise.race([once(createInterface(child.stdout), 'line'), ended])
  const url = String(first[0]).match(/http:\S+/)?.[0]
  if (!url) throw new Error(`the simulated ${party} did not start`)
  const sim = async (path, body, method = body === undefined ? 'GET' : 'POST') => {
    const answer = await fetch(`${url}/_sim/${path}`, { method, body: body && JSON.stringify(body) })
    const said = await answer.json()
    if (!answer.ok) throw new Error(said.error?.message ?? said.error)
    return said
  }
  const close = async () => {
    child.stdin.end()
    await ended
  }
  return { url, sim, close }
}
