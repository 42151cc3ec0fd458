// A merchant's trade at the simulated Stripe: invoices in Odoo, payments, refunds, in three currencies. Dollars and euros
// are kept as they are, pounds become dollars.

import { setTimeout } from 'node:timers/promises'

import { SECRET } from './index.mjs'

const CURRENCIES = ['USD', 'USD', 'EUR', 'GBP']
/** Milliseconds between two tries of a delivery, for as long as it takes. */
const RETRIES = Array(4000).fill(250)

export class Trade {
  /** Payments: `{id, amount, currency, invoice, exact, refunded}`, amounts in minor units. */
  payments = []
  refunds = 0

  constructor({ odoo, stripe, chance }) {
    Object.assign(this, { odoo, stripe, chance })
  }

  /** Opens for business: `url` is where the webhooks go, `dial` what goes wrong with them. */
  async open(url, dial = {}) {
    await this.odoo.sim('currency', { currency: 'EUR', rate: '0.8', settle: true })
    await this.odoo.sim('currency', { currency: 'GBP', rate: '0.75' })
    await this.stripe.sim('settings', { rates: { gbp: '1.3' } })
    await this.stripe.sim('dial', { retry_ms: RETRIES, ...dial })
    await this.stripe.sim('webhook', { url: `${url}/webhooks/stripe`, secrets: [SECRET] })
  }

  /** One thing that somebody does: a payment mostly, else a refund of an earlier one. */
  async act() {
    const open = this.payments.filter((payment) => payment.refunded < payment.amount)
    if (open.length > 5 && this.chance.percent(25)) await this.refund(this.chance.one(open))
    else await this.pay()
  }

  /** Acts on and on until `enough` says so, with so many milliseconds in between. */
  async goOn(enough, pause) {
    while (!(await enough())) {
      await this.act()
      await setTimeout(pause)
    }
  }

  /** Of an invoice in full, of one in part or too much, or of nothing that is known. */
  async pay() {
    const total = 500 + this.chance.below(200_000)
    const currency = this.chance.one(CURRENCIES)
    const kind = this.chance.below(10)
    const amount =
      kind === 8 ? total - 1 - this.chance.below(400) : kind === 7 ? total + 1 + this.chance.below(400) : total
    const invoice = kind === 9 ? undefined : await this.odoo.sim('invoice', { amount: text(total), currency })
    const metadata = invoice && {
      odoo_db: 'odoo',
      odoo_model: 'account.move',
      odoo_id: String(invoice.id),
      odoo_ref: invoice.name,
    }
    const paid = await this.stripe.sim('pay', { amount, currency: currency.toLowerCase(), metadata: metadata ?? {} })
    const payment = { id: paid.payment_intent, amount, currency, invoice, exact: kind < 7, refunded: 0 }
    this.payments.push(payment)
    return payment
  }

  async refund(payment) {
    const left = payment.amount - payment.refunded
    const amount = this.chance.percent(40) ? left : 1 + this.chance.below(left)
    await this.stripe.sim('refund', { payment: payment.id, amount })
    payment.refunded += amount
    this.refunds += 1
  }

  /** Payments whose money is not on the balance when the books are looked at: minor units by currency. */
  async leaveInFlight(count) {
    await this.stripe.sim('settings', { settle_after_ms: 3_600_000 })
    const sums = {}
    for (let n = 0; n < count; n += 1) {
      const { amount, currency } = await this.pay()
      sums[currency] = (sums[currency] ?? 0) + amount
    }
    return sums
  }
}

/** Minor units of a currency with two places as a decimal text. */
const text = (minor) => `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`
