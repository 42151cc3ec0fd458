// The main path in the pages of a real Odoo, which tests/workerd/support/real.mjs takes from the environment. Besides what
// stands there, ODOO_PASSWORD is the password of ODOO_LOGIN, who works in the backend.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { SECRET, start } from '../workerd/support/index.mjs'
import { startStripe } from '../workerd/support/parties.mjs'
import * as real from '../workerd/support/real.mjs'
import { picture, PICTURES } from './support/index.mjs'
import { Payer } from './support/payer.mjs'
import {
  formShowsPaid,
  login,
  openForm,
  openPortal,
  payOnForm,
  payOnPortal,
  portalShowsPaid,
} from './support/real_odoo_steps.mjs'
import { launch } from './support/shop.mjs'

const password = process.env.ODOO_PASSWORD
const skip = real.skip || (password ? false : 'no ODOO_PASSWORD in the environment')

describe('a real Odoo', { skip }, () => {
  let browser, stripe, worker, odoo
  before(async () => {
    const { ODOO_URL, ODOO_DB, ODOO_LOGIN } = real.settings
    // Ids of earlier runs stand in its books.
    stripe = await startStripe(['--settle-ms', '100', '--seed', String(Date.now())])
    worker = await start({
      secrets: {
        STRIPE_API_KEY: 'sk_test_sim',
        STRIPE_API_BASE: stripe.url,
        STRIPE_PUBLISHABLE_KEY: 'pk_test_sim',
        EMBED_ORIGINS: new URL(ODOO_URL).origin,
        BOOK_FROM: '0',
        ...real.settings,
      },
    })
    const { origin } = new URL(worker.url)
    await stripe.sim('webhook', { url: `${origin}/webhooks/stripe`, secrets: [SECRET] })
    // The buttons learn where the pay page is once it runs.
    real.setUp(stripe, '--book-from', '0', '--pay-url', origin)
    odoo = { url: ODOO_URL, db: ODOO_DB, major: await real.major(), login: ODOO_LOGIN, password }
    browser = await launch()
  })
  after(async () => {
    await browser?.close()
    await worker?.close()
    await stripe?.close()
  })

  /** Odoo's pages look different from version to version: whoever changes the buttons looks at these. */
  const shot = (page, what) => page.screenshot({ path: `${PICTURES}/odoo-${odoo.major}-${what}.png` })

  /** One browser for one story; what went wrong leaves a picture. */
  const story = (name, play) =>
    test(name, async () => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })
      const page = await context.newPage()
      const invoice = await real.trialInvoice()
      try {
        await play(page, invoice)
        assert.equal((await real.standing(invoice)).amount_residual, 0)
        const paid = 'SELECT payment FROM intents WHERE invoice = ?1'
        const { payment } = await worker.db.prepare(paid).bind(invoice).first()
        assert.deepEqual(
          (await real.paymentsOf(payment)).map(({ amount }) => amount),
          [115],
        )
      } catch (error) {
        await picture(`${name} ${odoo.major}`, [{ context }], error)
        throw error
      } finally {
        await context.close()
      }
    })

  story('a guest pays on the portal page, which then shows the invoice as paid', async (page, invoice) => {
    const link = await real.odoo('account.move', 'get_portal_url', [[invoice]])
    await openPortal(page, odoo, link)
    const payer = new Payer(page, await payOnPortal(page))
    await payer.card()
    await shot(page, 'portal')
    await payer.payButton.click()
    await payer.recorded()
    await portalShowsPaid(page)
    await shot(page, 'portal-paid')
  })

  story(
    'a clerk pays on the invoice’s form, which then shows it as paid without being loaded anew',
    async (page, invoice) => {
      await login(page, odoo)
      await openForm(page, odoo, invoice)
      const payer = new Payer(page, await payOnForm(page))
      await payer.card()
      await shot(page, 'form')
      await payer.payButton.click()
      // The dialog goes by itself once the books know.
      await formShowsPaid(page)
      await shot(page, 'form-paid')
    },
  )
})
