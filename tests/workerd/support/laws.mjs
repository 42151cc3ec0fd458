// What must hold when a trade has come to rest. What happened is read from Stripe, what is booked from Odoo; the ledger is
// asked only for its own part.

import assert from 'node:assert/strict'

import Stripe from 'stripe'

import { eventually, RECOVER } from './index.mjs'
import { Time } from './time.mjs'

/** Keys that book no money of their own. */
const TELLING = /:(credit_note|opened|won|lost|reconciled|billed|cleared)$/
/** Why an event may book nothing: its type moves no money, or only leads to something that another event brings. */
const LEFT = "SELECT state, code, count(*) n FROM inbox WHERE state NOT IN ('done', 'ignored') GROUP BY 1, 2"

/** Lets hours pass and the crons run until nothing is left to do. */
export async function comesToRest({ machine, stripe }) {
  const time = new Time(machine)
  const arrived = async () =>
    (await stripe.sim('deliveries')).deliveries.every(({ state }) => !['waiting', 'sent'].includes(state))
  await eventually(arrived, { every: 500, within: 300_000 })
  // The second run reads what the first one's work brought up.
  for (let run = 0; run < 2; run += 1) {
    await machine.cron(RECOVER)
    while (!(await machine.sql([LEFT])).every(({ state }) => state === 'parked')) await time.goesOn()
  }
}

/** Holds all laws; gives what was counted. `inFlight` is what has not settled, minor units by currency. */
export async function hold({ machine, odoo, stripe, inFlight }) {
  const [books, happened] = [await odoo.sim('books'), await allOf(stripe)]
  const stored = await durable(machine, stripe)
  const keys = eachOnce(books, happened)
  assert.equal(books.unsound, null)
  assert.deepEqual(minors(books.balance), happened.balance, 'the Stripe balance account is Stripe’s balance')
  assert.deepEqual(minors(books.clearing), inFlight, 'clearing is what is in flight')
  assert.deepEqual(minors(books.clearing_open), inFlight, 'and so is what is open on it')
  const posted = (await odoo.sim('payments')).filter(({ state, memo }) => memo.includes('pi_') && !/cancel/.test(state))
  assert.equal(posted.length, happened.documents.size, 'one payment in Odoo for each receipt and each refund')
  assert.deepEqual(await machine.sql([LEFT]), [], 'nothing is left to do')
  assert.deepEqual(await machine.sql(['SELECT subject FROM leases']), [], 'no lease is held')
  assert.deepEqual(await machine.sql(['SELECT paused_until, failures FROM delivery']), [
    { paused_until: 0, failures: 0 },
  ])
  return { ...stored, ...keys }
}

/** An event that was answered with 2xx is in the inbox. After a death it is asked before Stripe's list brings back what was lost. */
export async function durable(machine, stripe) {
  const { deliveries } = await stripe.sim('deliveries')
  const answered = deliveries.filter(({ answers }) => answers.some((status) => status >= 200 && status < 300))
  const rows = new Set((await machine.sql(['SELECT id FROM inbox'])).map(({ id }) => id))
  assert.deepEqual(
    answered.map(({ event }) => event).filter((id) => !rows.has(id)),
    [],
    'durable before 2xx',
  )
  const tries = deliveries.flatMap(({ answers }) => answers)
  return {
    deliveries: deliveries.length,
    tries: tries.length,
    refused: tries.filter((status) => status !== 200).length,
    inbox: rows.size,
  }
}

/** Each movement at Stripe is in Odoo once with its amount, and nothing else is. */
function eachOnce(books, { account, documents, settled }) {
  const prefix = `stripe:${account}:`
  const wrong = []
  const seen = new Set()
  for (const { key, state, clearing } of books.movements) {
    const name = key.slice(prefix.length)
    seen.add(name)
    const meant = documents.get(name)
    if (meant && (state !== 'posted' || JSON.stringify(minors(clearing)) !== JSON.stringify(meant)))
      wrong.push({ key, state, clearing, meant })
    if (!meant && !settled.has(name) && !TELLING.test(name)) wrong.push({ key, why: 'it did not happen' })
  }
  assert.deepEqual(wrong, [], 'each movement is booked with its amount, and nothing else is')
  const missing = [...documents.keys(), ...settled].filter((name) => !seen.has(name))
  assert.deepEqual(missing, [], 'real money is always booked')
  return { documents: documents.size, settled: settled.size }
}

/** What happened, through Stripe's API: documents with what they put on clearing, balance transactions, the balance. */
async function allOf({ url }) {
  const { hostname: host, port } = new URL(url)
  const stripe = new Stripe('sk_test_sim', { host, port, protocol: 'http' })
  const documents = new Map()
  const add = (key, currency, minor) => documents.set(key, { [currency.toUpperCase()]: minor })
  for await (const charge of stripe.charges.list({ limit: 100 })) {
    if (charge.amount_captured > 0)
      add(`${charge.payment_intent ?? charge.id}:succeeded`, charge.currency, charge.amount_captured)
  }
  for await (const refund of stripe.refunds.list({ limit: 100 })) {
    if (refund.balance_transaction) add(`${refund.id}:succeeded`, refund.currency, -refund.amount)
  }
  const settled = new Set()
  for await (const { id } of stripe.balanceTransactions.list({ limit: 100 })) settled.add(`${id}:settled`)
  const { available, pending } = await stripe.balance.retrieve()
  const balance = {}
  for (const { currency, amount } of [...available, ...pending]) {
    balance[currency.toUpperCase()] = (balance[currency.toUpperCase()] ?? 0) + amount
  }
  return { account: (await stripe.accounts.retrieve()).id, documents, settled, balance: nonzero(balance) }
}

/** Decimal texts as minor units of currencies with two places. */
const minors = (texts) =>
  nonzero(Object.fromEntries(Object.entries(texts).map(([currency, text]) => [currency, minor(text)])))
const nonzero = (of) => Object.fromEntries(Object.entries(of).filter(([, amount]) => amount !== 0))

function minor(text) {
  const [whole, part = ''] = text.replace('-', '').split('.')
  return Number(whole + part.padEnd(2, '0')) * (text.startsWith('-') ? -1 : 1)
}
