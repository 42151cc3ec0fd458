// The same scenario against a real Odoo, which support/real.mjs takes from the environment.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { eventually, paymentEvent, post, start } from './support/index.mjs'
import { startStripe } from './support/parties.mjs'
import { paymentsOf, settings, setUp, skip, standing, trialInvoice } from './support/real.mjs'

describe('a real Odoo', { skip }, () => {
  let quittance, stripe
  before(async () => {
    stripe = await startStripe()
    setUp(stripe, '--book-from', '0')
    quittance = await start({
      secrets: { STRIPE_API_KEY: 'sk_test_sim', STRIPE_API_BASE: stripe.url, BOOK_FROM: '0', ...settings },
    })
  })
  after(async () => {
    await quittance?.close()
    await stripe?.close()
  })

  test('an event signed by the stripe package closes its invoice, once', async (t) => {
    const invoice = await trialInvoice()
    const { name, amount_residual: open, currency_id: currency } = await standing(invoice)
    assert.equal(open, 115)

    const id = `real${Date.now()}`
    const metadata = { odoo_db: settings.ODOO_DB, odoo_model: 'account.move', odoo_id: String(invoice), odoo_ref: name }
    const object = { amount: 11500, amount_received: 11500, currency: currency[1].toLowerCase(), metadata }
    const began = Date.now()
    for (const event of [id, id, `${id}twin`]) {
      const payload = paymentEvent(event, { object: { ...object, id: `pi_${id}` } })
      assert.equal((await post(quittance.url, payload)).status, 200)
    }
    await eventually(async () => {
      const open = "SELECT count(*) open FROM inbox WHERE state <> 'done'"
      return (await quittance.db.prepare(open).first()).open === 0
    })
    t.diagnostic(`${name}: both events done ${Date.now() - began} ms after the first was sent`)
    assert.equal((await standing(invoice)).amount_residual, 0)
    const payments = await paymentsOf(`pi_${id}`)
    assert.equal(payments.length, 1)
    assert.equal(payments[0].amount, 115)
  })
})
