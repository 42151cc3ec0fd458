// From the link to the books, on one page.

import assert from 'node:assert/strict'

import { CARD, eventually, PHONE, stories } from './support/index.mjs'

const story = stories()

/** The books have one payment, of the whole. */
async function paidOnce(shop, invoice, amount = 115) {
  assert.equal((await shop.standing(invoice)).residual, '0.00')
  assert.deepEqual(
    (await shop.payments(invoice)).map((payment) => Number(payment.amount)),
    [amount],
  )
}

story('an invoice is paid in full and the page says as what it was recorded', async ({ shop, invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  await payer.heading(`Invoice ${invoice.name}`)
  await payer.ready('Pay $115.00')
  await payer.pay()
  await payer.heading('$115.00 paid')
  const name = await payer.recorded()
  await paidOnce(shop, invoice)
  assert.equal((await shop.payments(invoice))[0].name, name)
  const [intent, ...more] = await shop.intents(invoice)
  assert.deepEqual(more, [])
  await payer.sees(intent.payment)
  await payer.sees('Visa •••• 4242')
})

story(
  'a declined card is told of in place, with the focus, and the next card pays the same PaymentIntent',
  async ({ shop, invoice, visit }) => {
    const payer = await visit(invoice.pay_link, { size: PHONE })
    await payer.pay(CARD.poor)
    const alert = payer.scope.getByRole('alert').filter({ hasText: 'The payment did not go through' })
    await alert.waitFor()
    await payer.sees('There is not enough money on this card. Use another card or way of paying.')
    await payer.focusOn(alert)
    await payer.inState('open')
    const [declined] = await shop.intents(invoice)
    await payer.pay(CARD.pays)
    await payer.recorded()
    await paidOnce(shop, invoice)
    const intents = await shop.intents(invoice)
    assert.deepEqual(
      intents.map(({ payment }) => payment),
      [declined.payment],
    )
  },
)

story('fields that are wrong keep the payment from being sent', async ({ shop, invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  await payer.card('4242424242424241')
  await payer.payButton.click()
  await payer.sees('This is not the number of a card.')
  await payer.focusOn(payer.scope.getByLabel('Card number'))
  const { requests } = await shop.stripe.sim('requests')
  const [{ payment }] = await shop.intents(invoice)
  assert.deepEqual(
    requests.filter(({ path }) => path === `/v1/payment_intents/${payment}/confirm`),
    [],
  )
})

story('whoever passes 3-D Secure has paid', async ({ shop, invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  await payer.pay(CARD.asks)
  await payer.heading('Your bank asks: is this you?')
  await payer.sees('Your bank may ask you to confirm the payment.')
  await payer.answerBank('Complete authentication')
  await payer.recorded()
  await paidOnce(shop, invoice)
})

for (const [what, button] of [
  ['fails', 'Fail authentication'],
  ['closes', 'Close'],
]) {
  story(`whoever ${what} 3-D Secure has not paid, and may try again`, async ({ shop, invoice, visit }) => {
    const payer = await visit(invoice.pay_link)
    await payer.pay(CARD.asks)
    await payer.answerBank(button)
    await payer.sees('Your bank could not confirm that it is you.')
    await payer.ready('Pay $115.00')
    assert.equal((await shop.standing(invoice)).residual, '115.00')
    await payer.pay()
    await payer.recorded()
    await paidOnce(shop, invoice)
    assert.equal((await shop.intents(invoice)).length, 1)
  })
}

story(
  'cancelling changes nothing, and coming back goes on with the same PaymentIntent',
  async ({ shop, invoice, visit }) => {
    const payer = await visit(invoice.pay_link)
    await payer.card()
    await payer.button('Cancel').click()
    await payer.heading('Nothing was paid')
    await payer.button('Continue paying').click()
    await payer.ready()
    assert.equal(
      await payer.scope.getByLabel('Card number').inputValue(),
      '4242 4242 4242 4242',
      'what was typed is still there',
    )
    const later = await visit(invoice.pay_link)
    await later.pay()
    await later.recorded()
    await paidOnce(shop, invoice)
    assert.equal((await shop.intents(invoice)).length, 1)
  },
)

story('a bank debit is on its way until the bank has paid', async ({ shop, invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  await payer.ready()
  await payer.debit('000123456789')
  await payer.heading('Your payment is on its way')
  await eventually(async () => (await shop.intents(invoice))[0].status === 'processing')
  await payer.page.reload()
  await payer.heading('Your payment is on its way')
  const other = await visit(invoice.pay_link)
  await other.heading('Your payment is on its way')
  assert.equal(await other.payButton.count(), 0)
  await shop.stripe.sim('clock', { advance_ms: 60_000 })
  await Promise.all([payer.recorded(), other.recorded()])
  await paidOnce(shop, invoice)
})

story(
  'a bank debit that fails is told of, and the invoice can be paid another way',
  async ({ shop, invoice, visit }) => {
    const payer = await visit(invoice.pay_link)
    await payer.ready()
    await payer.debit('000222222227')
    await payer.heading('Your payment is on its way')
    await eventually(async () => (await shop.intents(invoice))[0].status === 'processing')
    // The page must have seen that the ledger knows before it is told otherwise.
    await payer.page.waitForResponse(
      async (answer) => answer.url().endsWith('/payment') && (await answer.json()).state === 'processing',
    )
    await shop.stripe.sim('clock', { advance_ms: 60_000 })
    await payer.sees('The payment did not go through')
    await payer.pay()
    await payer.recorded()
    await paidOnce(shop, invoice)
  },
)

story(
  'a link with another token, or to no invoice, leads nowhere and tells nothing',
  async ({ shop, invoice, visit }) => {
    const draft = await shop.invoice({ draft: true })
    for (const link of [
      invoice.pay_link.replace(/access_token=.*/, 'access_token=00000000-0000-4000-8000-000000000000'),
      invoice.pay_link.replace(/access_token=.*/, 'access_token='),
      invoice.pay_link.replace(/\?.*/, ''),
      invoice.pay_link.replace(/pay\/\d+/, 'pay/999999'),
      draft.pay_link,
    ]) {
      const payer = await visit(link)
      await payer.heading('There is no invoice here')
      const text = await payer.scope.locator('body').textContent()
      assert.ok(!text.includes(invoice.name) && !text.includes('115'), link)
    }
  },
)

story('a link from a copy of the database takes no payment', async ({ shop, invoice, visit }) => {
  const payer = await visit(`${invoice.pay_link}&db=00000000-0000-4000-8000-000000000000`)
  await payer.heading('This link belongs to a copy')
  assert.equal(await payer.payButton.count(), 0)
  assert.deepEqual(await shop.intents(invoice), [])
})

story(
  'money that the books cannot take by themselves is told of, and not asked for again',
  async ({ shop, invoice, visit }) => {
    const payer = await visit(invoice.pay_link)
    await payer.pay()
    await payer.heading('We have your payment')
    const later = await visit(invoice.pay_link)
    await later.heading('We have your payment')
    assert.equal(await later.payButton.count(), 0)
    assert.equal((await shop.intents(invoice)).length, 1)
    // The books have no rate of this currency.
  },
  { wish: { currency: 'EUR' } },
)

story('what the policy forbids is not done, and every test would see it', async ({ shop, invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  payer.forgive(/policy|asked|token sent/i)
  await payer.ready()
  await payer.page.evaluate(async (elsewhere) => {
    document.body.append(Object.assign(document.createElement('script'), { textContent: 'globalThis.ran = true' }))
    document.body.setAttribute('style', 'opacity: 0')
    await fetch(`${elsewhere}/?access_token=x`).catch(() => {})
  }, shop.host.url)
  assert.equal(await payer.page.evaluate(() => globalThis.ran ?? getComputedStyle(document.body).opacity), '1')
  const seen = await eventually(() => payer.reports().length >= 3 && payer.reports().join())
  for (const directive of ['script-src-elem', 'style-src-attr', 'connect-src'])
    assert.match(seen, new RegExp(`policy broken: ${directive}`))
})

for (const [locale, tag, pay, paid] of [
  ['fr_FR', 'fr', /^Payer 115,00/, /Enregistré en comptabilité sous/],
  ['de_DE', 'de', /115,00.*bezahlen/, /Verbucht als/],
  ['es_ES', 'es', /^Pagar 115,00/, /Registrado en la contabilidad como/],
]) {
  story(
    `a customer whose language is ${locale} is spoken to in it`,
    async ({ invoice, visit }) => {
      const payer = await visit(invoice.pay_link)
      await payer.scope.getByRole('button', { name: pay }).waitFor()
      assert.equal(await payer.page.evaluate(() => document.documentElement.lang), tag)
      await payer.pay()
      await payer.recorded()
      await payer.sees(paid)
    },
    { wish: { lang: locale } },
  )
}
