// A merchant who takes payments: the Worker in workerd, a simulated Stripe and Odoo, a browser, a page that embeds.

import { chromium } from 'playwright-core'

import { cron, hurry, RECOVER, SECRET, SWEEP } from '../../workerd/support/index.mjs'
import { startWithBooks } from '../../workerd/support/books.mjs'
import { serveHost } from './host.mjs'

/** Debian's sandbox helper refuses root, as whom tests in containers run. */
const ROOT_ONLY = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync']

/** Starts the browser that `cargo xtask test browser` found. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env.QUITTANCE_CHROMIUM || '/usr/bin/chromium',
    args: [...QUIET, ...ROOT_ONLY],
  })

let customers = 0

/** `settings` are the Worker's, over what every test here needs. */
export async function openShop(settings = {}) {
  const host = await serveHost()
  const [browser, books] = await Promise.all([
    launch(),
    startWithBooks({
      // One client asks for all payers here.
      edit: (text) => text.replace(/\blimit = \d+/g, 'limit = 100000'),
      secrets: { STRIPE_PUBLISHABLE_KEY: 'pk_test_sim', EMBED_ORIGINS: host.url, ...settings },
    }),
  ])
  const { stripe, odoo, db, worker } = books
  const url = new URL(books.url).origin
  await stripe.sim('webhook', { url: `${url}/webhooks/stripe`, secrets: [SECRET] })
  host.worker = url
  return {
    url,
    host,
    browser,
    stripe,
    odoo,
    db,
    /** A posted invoice of a customer of its own, and its pay link. */
    async invoice({ amount = '115.00', ...wish } = {}) {
      customers += 1
      const partner = `Customer ${process.pid}-${customers}`
      return odoo.sim('invoice', { amount, partner, email: 'ada@example.com', pay_at: url, ...wish })
    },
    /** How an invoice stands in Odoo. */
    standing: (invoice) => odoo.sim(`invoices/${invoice.id}`),
    /** Odoo's payments on an invoice. */
    payments: async (invoice) => (await odoo.sim('payments')).filter(({ invoices }) => invoices.includes(invoice.id)),
    /** The invoice's PaymentIntents in the ledger, oldest first. */
    intents: async (invoice) =>
      (
        await db
          .prepare('SELECT payment, status, minor FROM intents WHERE invoice = ?1 ORDER BY attempt')
          .bind(invoice.id)
          .all()
      ).results,
    /** Nothing is down or slow any more, and whatever waited for that is done. */
    async mend() {
      await odoo.sim('faults', undefined, 'DELETE')
      await stripe.sim('faults', [])
      await this.sweep()
    },
    /** What the ledger waits for is due now, and the minute's cron runs. */
    async sweep() {
      await hurry(db)
      await cron(worker, SWEEP)
    },
    /** The quarter of an hour's cron runs. */
    recover: () => cron(worker, RECOVER),
    async close() {
      await browser.close()
      await Promise.all([books.close(), host.close()])
    },
  }
}
