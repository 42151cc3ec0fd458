// From the link to the books, on one page.

import assert from 'node:assert/strict'

import { CARD, eventually, PHONE, stories } from './support/index.mjs'

const story = stories()

story('an invoice is paid in full and the page says as what it was recorded', async ({ shop, invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  await payer.heading(`Invoice ${invoice.name}`)
  await payer.ready('Pay $115.00')
  await payer.pay()
  await payer.heading('$115.00 paid')
  const name = await payer.recorded()
  assert.equal((await shop.standing(invoice)).residual, '0.00')
  const payments = await shop.payments(invoice)
  assert.deepEqual(payments.map((payment) => [payment.name, Number(payment.amount)]), [[name, 115]])
  const [intent, ...more] = await shop.intents(invoice)
  assert.deepEqual(more, [])
  await payer.sees(intent.payment)
  await payer.sees('Visa •••• 4242')
})
