// The real Odoo 17, 18 or 19 that the environment names: ODOO_URL, ODOO_DB, ODOO_LOGIN and ODOO_API_KEY for the Worker,
// ODOO_SETUP_LOGIN and ODOO_SETUP_API_KEY for set-up and the desk. Use a database for trials: it gets a journal, invoices
// and payments.

import { execFileSync } from 'node:child_process'

import { ROOT } from './index.mjs'

const { ODOO_URL, ODOO_DB, ODOO_LOGIN, ODOO_API_KEY, ODOO_SETUP_LOGIN, ODOO_SETUP_API_KEY } = process.env

/** Why there is nothing to test against, or false. */
export const skip = ODOO_URL && ODOO_SETUP_API_KEY ? false : 'no ODOO_URL and ODOO_SETUP_API_KEY in the environment'

/** What the Worker is told to reach it. */
export const settings = { ODOO_URL, ODOO_DB, ODOO_LOGIN, ODOO_API_KEY }

/** `quittance setup odoo …` on it, for the books of a simulated Stripe; the keys travel in the environment. */
export const setUp = (stripe, ...args) =>
  execFileSync(process.env.CARGO ?? 'cargo', ['run', '-q', '-p', 'quittance-cli', '--', 'setup', 'odoo', ...args], {
    cwd: ROOT,
    env: { ...process.env, STRIPE_API_KEY: 'sk_test_sim', STRIPE_API_BASE: stripe.url },
    stdio: ['ignore', 'inherit', 'inherit'],
  })

/** Any method, as the Settings user. */
export async function odoo(model, method, args, kwargs = {}) {
  const user = await call('common', 'authenticate', [ODOO_DB, ODOO_SETUP_LOGIN, ODOO_SETUP_API_KEY, {}])
  return call('object', 'execute_kw', [ODOO_DB, user, ODOO_SETUP_API_KEY, model, method, args, kwargs])
}

/** 17, 18 or 19. */
export const major = async () => (await call('common', 'version', [])).server_version_info[0]

async function call(service, method, args) {
  const answer = await fetch(`${ODOO_URL}/jsonrpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', method: 'call', id: 1, params: { service, method, args } }),
  })
  const { result, error } = await answer.json()
  if (error) throw new Error(error.data?.message ?? error.message)
  return result
}

/** A posted invoice of 115 to a new customer; its id. */
export async function trialInvoice() {
  const partner = await odoo('res.partner', 'create', [{ name: 'Quittance trial' }])
  const line = [0, 0, { name: 'Trial', quantity: 1, price_unit: 115, tax_ids: [[6, 0, []]] }]
  const id = await odoo('account.move', 'create', [
    { move_type: 'out_invoice', partner_id: partner, invoice_line_ids: [line] },
  ])
  await odoo('account.move', 'action_post', [[id]])
  return id
}

/** How an invoice stands. */
export const standing = async (id) =>
  (await odoo('account.move', 'read', [[id], ['name', 'amount_residual', 'payment_state', 'currency_id']]))[0]

/** The payments whose memo holds a PaymentIntent's id. */
export async function paymentsOf(payment) {
  const memo = (await odoo('account.payment', 'fields_get', [['memo', 'ref'], ['type']])).memo ? 'memo' : 'ref'
  return odoo('account.payment', 'search_read', [[[memo, 'like', payment]], ['amount', 'state', 'name']])
}
