// The Worker with somebody to book for: simulated parties behind sockets, or whatever the environment names.

import { eventually, start } from './index.mjs'
import { startOdoo, startStripe } from './parties.mjs'

/** The users that the simulated Odoo knows; see crates/sim/src/odoo/seed.rs. */
export const ODOO = { ODOO_DB: 'odoo', ODOO_LOGIN: 'clerk@example.com', ODOO_API_KEY: 'sim-clerk-key' }

/** What a Worker is told to reach them. */
export const settingsOf = ({ odoo, stripe }) => ({
  STRIPE_API_KEY: 'sk_test_sim',
  STRIPE_API_BASE: stripe.url,
  ODOO_URL: odoo.url,
  ...ODOO,
  BOOK_FROM: '0',
})

/** A Worker, a simulated Stripe and a simulated Odoo, with what tests ask of them. */
export async function startWithBooks({ odooArgs = [], stripeArgs = ['--settle-ms', '100'], ...options } = {}) {
  const [odoo, stripe] = await Promise.all([startOdoo(odooArgs), startStripe(stripeArgs)])
  const secrets = settingsOf({ odoo, stripe })
  const quittance = await start({ ...options, secrets: { ...secrets, ...options.secrets } })
  return {
    ...quittance,
    odoo,
    stripe,
    settings: secrets,
    /** A posted invoice, and the metadata by which a payment names it. */
    async invoice(amount, currency = 'USD') {
      const invoice = await odoo.sim('invoice', { amount, currency })
      const metadata = {
        odoo_db: 'odoo',
        odoo_model: 'account.move',
        odoo_id: String(invoice.id),
        odoo_ref: invoice.name,
      }
      return { ...invoice, metadata }
    },
    row: (id) => quittance.db.prepare('SELECT * FROM inbox WHERE id = ?1').bind(id).first(),
    /** The row of an event once it is in the state named. */
    settled: (id, state = 'done') =>
      eventually(async () => {
        const row = await quittance.db.prepare('SELECT * FROM inbox WHERE id = ?1').bind(id).first()
        return row?.state === state ? row : undefined
      }),
    async close() {
      await quittance.close()
      await Promise.all([odoo.close(), stripe.close()])
    },
  }
}
