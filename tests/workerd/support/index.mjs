// What the tests in workerd share. `cargo xtask test workerd` builds the Worker and names it here.

import { fileURLToPath } from 'node:url'

import Stripe from 'stripe'
import { createTestHarness } from 'wrangler'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
export const WORKER_DIR = process.env.QUITTANCE_WORKER ?? `${ROOT}target/quittance/worker`
export const SECRET = 'whsec_test_of_the_door_0123456789abcdef'

const stripe = new Stripe('sk_test_of_the_door')

/** Starts the Worker in workerd with an empty, migrated ledger. */
export async function start({ secrets = {}, vars = {} } = {}) {
  const server = createTestHarness({
    workers: [
      {
        configPath: `${ROOT}wrangler.toml`,
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
  return { server, worker, url, db: DB, close: () => server.close() }
}

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

/** An event about a PaymentIntent, as JSON text with Stripe's indentation. */
export function paymentEvent(id, { type = 'payment_intent.succeeded', object = {}, ...rest } = {}) {
  const created = Math.floor(Date.now() / 1000)
  const intent = {
    id: `pi_${id}`,
    object: 'payment_intent',
    amount: 12100,
    amount_received: 12100,
    currency: 'eur',
    created,
    customer: null,
    description: null,
    latest_charge: `ch_${id}`,
    livemode: false,
    metadata: {},
    status: 'succeeded',
    ...object,
  }
  const event = {
    id: `evt_${id}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created,
    data: { object: intent },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
    ...rest,
  }
  return JSON.stringify(event, null, 2)
}
