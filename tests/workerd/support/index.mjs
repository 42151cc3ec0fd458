// What the tests in workerd share. `cargo xtask test workerd` builds the Worker and names it here.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import Stripe from 'stripe'
import { createTestHarness } from 'wrangler'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
export const WORKER_DIR = process.env.QUITTANCE_WORKER ?? `${ROOT}target/quittance/worker`
export const SECRET = 'whsec_test_of_the_door_0123456789abcdef'

const stripe = new Stripe('sk_test_of_the_door')

/**
 * Writes a configuration for a test beside nothing that belongs to its user: no .dev.vars, no build command.
 * `edit` may change the text, which must then differ.
 */
export function configure(name, edit = (text) => text) {
  const own = readFileSync(`${ROOT}wrangler.toml`, 'utf8')
    .replace(/^\[build\]\n(?:.+\n)+/m, '')
    .replace('"src/glue/entry.mjs"', JSON.stringify(`${ROOT}src/glue/entry.mjs`))
    .replace('"migrations"', JSON.stringify(`${ROOT}migrations`))
    .replace('directory = "public"', `directory = ${JSON.stringify(`${ROOT}public`)}`)
  const folder = `${ROOT}target/quittance/tests/${name}`
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/wrangler.toml`, edit(own))
  return `${folder}/wrangler.toml`
}

/** Starts the Worker in workerd with an empty, migrated ledger. */
export async function start({ secrets = {}, vars = {}, edit } = {}) {
  const config = configure(`harness-${process.pid}`, edit)
  const server = createTestHarness({
    workers: [
      {
        configPath: config,
        prebuiltWorkerDir: WORKER_DIR,
        vars,
        secrets: { STRIPE_WEBHOOK_SECRETS: SECRET, ...secrets },
      },
    ],
  })
  const { url } = await server.listen()
  const worker = server.getWorker()
  await worker.applyD1Migrations('DB')
  const { DB } = await worker.getEnv()
  const close = async () => {
    const lines = server.getLogs().map(({ message }) => message)
    await server.close()
    rmSync(dirname(config), { recursive: true, force: true })
    // Of each line that the Worker wrote, whatever the test was about. The line itself is not shown.
    noSecrets(lines, { STRIPE_WEBHOOK_SECRETS: SECRET, ...secrets })
  }
  return { server, worker, url, db: DB, close }
}

/** Fails when a line holds a secret of these settings, or a client secret. */
export function noSecrets(lines, settings) {
  const values = secretsOf(settings)
  assert.ok(
    !lines.some((line) => values.some((value) => line.includes(value)) || /(pi|seti|cuss)_\w+_secret_/.test(line)),
    'a secret in the log',
  )
}

/** The values of settings that may stand in no line of the log; a shorter one is a test's word for a wrong one. */
const secretsOf = (settings) =>
  Object.entries(settings)
    .filter(([name]) => /SECRET|KEY|TOKEN/.test(name) && !name.includes('PUBLISHABLE'))
    .flatMap(([, value]) => value.split(/[\s,]+/))
    .filter((value) => value.length >= 8)

/** Makes what the ledger waits for due now: the tests do not wait for minutes. */
export const hurry = (db) =>
  db.batch([
    db.prepare('UPDATE inbox SET due = 0 WHERE due IS NOT NULL'),
    db.prepare('UPDATE inbox SET queue_again_at = 0 WHERE queue_again_at IS NOT NULL'),
    db.prepare('UPDATE leases SET until = 0'),
    db.prepare('UPDATE delivery SET paused_until = 0'),
  ])

/** Fires a cron of wrangler.toml. */
export const cron = (worker, schedule) => worker.scheduled({ cron: schedule, scheduledTime: new Date() })
export const SWEEP = '* * * * *'
export const RECOVER = '*/15 * * * *'

/** The signature header that Stripe's own package makes. `at` in seconds. */
export function sign(payload, { secret = SECRET, at = Math.floor(Date.now() / 1000) } = {}) {
  return stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: at })
}

/** Posts a webhook over TCP, as Stripe does. */
export function post(url, payload, { signature = sign(payload), ...init } = {}) {
  return fetch(new URL('/webhooks/stripe', url), {
    method: 'POST',
    body: payload,
    headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
    ...init,
  })
}

const SHAPE = JSON.parse(readFileSync(`${ROOT}tests/fixtures/stripe/events/payment_intent.succeeded.json`, 'utf8'))

/** An event about a PaymentIntent with every field that Stripe sends, as JSON text with Stripe's indentation. */
export function paymentEvent(id, { object = {}, ...rest } = {}) {
  const created = Math.floor(Date.now() / 1000)
  const intent = { ...SHAPE.data.object, id: `pi_${id}`, created, metadata: {}, latest_charge: `ch_${id}`, ...object }
  return JSON.stringify({ ...SHAPE, id: `evt_${id}`, created, data: { object: intent }, ...rest }, null, 2)
}

/** Asks until `look` gives something true; `forgiving` also asks again after it failed. */
export async function eventually(look, { within = 40_000, every = 50, forgiving = false } = {}) {
  const until = Date.now() + within
  for (;;) {
    try {
      const seen = await look()
      if (seen) return seen
    } catch (error) {
      if (!forgiving || Date.now() > until) throw error
    }
    if (Date.now() > until) throw new Error(`still not after ${within} ms: ${look}`)
    await setTimeout(every)
  }
}
