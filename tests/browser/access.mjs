// The page for whoever types, hears, enlarges or dims.

import assert from 'node:assert/strict'

import { accessible } from './support/axe.mjs'
import { CARD, eventually, PHONE, stories } from './support/index.mjs'
import { tabTo } from './support/keyboard.mjs'

const story = stories()

story('the keyboard alone is enough, from the link to paid', async ({ shop, invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  const { page, scope } = payer
  await payer.ready()
  await tabTo(page, scope.getByRole('radio', { name: 'Card' }))
  await tabTo(page, scope.getByLabel('Card number'))
  await page.keyboard.type(CARD.declined)
  await tabTo(page, scope.getByLabel('Expiration date'))
  await page.keyboard.type('1234')
  await tabTo(page, scope.getByLabel('Security code'))
  await page.keyboard.type('123')
  await tabTo(page, payer.payButton)
  await page.keyboard.press('Enter')
  await payer.sees('The payment did not go through')
  await payer.focusOn(scope.getByRole('alert').filter({ hasText: 'did not go through' }))
  await tabTo(page, scope.getByLabel('Card number'), 'Shift+Tab')
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type(CARD.asks)
  await tabTo(page, payer.payButton)
  await page.keyboard.press('Enter')
  await payer.heading('Your bank asks: is this you?')
  await tabTo(page, scope.getByRole('button', { name: 'Complete authentication' }))
  await page.keyboard.press('Enter')
  await payer.recorded()
  await payer.focusOn(scope.getByRole('heading', { name: '$115.00 paid' }))
  assert.equal((await shop.standing(invoice)).residual, '0.00')
})

story('Escape in the bank’s dialog closes it and charges nothing', async ({ shop, invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  await payer.pay(CARD.asks)
  await payer.heading('Your bank asks: is this you?')
  await payer.page.keyboard.press('Escape')
  await payer.sees('Your bank could not confirm that it is you.')
  assert.equal((await shop.standing(invoice)).residual, '115.00')
})

story('a screen reader finds every control by its name, and hears what happens', async ({ invoice, visit }) => {
  const payer = await visit(null)
  const said = []
  await payer.page.exposeFunction('heard', (text) => text && said.push(text))
  await payer.page.addInitScript(() => {
    const hear = () => globalThis.heard(document.getElementById('status')?.textContent)
    addEventListener('DOMContentLoaded', () =>
      new MutationObserver(hear).observe(document.getElementById('status'), {
        childList: true,
        characterData: true,
        subtree: true,
      }),
    )
  })
  await payer.page.goto(invoice.pay_link)
  await payer.ready()
  const { scope } = payer
  for (const [role, name] of [
    ['main', undefined],
    ['heading', new RegExp(`^Invoice ${invoice.name}`)],
    ['radio', 'Card'],
    ['radio', 'Bank debit'],
    ['textbox', 'Card number'],
    ['textbox', 'Expiration date'],
    ['textbox', 'Security code'],
    ['combobox', 'Country or region'],
    ['textbox', 'Postal code (optional)'],
    ['button', 'Pay $115.00'],
    ['button', 'Cancel'],
  ]) {
    assert.equal(await scope.getByRole(role, { name, exact: true }).count(), 1, `${role} ${name}`)
  }
  assert.equal(await payer.page.title(), `Invoice ${invoice.name} · My Company`)
  const unnamed = await payer.page.evaluate(
    () =>
      [...document.querySelectorAll('button, input, select, a, iframe')].filter(
        (e) => !e.labels?.length && !e.textContent && !e.ariaLabel && !e.title,
      ).length,
  )
  assert.equal(unnamed, 0)
  await payer.card(CARD.asks)
  await payer.payButton.click()
  await payer.answerBank('Complete authentication')
  await payer.recorded()
  assert.equal(await scope.getByRole('status').filter({ hasText: 'Recorded in the books as' }).count(), 1)
  const order = ['Loading…', 'Payment', 'Checking your payment…', 'Your bank may ask you to confirm the payment.']
  const found = order.map((text) => said.findIndex((heard) => heard.startsWith(text)))
  assert.deepEqual(
    found,
    found.toSorted((a, b) => a - b),
    `heard: ${said.join(' | ')}`,
  )
  assert.ok(!found.includes(-1), `heard: ${said.join(' | ')}`)
})

story('the form, a wrong field and a declined card are accessible', async ({ invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  await payer.ready()
  await accessible(payer, 'ready')
  await payer.payButton.click()
  await payer.sees('Enter the whole card number.')
  await accessible(payer, 'wrong')
  await payer.pay(CARD.declined)
  await payer.sees('The payment did not go through')
  await accessible(payer, 'declined')
  await payer.button('Cancel').click()
  await accessible(payer, 'canceled')
})

story('the bank’s question and the payment are accessible', async ({ invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  await payer.pay(CARD.asks)
  await payer.heading('Your bank asks: is this you?')
  // What lies behind a modal dialog is dimmed and out of reach.
  await accessible(payer, '3-D Secure', { exclude: ['main'] })
  await payer.answerBank('Complete authentication')
  await payer.recorded()
  await accessible(payer, 'paid')
})

story('a debit on its way is accessible', async ({ invoice, visit }) => {
  const payer = await visit(invoice.pay_link)
  await payer.ready()
  await payer.scope.getByRole('radio', { name: 'Bank debit' }).check()
  await accessible(payer, 'debit')
  await payer.debit('000123456789')
  await payer.heading('Your payment is on its way')
  await accessible(payer, 'processing')
})

story(
  'a choice of amounts is accessible',
  async ({ invoice, visit }) => {
    const payer = await visit(invoice.pay_link)
    await payer.ready()
    await accessible(payer, 'choice')
  },
  { wish: { amount: '1234567.89', terms: '30@0 30@10 40@30' } },
)

story('pages without a payment are accessible', async ({ shop, invoice, visit }) => {
  const missing = await visit(invoice.pay_link.replace(/access_token=.*/, 'access_token=x'))
  await missing.heading('There is no invoice here')
  await accessible(missing, 'missing')
  const copy = await visit(`${invoice.pay_link}&db=another`)
  await copy.heading('This link belongs to a copy')
  await accessible(copy, 'copy')
  const paused = await visit(invoice.pay_link)
  await paused.ready()
  await shop.db.prepare('UPDATE intents SET paused_until = unixepoch() + 600 WHERE invoice = ?1').bind(invoice.id).run()
  await paused.page.reload()
  await paused.heading('A short pause')
  await accessible(paused, 'paused')
  const away = await visit(null)
  away.forgive(/net::ERR_FAILED/)
  await away.page.clock.install()
  await away.page.route('**/api/payment-intents', (route) => route.abort())
  await away.page.goto(invoice.pay_link)
  await eventually(async () => {
    await away.page.clock.fastForward(5_000)
    return (await away.state()) === 'no-server'
  })
  await accessible(away, 'no server')
})

story('text of twice the size fits on a phone', async ({ invoice, visit }) => {
  const payer = await visit(invoice.pay_link, { size: PHONE })
  await payer.ready()
  await payer.page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'))
  const wide = await payer.page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  assert.equal(wide, 0)
})
