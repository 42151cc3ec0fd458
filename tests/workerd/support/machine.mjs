// The bundled Worker on a machine that may lose its power: workerd over a ledger on disk that outlives it.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

import { unstable_getMiniflareWorkerOptions, unstable_splitSqlQuery } from 'wrangler'

import { settingsOf } from './books.mjs'
import { configure, noSecrets, ROOT, SECRET, WORKER_DIR } from './index.mjs'
import { startOdoo, startStripe } from './parties.mjs'

const SERVE = fileURLToPath(new URL('serve.mjs', import.meta.url))
/** Longer than a lease. */
const LONG = 200

/** A machine, a simulated Stripe and a simulated Odoo for as long as `work` takes. */
export async function withMachine(name, work) {
  const open = []
  try {
    const odoo = await startOdoo()
    open.unshift(odoo)
    const stripe = await startStripe(['--settle-ms', '100'])
    open.unshift(stripe)
    const machine = await Machine.bought(name, { secrets: settingsOf({ odoo, stripe }) })
    open.unshift(machine)
    await work({ odoo, stripe, machine })
  } finally {
    for (const one of open) await one.close()
  }
}

export class Machine {
  #asked = new Map()
  #count = 0

  /**
   * `secrets` are the Worker's settings, `edit` may change wrangler.toml; `inspected` opens V8's inspector; `relay`, a
   * Worker of miniflare's, takes the queue's messages instead of ours.
   */
  static async bought(name, { secrets, edit, inspected = false, relay }) {
    const machine = new Machine()
    const config = configure(`${name}-${process.pid}`, edit)
    machine.folder = dirname(config)
    rmSync(`${machine.folder}/state`, { recursive: true, force: true })
    machine.settings = { STRIPE_WEBHOOK_SECRETS: SECRET, ...secrets }
    const port = await lowPort()
    machine.url = `http://127.0.0.1:${port}`
    machine.inspectorPort = inspected ? await lowPort() : undefined
    const own = options(config, machine.settings)
    if (relay) own.queueConsumers = {}
    machine.told = {
      dir: WORKER_DIR,
      state: `${machine.folder}/state`,
      port,
      inspectorPort: machine.inspectorPort,
      options: own,
      relay,
    }
    await machine.start()
    for (const file of readdirSync(`${ROOT}migrations`).sort()) {
      const statements = unstable_splitSqlQuery(readFileSync(`${ROOT}migrations/${file}`, 'utf8'))
      await machine.sql(...statements.map((text) => [text]))
    }
    return machine
  }

  /** Power on: returns when the Worker may be asked. */
  async start() {
    this.spawn()
    await this.ready
  }

  /** Power on, without waiting. */
  spawn() {
    const log = openSync(`${this.folder}/log`, 'a')
    // A group of its own, which dies as a whole.
    const child = fork(SERVE, [JSON.stringify(this.told)], { detached: true, stdio: ['ignore', log, log, 'ipc'] })
    this.child = child
    this.ended = once(child, 'exit')
    this.ready = new Promise((resolve, reject) => {
      child.on('message', (said) => (said.ready ? resolve() : this.#answered(said)))
      child.on('exit', () => reject(new Error('the machine is off')))
    })
    this.ready.catch(() => {})
    child.on('exit', () => this.#answered({ error: 'the machine is off' }))
  }

  /** As if the power went: node and workerd at once, without a chance to finish anything. */
  async kill() {
    process.kill(-this.child.pid, 'SIGKILL')
    await this.ended
    this.killed = Math.floor(Date.now() / 1000)
  }

  /** Runs statements `[text, …values]` in one batch; gives the rows of the last. */
  sql(...statements) {
    return this.#ask({ sql: statements })
  }

  cron(schedule) {
    return this.#ask({ cron: schedule })
  }

  /** Has the Worker's consumer work a batch of hints; false when it gives them back. */
  work(hints) {
    return this.#ask({ hints })
  }

  /** What the killed one had in hand is due and queued, as three minutes later; what this one took since stays its own. */
  outlastLeases() {
    const killed = this.killed
    return this.sql(
      ['UPDATE leases SET until = until - ?1 WHERE until <= ?2 + 180', LONG, killed],
      [
        'UPDATE inbox SET due = due - ?1, queue_again_at = queue_again_at - ?1 WHERE queue_again_at <= ?2 + 180',
        LONG,
        killed,
      ],
    )
  }

  /** As hours later: whatever is not being worked is due and queued again, and a pause has run out. */
  passTime() {
    return this.sql(
      ["UPDATE inbox SET due = 0, queue_again_at = 0 WHERE due + queue_again_at > 0 AND state <> 'claimed'"],
      ['UPDATE delivery SET paused_until = 1 WHERE paused_until > 1'],
    )
  }

  /** Ends it for good. Nothing that it wrote may hold a secret. */
  async close() {
    if (this.child.connected) this.child.disconnect()
    await this.ended
    const lines = readFileSync(`${this.folder}/log`, 'utf8').split('\n')
    rmSync(this.folder, { recursive: true, force: true })
    noSecrets(lines, this.settings)
  }

  #ask(what) {
    return new Promise((resolve, reject) => {
      this.#count += 1
      const n = this.#count
      this.#asked.set(n, { resolve, reject })
      this.child.send({ n, ...what }, (lost) => lost && this.#answered({ n, error: String(lost) }))
    })
  }

  /** Without `n`, of everybody who still waits. */
  #answered({ n, answer, error }) {
    for (const at of n === undefined ? [...this.#asked.keys()] : [n]) {
      const asked = this.#asked.get(at)
      this.#asked.delete(at)
      if (error === undefined) asked?.resolve(answer)
      else asked?.reject(new Error(error))
    }
  }
}

/** What wrangler.toml binds, as miniflare takes it. The pages' files are left out. */
function options(config, settings) {
  const { workerOptions: all } = unstable_getMiniflareWorkerOptions(config)
  const {
    compatibilityDate,
    compatibilityFlags,
    d1Databases,
    kvNamespaces,
    queueProducers,
    queueConsumers,
    ratelimits,
  } = all
  const bindings = { ...all.bindings, ...settings }
  // All pages of the tests are one client: of one client's own limits on payments begun there is room for many.
  for (const name of ['BEGIN_CLIENT', 'BEGIN_SITE', 'BEGIN_NETWORK']) ratelimits[name].simple.limit *= 20
  return {
    compatibilityDate,
    compatibilityFlags,
    d1Databases,
    kvNamespaces,
    queueProducers,
    queueConsumers,
    ratelimits,
    bindings,
  }
}

/**
 * A free port that the system gives to nobody by itself: a port of its own range may become the near end of somebody's
 * connection while the machine is off.
 */
async function lowPort() {
  for (;;) {
    const server = createServer()
    const port = 12_000 + Math.floor(Math.random() * 16_000)
    server.listen(port, '127.0.0.1')
    const free = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ])
    await new Promise((done) => server.close(done))
    if (free) return port
  }
}
