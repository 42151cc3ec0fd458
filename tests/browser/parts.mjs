// Paying in parts, and with a card that the customer kept.

import assert from 'node:assert/strict'

import { stories } from './support/index.mjs'

const story = stories({ PAY_PARTIAL: 'true', PAY_MINIMUM: '5', PAY_SAVED_CARDS: 'true' })

const amounts = async (shop, invoice) =>
  (await shop.payments(invoice)).map(({ amount }) => Number(amount)).toSorted((a, b) => a - b)

story('two parts are paid, then the rest', async ({ shop, invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  await payer.ready('Pay $115.00')
  for (const [part, left] of [
    ['40', '75.00'],
    ['25.50', '49.50'],
  ]) {
    await payer.ownAmount(part)
    await payer.ready(`Pay $${Number(part).toFixed(2)}`)
    await payer.pay()
    await payer.recorded()
    assert.equal((await shop.standing(invoice)).residual, left)
    await payer.button(`Pay the remaining $${left}`).click()
    await payer.ready(`Pay $${left}`)
  }
  await payer.sees('Already paid')
  await payer.pay()
  await payer.recorded()
  assert.equal((await shop.standing(invoice)).residual, '0.00')
  assert.deepEqual(await amounts(shop, invoice), [25.5, 40, 49.5])
})

story('an amount that cannot be is refused where it is typed', async ({ invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  await payer.ready()
  await payer.scope.getByLabel('Another amount').check()
  const field = payer.scope.getByLabel('Your amount in USD')
  for (const [typed, said] of [
    ['115.01', 'From $5.00 to $115.00'],
    ['4.99', 'From $5.00 to $115.00'],
    ['ten', 'Enter an amount like 5.00.'],
    ['10.001', 'Enter an amount like 5.00.'],
  ]) {
    await field.fill(typed)
    await field.press('Enter')
    await payer.sees(said)
    await payer.focusOn(field)
    assert.equal(await field.getAttribute('aria-invalid'), 'true')
  }
  assert.equal(await payer.payButton.getAttribute('aria-disabled'), 'true')
  await payer.ownAmount('60')
  await payer.ready('Pay $60.00')
})

story(
  'the next instalment is offered first, and more may be chosen',
  async ({ shop, invoice, visit }) => {
    const payer = await visit(invoice.pay_link)
    await payer.ready('Pay $30.00')
    assert.ok(await payer.scope.getByRole('radio', { name: /^Next instalment/ }).isChecked())
    await payer.pay()
    await payer.recorded()
    await payer.button('Pay the remaining $70.00').click()
    await payer.ready('Pay $30.00')
    await payer.scope.getByRole('radio', { name: /^Full amount/ }).check()
    await payer.ready('Pay $70.00')
    await payer.pay()
    await payer.recorded()
    assert.deepEqual(await amounts(shop, invoice), [30, 70])
    assert.equal((await shop.standing(invoice)).residual, '0.00')
  },
  { wish: { amount: '100.00', terms: '30@0 30@10 40@30' } },
)

story(
  'the discount for paying early settles the whole invoice',
  async ({ shop, invoice, visit }) => {
    const payer = await visit(invoice.pay_link)
    await payer.ready('Pay $98.00')
    await payer.pay()
    await payer.recorded()
    assert.equal((await shop.standing(invoice)).residual, '0.00')
  },
  { wish: { amount: '100.00', terms: '-2@7' } },
)

story('a card that was kept pays the customer’s next invoice', async ({ shop, visit }) => {
  const partner = `Returning ${process.pid}`
  const first = await shop.invoice({ partner })
  const payer = await visit(first.pay_link)
  await payer.card()
  await payer.scope.getByLabel('Keep this payment method for next time').check()
  await payer.payButton.click()
  await payer.recorded()
  const second = await shop.invoice({ partner, amount: '20.00' })
  const again = await visit(second.pay_link)
  await again.ready('Pay $20.00')
  assert.ok(await again.scope.getByRole('radio', { name: /Visa ending in 4242/ }).isChecked())
  await again.payButton.click()
  await again.recorded()
  assert.equal((await shop.standing(second)).residual, '0.00')
  const stranger = await visit((await shop.invoice()).pay_link)
  await stranger.ready()
  assert.equal(await stranger.scope.getByText('ending in 4242').count(), 0, 'nobody else sees it')
})
