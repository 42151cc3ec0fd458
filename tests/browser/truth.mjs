// Whatever is reloaded, opened twice or paid meanwhile: the page shows what is true, and there is one charge.

import assert from 'node:assert/strict'

import { CARD, eventually, stories } from './support/index.mjs'

const story = stories()

/** The amounts in the books and how often Stripe took money for the invoice. */
async function charges(shop, invoice) {
  const books = (await shop.payments(invoice)).map(({ amount }) => Number(amount))
  const taken = (await shop.intents(invoice)).filter(({ status }) => status === 'succeeded')
  return { books, taken: taken.length }
}

story('two tabs that pay at once make one charge', async ({ shop, invoice, visit }) => {
  const tabs = await Promise.all([visit(invoice.pay_link), visit(invoice.pay_link)])
  await Promise.all(tabs.map((tab) => tab.card()))
  await Promise.all(tabs.map((tab) => tab.payButton.click()))
  await Promise.all(tabs.map((tab) => tab.recorded()))
  assert.deepEqual(await charges(shop, invoice), { books: [115], taken: 1 })
  assert.equal((await shop.intents(invoice)).length, 1)
})

story(
  'when another tab chose another amount, the older page says so and offers the new one',
  async ({ shop, invoice, visit }) => {
    const older = await visit(invoice.pay_link)
    await older.card()
    const newer = await visit(invoice.pay_link)
    await newer.ready('Pay $30.00')
    await newer.scope.getByRole('radio', { name: /^Full amount/ }).check()
    await newer.ready('Pay $100.00')
    await older.payButton.click()
    await older.sees('The amount has changed')
    await older.sees('It was $30.00; now it is $100.00. Nothing was charged.')
    await older.pay()
    await older.recorded()
    assert.deepEqual(await charges(shop, invoice), { books: [100], taken: 1 })
    await newer.card()
    await newer.payButton.click()
    await newer.recorded()
    assert.deepEqual(await charges(shop, invoice), { books: [100], taken: 1 })
  },
  { wish: { amount: '100.00', terms: '30@0 70@30' } },
)

story('two fast presses make one charge', async ({ shop, invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  await payer.card()
  await payer.payButton.dblclick()
  await payer.recorded()
  assert.deepEqual(await charges(shop, invoice), { books: [115], taken: 1 })
  const { requests } = await shop.stripe.sim('requests')
  const [{ payment }] = await shop.intents(invoice)
  assert.equal(requests.filter(({ path }) => path === `/v1/payment_intents/${payment}/confirm`).length, 1)
})

story(
  'a reload before paying goes on with the same PaymentIntent, without a token in the address',
  async ({ shop, invoice, visit }) => {
    const payer = await visit(invoice.pay_link)
    await payer.ready()
    assert.equal(payer.page.url(), `${shop.url}/pay/${invoice.id}`)
    await payer.page.reload()
    await payer.pay()
    await payer.recorded()
    assert.equal((await shop.intents(invoice)).length, 1)
  },
)

story('a reload while the bank asks leaves the payment open, to be made again', async ({ shop, invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  await payer.pay(CARD.asks)
  await payer.heading('Your bank asks: is this you?')
  await payer.page.reload()
  await payer.pay()
  await payer.recorded()
  assert.deepEqual(await charges(shop, invoice), { books: [115], taken: 1 })
})

story(
  'a reload between Stripe’s yes and the books shows the payment, and then its name in the books',
  async ({ shop, invoice, visit }) => {
    await shop.odoo.sim('faults', { fault: 'down', on: invoice.name })
    const payer = await visit(invoice.pay_link)
    await payer.pay()
    await payer.heading('$115.00 paid')
    await payer.sees('Being recorded in the books…')
    await payer.page.reload()
    await payer.heading('$115.00 paid')
    await payer.sees('Visa •••• 4242')
    assert.equal(await payer.payButton.count(), 0)
    await shop.mend()
    const name = await payer.recorded()
    await payer.page.reload()
    assert.equal(await payer.recorded(), name)
    const later = await visit(invoice.pay_link)
    await later.heading('This invoice is paid')
    assert.equal(await later.recorded(), name)
    assert.deepEqual(await charges(shop, invoice), { books: [115], taken: 1 })
  },
)

story(
  'an invoice that was paid another way meanwhile is shown as paid after a reload',
  async ({ shop, invoice, visit }) => {
    const payer = await visit(invoice.pay_link)
    await payer.ready()
    await shop.odoo.sim(`invoices/${invoice.id}/pay`, { amount: '115.00' })
    await payer.page.reload()
    await payer.heading('This invoice is paid')
    assert.equal(await payer.payButton.count(), 0)
  },
)

story(
  'whoever presses Pay after the clock has given up the payment learns that the invoice is paid',
  async ({ shop, invoice, visit }) => {
    const payer = await visit(invoice.pay_link)
    await payer.card()
    await shop.odoo.sim(`invoices/${invoice.id}/pay`, { amount: '115.00' })
    await shop.recover()
    await payer.payButton.click()
    await payer.heading('This invoice is paid')
    assert.equal((await charges(shop, invoice)).taken, 0)
  },
)

story(
  'money that comes for an invoice paid another way is kept as the customer’s credit',
  async ({ shop, invoice, visit }) => {
    const payer = await visit(invoice.pay_link)
    await payer.card()
    await shop.odoo.sim(`invoices/${invoice.id}/pay`, { amount: '115.00' })
    await payer.payButton.click()
    await payer.heading('We have your payment')
    const [{ payment }] = await shop.intents(invoice)
    const booked = await eventually(async () =>
      (await shop.odoo.sim('payments')).find(({ memo }) => memo.includes(payment)),
    )
    assert.equal(Number(booked.unallocated), 115)
  },
)

story('a tab that comes back to the front sees that another has paid', async ({ invoice, visit }) => {
  const first = await visit(invoice.pay_link)
  await first.ready()
  const second = await visit(invoice.pay_link)
  await second.pay()
  await second.recorded()
  await first.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await first.recorded()
})
