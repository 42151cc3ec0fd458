// The power goes while Odoo works on a payment. Afterwards it is booked, once.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { eventually, paymentEvent, post, SWEEP } from './support/index.mjs'
import { settingsOf } from './support/books.mjs'
import { startOdoo, startStripe } from './support/parties.mjs'
import { Installation } from './support/process.mjs'

let odoo, stripe, quittance
before(async () => {
  ;[odoo, stripe] = await Promise.all([startOdoo(), startStripe()])
  quittance = new Installation('restart', settingsOf({ odoo, stripe }))
  await quittance.start()
})
after(async () => {
  await quittance?.stop()
  await Promise.all([odoo?.close(), stripe?.close()])
})

test('a crash in the middle of a booking leaves one payment and nothing undone', async () => {
  const invoice = await odoo.sim('invoice', { amount: '77.00', currency: 'USD' })
  const metadata = { odoo_db: 'odoo', odoo_model: 'account.move', odoo_id: String(invoice.id) }
  // Odoo books, but its answer takes longer than the Worker lives.
  await odoo.sim('faults', { fault: 'slow', ms: 12_000, on: 'ir.actions.server.run' })
  const object = { amount: 7700, amount_received: 7700, currency: 'usd', metadata }
  assert.equal((await post(quittance.url, paymentEvent('crash', { object }))).status, 200)
  await eventually(async () => (await odoo.sim('payments')).length === 1)
  await quittance.crash()

  const [row] = quittance.query("SELECT state FROM inbox WHERE id = 'evt_crash'")
  assert.equal(row.state, 'claimed', 'it died with the event in hand')
  assert.deepEqual(quittance.query('SELECT key FROM postings'), [])

  await fetch(`${odoo.url}/_sim/faults`, { method: 'DELETE' })
  await quittance.start()
  // Three minutes later: the lease has run out.
  quittance.query(
    'UPDATE inbox SET due = due - 200, queue_again_at = queue_again_at - 200; UPDATE leases SET until = until - 200',
  )
  assert.equal((await quittance.cron(SWEEP)).status, 200)
  await eventually(async () => {
    await setTimeout(500)
    return quittance.query("SELECT state FROM inbox WHERE id = 'evt_crash'")[0].state === 'done'
  })
  assert.equal((await odoo.sim('payments')).length, 1)
  assert.equal((await odoo.sim(`invoices/${invoice.id}`)).residual, '0.00')
  assert.deepEqual(quittance.query('SELECT payment, outcome FROM postings'), [
    { payment: 'pi_crash', outcome: 'duplicate' },
  ])
})
