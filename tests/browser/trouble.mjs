// When Odoo, Stripe, the network or the card fails.

import assert from 'node:assert/strict'

import { CARD, eventually, stories } from './support/index.mjs'

const story = stories()
const OFFLINE = /net::ERR_FAILED|net::ERR_BLOCKED_BY_CLIENT|net::ERR_EMPTY_RESPONSE|net::ERR_CONNECTION/

story(
  'with Odoo down at success the page says that it will be recorded, and later as what',
  async ({ shop, invoice, visit }) => {
    const payer = await visit(null)
    await payer.page.clock.install()
    await payer.page.goto(invoice.pay_link)
    await payer.card()
    await shop.odoo.sim('faults', { fault: 'down' })
    await payer.payButton.click()
    await payer.heading('$115.00 paid')
    await eventually(async () => {
      await payer.page.clock.fastForward(11_000)
      return (await payer.scope.locator('.books').textContent()).startsWith(
        'The payment succeeded and will be recorded',
      )
    })
    await payer.page.reload()
    await payer.heading('$115.00 paid')
    assert.deepEqual(await shop.payments(invoice), [])
    await shop.mend()
    await eventually(async () => (await shop.standing(invoice)).residual === '0.00')
    await payer.page.reload()
    await payer.recorded()
    assert.equal((await shop.payments(invoice)).length, 1)
  },
)

story(
  'a server that cannot be reached at first is asked again by the page itself',
  async ({ shop, invoice, visit }) => {
    const payer = await visit(null)
    payer.forgive(OFFLINE)
    let asked = 0
    await payer.page.route('**/api/payment-intents', (route) => {
      asked += 1
      return asked <= 2 ? route.abort() : route.continue()
    })
    await payer.page.goto(invoice.pay_link)
    await payer.sees('This is taking longer than usual. Still trying…')
    await payer.pay()
    await payer.recorded()
    assert.equal((await shop.intents(invoice)).length, 1)
  },
)

story('a server that stays away leaves a button to try again', async ({ invoice, visit }) => {
  const payer = await visit(null)
  payer.forgive(OFFLINE)
  await payer.page.clock.install()
  await payer.page.route('**/api/payment-intents', (route) => route.abort())
  await payer.page.goto(invoice.pay_link)
  await eventually(async () => {
    await payer.page.clock.fastForward(5_000)
    return (await payer.state()) === 'no-server'
  })
  await payer.sees('Nothing was charged. Please try again in a moment.')
  await payer.page.unroute('**/api/payment-intents')
  await payer.button('Try again').click()
  await payer.pay()
  await payer.recorded()
})

story(
  'Odoo down at the first visit is told of as a pause of the server, and the next try finds it',
  async ({ shop, invoice, visit }) => {
    const payer = await visit(null)
    await payer.page.clock.install()
    await shop.odoo.sim('faults', { fault: 'down' })
    await payer.page.goto(invoice.pay_link)
    await payer.sees('This is taking longer than usual. Still trying…')
    await shop.mend()
    await payer.page.clock.fastForward(15_000)
    await payer.ready('Pay $115.00')
  },
)

story('a slow network changes nothing but the time', async ({ shop, invoice, visit }) => {
  const slow = (method, path, ms) => ({ method, path, times: 1, kind: { slow: ms } })
  await shop.odoo.sim('faults', { fault: 'slow', ms: 1500, times: 1 })
  await shop.stripe.sim('faults', [slow('POST', '/v1/payment_intents', 1500), slow('GET', '/v1/elements', 1500)])
  const payer = await visit(invoice.pay_link)
  await payer.inState('loading')
  await payer.card()
  const [{ payment }] = await shop.intents(invoice)
  await shop.stripe.sim('faults', [slow('POST', `/v1/payment_intents/${payment}/confirm`, 2000)])
  await payer.payButton.click()
  await payer.scope.getByRole('button', { name: 'Checking your payment…' }).waitFor()
  assert.equal(await payer.payButton.getAttribute('aria-disabled'), 'true')
  assert.ok(await payer.scope.getByText('Cancel', { exact: true }).isDisabled())
  await payer.recorded()
  assert.equal((await shop.payments(invoice)).length, 1)
})

story('a lost answer to the confirmation is looked up, not charged again', async ({ shop, invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  payer.forgive(OFFLINE)
  await payer.card()
  const [{ payment }] = await shop.intents(invoice)
  await shop.stripe.sim('faults', [
    { method: 'POST', path: `/v1/payment_intents/${payment}/confirm`, kind: 'drop_after' },
  ])
  await payer.payButton.click()
  await payer.recorded()
  assert.equal((await shop.payments(invoice)).length, 1)
})

story('when nobody can say whether money moved, the page says so and looks again', async ({ shop, invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  payer.forgive(OFFLINE)
  await payer.card()
  const [{ payment }] = await shop.intents(invoice)
  const path = `/v1/payment_intents/${payment}`
  await payer.page.route(`${shop.stripe.url}${path}**`, (route) => route.abort())
  await payer.payButton.click()
  await payer.heading('We do not know yet whether the payment went through')
  await payer.page.unroute(`${shop.stripe.url}${path}**`)
  await payer.button('Check again').click()
  await payer.pay()
  await payer.recorded()
  assert.equal((await shop.payments(invoice)).length, 1)
})

story('without Stripe.js the page says what to do, and the next try loads it', async ({ shop, invoice, visit }) => {
  const payer = await visit(null)
  payer.forgive(OFFLINE)
  await payer.page.route(`${shop.stripe.url}/endive/stripe.js`, (route) => route.abort())
  await payer.page.goto(invoice.pay_link)
  await payer.heading('The payment form could not be loaded')
  await payer.page.unroute(`${shop.stripe.url}/endive/stripe.js`)
  await payer.button('Try again').click()
  await payer.pay()
  await payer.recorded()
})

story('five declines make a pause, after which the invoice can be paid', async ({ shop, invoice, visit }) => {
  const payer = await visit(null)
  await payer.page.clock.install()
  await payer.page.goto(invoice.pay_link)
  for (let n = 0; n < 5; n += 1) {
    await payer.pay(CARD.declined)
    const alert = payer.scope.getByRole('alert').or(payer.scope.getByRole('timer'))
    await alert.waitFor()
    const declines = 'SELECT sum(declines) AS n FROM intents WHERE invoice = ?1'
    await eventually(async () => (await shop.db.prepare(declines).bind(invoice.id).first()).n > n)
  }
  await payer.heading('A short pause')
  await payer.scope.getByRole('timer').waitFor()
  const other = await visit(invoice.pay_link)
  await other.heading('A short pause')
  assert.equal(await other.payButton.count(), 0)
  const over = 'UPDATE intents SET declined = declined - 86400, paused_until = paused_until - 86400 WHERE invoice = ?1'
  await shop.db.prepare(over).bind(invoice.id).run()
  await payer.page.clock.fastForward('01:00:00')
  await payer.button('Try again').click()
  await payer.pay()
  await payer.recorded()
})
