// The operator's page before the Worker itself: what is done on it is done in the ledger and in the books.

import assert from 'node:assert/strict'

import { accessible } from './support/axe.mjs'
import { Operator } from './support/desk.mjs'
import { eventually, stories } from './support/index.mjs'

const TOKEN = 'an-operators-token-of-at-least-32-characters'
const story = stories({ ADMIN_TOKEN: TOKEN }, Operator)

/** Money for an invoice, paid past the page; `metadata` names it as the pay page would. */
async function paid(shop, invoice, minor = 11_500) {
  const metadata = invoice
    ? { odoo_db: 'odoo', odoo_model: 'account.move', odoo_id: `${invoice.id}`, odoo_ref: invoice.name }
    : {}
  const { payment_intent: payment } = await shop.stripe.sim('pay', { amount: minor, currency: 'usd', metadata })
  return payment
}

const event = (shop, payment, fields = '*') =>
  shop.db
    .prepare(`SELECT ${fields} FROM inbox WHERE subject = ?1 AND type = 'payment_intent.succeeded'`)
    .bind(payment)
    .first()

async function enter(shop, visit, path = '') {
  const operator = await visit(`${shop.url}/admin${path && `#${path}`}`)
  await operator.settled()
  await operator.signIn(TOKEN, 'alice')
  await operator.page.locator('.me').waitFor()
  await operator.settled()
  return operator
}

story(
  'an event that the ERP refuses is found, parked, replayed and booked, and the audit says who did it',
  async ({ shop, invoice, visit }) => {
    await shop.odoo.sim('faults', { fault: 'serialization', on: invoice.name })
    const payment = await paid(shop, invoice)
    const { id } = await eventually(async () => {
      const row = await event(shop, payment)
      return row?.state === 'failed' && row
    })
    const operator = await enter(shop, visit)
    const { page } = operator
    await page.getByRole('link', { name: 'Events' }).click()
    await operator.heading('Events')
    await page.getByLabel('Search').fill(payment)
    await operator.button('Find').click()
    await page.waitForURL(/q=pi_/)
    await page.locator('.event', { hasText: 'payment_intent.succeeded' }).getByRole('link').click()
    await operator.heading('payment_intent.succeeded')
    await page.locator('.course > li', { hasText: 'erp_busy' }).first().waitFor()
    await accessible(operator, 'admin-worker-story')
    await operator.does('Park', 'Odoo is being upgraded')
    await operator.sees(`Done. ${id} is now: parked.`)
    assert.equal((await event(shop, payment)).state, 'parked')
    assert.equal((await shop.standing(invoice)).residual, '115.00')

    await shop.odoo.sim('faults', undefined, 'DELETE')
    await operator.does('Replay', 'the upgrade is done')
    await operator.sees('Done.')
    // Nobody loads the page again: it follows the event to its end.
    await page.locator('.top .badge.good', { hasText: 'done' }).waitFor()
    assert.equal((await shop.standing(invoice)).residual, '0.00')
    assert.equal((await shop.payments(invoice)).length, 1)

    await operator.at(`/events?${new URLSearchParams({ q: invoice.name })}`)
    await page.locator('.event', { hasText: payment }).first().waitFor()
    await page.getByRole('link', { name: 'Audit' }).click()
    await operator.heading('Audit')
    for (const [action, reason] of [
      ['Park', 'Odoo is being upgraded'],
      ['Replay', 'the upgrade is done'],
    ]) {
      await page
        .locator('.audit-entry', { hasText: reason })
        .filter({ hasText: action })
        .filter({ hasText: 'token:alice' })
        .filter({ hasText: id })
        .waitFor()
    }
  },
)

story('a receipt that found no invoice is given one, and the books reconcile it', async ({ shop, invoice, visit }) => {
  const payment = await paid(shop, null)
  await eventually(async () => (await event(shop, payment))?.state === 'done')
  const operator = await enter(shop, visit, '/unallocated')
  const { page } = operator
  const card = page.locator('.card', { hasText: payment })
  await card.getByRole('button', { name: 'Assign to an invoice' }).click()
  await page.getByLabel('Invoice number').fill('INV/1999/00001')
  await page.getByLabel('Reason').fill('by telephone')
  const press = page.getByRole('dialog').getByRole('button', { name: 'Assign' })
  await press.click()
  await page.getByRole('alert').filter({ hasText: 'invoice_missing' }).waitFor()
  await page.getByLabel('Invoice number').fill(invoice.name)
  await press.click()
  await operator.sees(`Done. $115.00 went to ${invoice.name}; $0.00 of the receipt is free.`)
  assert.equal(await card.count(), 0)
  assert.equal((await shop.standing(invoice)).residual, '0.00')
})

story('the overview has true figures, and every view is accessible', async ({ shop, invoice, visit }) => {
  await shop.odoo.sim('faults', { fault: 'serialization', on: invoice.name })
  const payment = await paid(shop, invoice)
  await eventually(async () => (await event(shop, payment))?.state === 'failed')
  const operator = await enter(shop, visit)
  const { page } = operator
  const figure = (label) =>
    page.locator('.tile', { has: page.locator('dt', { hasText: new RegExp(`^${label}$`) }) }).locator('.figure')
  // More of the payment's events fail meanwhile, and are tried again.
  await eventually(async () => {
    await operator.button('Refresh').click()
    await operator.settled()
    const { failed } = await shop.db.prepare("SELECT count(*) AS failed FROM inbox WHERE state = 'failed'").first()
    return (await figure('Failed').textContent()) === `${failed}`
  })
  assert.match(await figure('Last webhook').textContent(), /^\d+ (s|min) ago$/)
  assert.equal(await page.getByRole('img', { name: /events in the last 24 hours/ }).count(), 1)
  for (const [path, name] of [
    ['/', 'overview'],
    ['/events', 'events'],
    ['/unallocated', 'unallocated'],
    ['/audit', 'audit'],
  ]) {
    await operator.at(path)
    await accessible(operator, `admin-worker-${name}`)
  }
  await shop.mend()
})

story('nobody gets in with a wrong token, and whoever signs out is out', async ({ shop, visit }) => {
  const operator = await visit(`${shop.url}/admin#/audit`)
  const { page } = operator
  await operator.settled()
  await operator.signIn(`${TOKEN}x`)
  await operator.sees('That is not the admin token')
  await operator.signIn(TOKEN, 'bob')
  await operator.heading('Audit')
  const cookies = await operator.context.cookies()
  assert.deepEqual(
    cookies.map(({ httpOnly, sameSite, secure, path }) => ({ httpOnly, sameSite, secure, path })),
    [{ httpOnly: true, sameSite: 'Strict', secure: true, path: '/admin' }],
  )
  await operator.button('Sign out').click()
  await operator.heading('Sign in')
  assert.deepEqual(await operator.context.cookies(), [])
  await page.goBack()
  await operator.heading('Sign in')
  await operator.context.addCookies(cookies)
  await page.reload()
  await operator.settled()
  await operator.heading('Sign in')
})
