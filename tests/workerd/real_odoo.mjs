// The same scenario against a real Odoo 17, 18 or 19 that the environment names: ODOO_URL, ODOO_DB, ODOO_LOGIN and
// ODOO_API_KEY for the Worker, ODOO_SETUP_LOGIN and ODOO_SETUP_API_KEY for set-up and the invoice. Use a database for
// trials: it gets a journal, an invoice and a payment.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'

import { eventually, paymentEvent, post, ROOT, start } from './support/index.mjs'
import { startStripe } from './support/parties.mjs'

const { ODOO_URL, ODOO_DB, ODOO_LOGIN, ODOO_API_KEY, ODOO_SETUP_LOGIN, ODOO_SETUP_API_KEY } = process.env
const skip = ODOO_URL && ODOO_SETUP_API_KEY ? false : 'no ODOO_URL and ODOO_SETUP_API_KEY in the environment'

/** Any method, as the Settings user. */
async function odoo(model, method, args, kwargs = {}) {
  const call = async (service, name, params) => {
    const answer = await fetch(`${ODOO_URL}/jsonrpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', method: 'call', id: 1, params: { service, method: name, args: params } }),
    })
    const { result, error } = await answer.json()
    if (error) throw new Error(error.data?.message ?? error.message)
    return result
  }
  const user = await call('common', 'authenticate', [ODOO_DB, ODOO_SETUP_LOGIN, ODOO_SETUP_API_KEY, {}])
  return call('object', 'execute_kw', [ODOO_DB, user, ODOO_SETUP_API_KEY, model, method, args, kwargs])
}

describe('a real Odoo', { skip }, () => {
  let quittance, stripe
  before(async () => {
    execFileSync(process.env.CARGO ?? 'cargo', ['run', '-q', '-p', 'quittance-cli', '--', 'setup', 'odoo', '--book-from', '0'], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    stripe = await startStripe()
    quittance = await start({
      secrets: { STRIPE_API_KEY: 'sk_test_sim', STRIPE_API_BASE: stripe.url, ODOO_URL, ODOO_DB, ODOO_LOGIN, ODOO_API_KEY, BOOK_FROM: '0' },
    })
  })
  after(async () => {
    await quittance?.close()
    await stripe?.close()
  })

  test('an event signed by the stripe package closes its invoice, once', async (t) => {
    const partner = await odoo('res.partner', 'create', [{ name: 'Quittance trial' }])
    const line = [0, 0, { name: 'Trial', quantity: 1, price_unit: 115, tax_ids: [[6, 0, []]] }]
    const invoice = await odoo('account.move', 'create', [{ move_type: 'out_invoice', partner_id: partner, invoice_line_ids: [line] }])
    await odoo('account.move', 'action_post', [[invoice]])
    const look = async () => (await odoo('account.move', 'read', [[invoice], ['name', 'amount_residual', 'payment_state', 'currency_id']]))[0]
    const { name, amount_residual: open, currency_id: currency } = await look()
    assert.equal(open, 115)

    const id = `real${Date.now()}`
    const metadata = { odoo_db: ODOO_DB, odoo_model: 'account.move', odoo_id: String(invoice), odoo_ref: name }
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
    assert.equal((await look()).amount_residual, 0)
    const memo = (await odoo('account.payment', 'fields_get', [['memo', 'ref'], ['type']])).memo ? 'memo' : 'ref'
    const payments = await odoo('account.payment', 'search_read', [[[memo, 'like', `pi_${id}`]], ['amount', 'state']])
    assert.equal(payments.length, 1)
    assert.equal(payments[0].amount, 115)
  })
})
