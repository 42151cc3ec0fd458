// The life of a webhook in real workerd: from an event that Stripe's own package signed to a paid invoice.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { eventually, paymentEvent, post, SECRET } from './support/index.mjs'
import { startWithBooks } from './support/books.mjs'

let quittance
before(async () => {
  quittance = await startWithBooks()
})
after(() => quittance?.close())

const postings = async () => (await quittance.db.prepare('SELECT * FROM postings ORDER BY key').all()).results

test('an event signed by the stripe package closes its invoice, once', async () => {
  const invoice = await quittance.invoice('1150.00')
  assert.equal(invoice.residual, '1150.00')
  const object = { amount: 115000, amount_received: 115000, currency: 'usd', metadata: invoice.metadata }
  const payload = paymentEvent('life', { object })
  assert.equal((await post(quittance.url, payload)).status, 200)
  await quittance.settled('evt_life')
  const paid = await quittance.odoo.sim(`invoices/${invoice.id}`)
  assert.equal(paid.residual, '0.00')
  assert.match(paid.payment_state, /^(paid|in_payment)$/)

  // Again, and as another event about the same payment.
  assert.equal((await post(quittance.url, payload)).status, 200)
  assert.equal((await post(quittance.url, paymentEvent('twin', { object: { ...object, id: 'pi_life' } }))).status, 200)
  await quittance.settled('evt_twin')

  const [booked, ...more] = await quittance.odoo.sim('payments')
  assert.deepEqual(more, [])
  assert.match(booked.memo, /pi_life/)
  assert.equal(Number(booked.amount), 1150)
  assert.deepEqual(booked.invoices, [invoice.id])
  assert.deepEqual(
    (await postings()).map(({ key, payment, minor, currency, name }) => ({ key, payment, minor, currency, name })),
    [
      {
        key: 'stripe:acct_1SimQuittance000:pi_life:succeeded',
        payment: 'pi_life',
        minor: 115000,
        currency: 'USD',
        name: booked.name,
      },
    ],
  )
})

test('a burst is booked, each payment on its own invoice', async () => {
  const invoices = []
  for (let n = 1; n <= 12; n += 1) invoices.push(await quittance.invoice(`${n}.50`))
  const answers = await Promise.all(
    invoices.map(({ metadata }, n) => {
      const amount = (n + 1) * 100 + 50
      return post(
        quittance.url,
        paymentEvent(`burst${n}`, { object: { amount, amount_received: amount, currency: 'usd', metadata } }),
      )
    }),
  )
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]))
  for (const n of invoices.keys()) await quittance.settled(`evt_burst${n}`)
  for (const { id, name } of invoices) assert.equal((await quittance.odoo.sim(`invoices/${id}`)).residual, '0.00', name)
})

test('a payment at Stripe arrives by its own delivery, as a snapshot and thin', async () => {
  const webhook = new URL('/webhooks/stripe', quittance.url).href
  for (const thin of [false, true]) {
    await quittance.stripe.sim('webhook', { url: webhook, secrets: [SECRET], thin })
    const invoice = await quittance.invoice('31.41')
    const { payment_intent: id } = await quittance.stripe.sim('pay', {
      amount: 3141,
      currency: 'usd',
      metadata: invoice.metadata,
    })
    await eventually(async () => (await quittance.odoo.sim(`invoices/${invoice.id}`)).residual === '0.00')
    const mine = (await quittance.odoo.sim('payments')).filter((payment) => payment.memo.includes(id))
    assert.equal(mine.length, 1)
  }
  await eventually(async () => {
    const open = "SELECT count(*) open FROM inbox WHERE state NOT IN ('done', 'ignored')"
    return (await quittance.db.prepare(open).first()).open === 0
  })
  const { deliveries } = await quittance.stripe.sim('deliveries')
  assert.ok(deliveries.every(({ state }) => state === 'delivered'))
})

test('money that matches nothing is booked as credit', async () => {
  const payload = paymentEvent('stray', { object: { amount: 777, amount_received: 777, currency: 'usd' } })
  assert.equal((await post(quittance.url, payload)).status, 200)
  await quittance.settled('evt_stray')
  const stray = (await quittance.odoo.sim('payments')).find(({ memo }) => memo.includes('pi_stray'))
  assert.equal(Number(stray.unallocated), 7.77)
  const posting = (await postings()).find(({ payment }) => payment === 'pi_stray')
  assert.ok(JSON.parse(posting.flags).length > 0)
})
