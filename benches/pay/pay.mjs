// How long a payer waits for the pay page's answer: the Worker in workerd, an Odoo and a Stripe that answer in 50 ms each.
// `cargo xtask bench pay` runs it; docs/BENCHMARKS.md has the method.

import { startWithBooks } from '../../tests/workerd/support/books.mjs'

/** Of the simulated parties, in milliseconds. */
const ANSWER = 50
const ROUNDS = Number(process.argv[2] ?? 60)

const quittance = await startWithBooks({
  secrets: { STRIPE_PUBLISHABLE_KEY: 'pk_test_sim' },
  // One invoice is asked for by one client again and again.
  edit: (text) => text.replace(/simple = \{ limit = \d+/g, 'simple = { limit = 100000'),
})
const slow = () => ({ method: '', path: '/v1/', times: 1_000_000, kind: { slow: ANSWER } })
await quittance.stripe.sim('faults', [slow()])
await quittance.odoo.sim('faults', { fault: 'slow', ms: ANSWER })

/** Milliseconds to the answer, and how many calls Stripe saw meanwhile. */
async function ask(invoice) {
  const before = (await quittance.stripe.sim('requests')).requests.length
  const began = performance.now()
  const answer = await fetch(new URL('/api/payment-intents', quittance.url), {
    method: 'POST',
    body: JSON.stringify({ invoice: invoice.id, access_token: invoice.access_token }),
  })
  const body = await answer.json()
  const taken = performance.now() - began
  if (body.state !== 'open') throw new Error(JSON.stringify(body))
  return { taken, calls: (await quittance.stripe.sim('requests')).requests.length - before }
}

const partner = (name) => quittance.odoo.sim('invoice', { amount: '100.00', currency: 'USD', partner: name })
// Whose the key is and which Odoo answers is found once.
await ask(await partner('First'))

const kinds = {
  'known customer, first visit': async () => partner('First'),
  'known customer, coming back': async () => {
    const invoice = await partner('First')
    await ask(invoice)
    return invoice
  },
  'new customer': async (round) => partner(`Payer ${round}`),
}
console.log('| | p50, ms | p95, ms | Stripe calls |\n|---|---|---|---|')
for (const [name, make] of Object.entries(kinds)) {
  const seen = []
  for (let round = 0; round < ROUNDS; round += 1) {
    // Stripe takes 25 creations a second; so do we.
    seen.push(await ask(await make(round)))
  }
  const sorted = seen.map(({ taken }) => taken).sort((a, b) => a - b)
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))].toFixed(0)
  const calls = new Set(seen.map(({ calls }) => calls))
  console.log(`| ${name} | ${at(0.5)} | ${at(0.95)} | ${[...calls].join(', ')} |`)
}
await quittance.close()
