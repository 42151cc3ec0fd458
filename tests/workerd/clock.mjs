// What the clock and the queue bring back when something was lost on the way.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { cron, eventually, hurry, paymentEvent, post, RECOVER, SWEEP } from './support/index.mjs'
import { startWithBooks } from './support/books.mjs'

let quittance
before(async () => {
  // Two quick tries of a message instead of five slow ones, so that the test sees its end.
  const edit = (text) =>
    text.replace('max_retries = 5', 'max_retries = 1').replace('retry_delay = 10', 'retry_delay = 0')
  quittance = await startWithBooks({ edit })
})
after(() => quittance?.close())

const residual = async ({ id }) => (await quittance.odoo.sim(`invoices/${id}`)).residual
const payload = (id, invoice, minor) =>
  paymentEvent(id, { object: { amount: minor, amount_received: minor, currency: 'usd', metadata: invoice.metadata } })
const logged = (event) => quittance.server.getLogs().filter(({ message }) => message.includes(`"event":"${event}"`))

test('a message that the ledger cannot be written for is retried, then dead, and its event still booked', async () => {
  const invoice = await quittance.invoice('20.00')
  // The door inserts into inbox; the queue's worker needs leases.
  await quittance.db.prepare('ALTER TABLE leases RENAME TO leases_gone').run()
  assert.equal((await post(quittance.url, payload('dead', invoice, 2000))).status, 200)
  await eventually(() => logged('hints_dead_lettered').length > 0)
  assert.ok(logged('ledger_unavailable').length >= 2, 'the message was tried again')
  assert.equal((await quittance.row('evt_dead')).state, 'received', 'a dead message parks nothing')
  await quittance.db.prepare('ALTER TABLE leases_gone RENAME TO leases').run()
  await hurry(quittance.db)
  await cron(quittance.worker, SWEEP)
  await quittance.settled('evt_dead')
  assert.equal(await residual(invoice), '0.00')
})

test('the sweep queues an event whose message never came', async () => {
  const invoice = await quittance.invoice('21.00')
  // As the door stores it, without the push.
  const event = JSON.parse(payload('unpushed', invoice, 2100))
  const now = Math.floor(Date.now() / 1000)
  await quittance.db
    .prepare(
      `INSERT INTO inbox (id, livemode, type, api_version, created, object, subject, form, body, received, due, queue_again_at)
       VALUES (?1, 0, ?2, ?3, ?4, 'pi_unpushed', 'pi_unpushed', 'snapshot', ?5, ?4, ?4, ?4)`,
    )
    .bind(event.id, event.type, event.api_version, now, JSON.stringify(event))
    .run()
  assert.equal((await cron(quittance.worker, SWEEP)).outcome, 'ok')
  await quittance.settled('evt_unpushed')
  assert.equal(await residual(invoice), '0.00')
})

test('what Stripe never delivered is recovered from its list', async () => {
  const invoice = await quittance.invoice('22.00')
  const paid = await quittance.stripe.sim('pay', { amount: 2200, currency: 'usd', metadata: invoice.metadata })
  assert.equal(paid.status, 'succeeded')
  assert.equal((await cron(quittance.worker, RECOVER)).outcome, 'ok')
  await eventually(async () => (await residual(invoice)) === '0.00')
  const row = await quittance.db
    .prepare("SELECT form FROM inbox WHERE object = ?1 AND type LIKE 'payment_intent.s%'")
    .bind(paid.payment_intent)
    .first()
  assert.equal(row.form, 'pulled')
})

test('an Odoo that is down pauses delivery; when it is back the event is booked and was charged no attempt', async () => {
  const invoice = await quittance.invoice('23.00')
  await quittance.odoo.sim('faults', { fault: 'down' })
  assert.equal((await post(quittance.url, payload('down', invoice, 2300))).status, 200)
  await eventually(async () => (await quittance.db.prepare('SELECT failures FROM delivery').first()).failures > 0)
  assert.equal((await quittance.row('evt_down')).attempts, 0)
  await fetch(`${quittance.odoo.url}/_sim/faults`, { method: 'DELETE' })
  await eventually(
    async () => {
      await hurry(quittance.db)
      await cron(quittance.worker, SWEEP)
      return (await residual(invoice)) === '0.00'
    },
    { every: 500 },
  )
  assert.equal((await quittance.db.prepare('SELECT failures FROM delivery').first()).failures, 0)
})

test('an answer lost after Odoo committed is asked for again under the same key', async () => {
  const invoice = await quittance.invoice('24.00')
  await quittance.odoo.sim('faults', { fault: 'answer_lost', on: 'run', times: 1 })
  assert.equal((await post(quittance.url, payload('lost', invoice, 2400))).status, 200)
  await eventually(
    async () => {
      await hurry(quittance.db)
      await cron(quittance.worker, SWEEP)
      return (await quittance.row('evt_lost')).state === 'done'
    },
    { every: 500 },
  )
  const mine = (await quittance.odoo.sim('payments')).filter(({ memo }) => memo.includes('pi_lost'))
  assert.equal(mine.length, 1)
  assert.equal(await residual(invoice), '0.00')
  const { outcome } = await quittance.db.prepare("SELECT outcome FROM postings WHERE payment = 'pi_lost'").first()
  assert.equal(outcome, 'duplicate', 'Odoo knew the key from the call whose answer was lost')
})
