// The operator's page before a double of its API, made of the examples of docs/ADMIN.md.

import assert from 'node:assert/strict'

import { operatorStories } from './support/desk.mjs'
import { refusal, TOKEN } from './support/double.mjs'

const story = operatorStories()
const OFFLINE = /net::ERR_(EMPTY_RESPONSE|FAILED|CONNECTION)/

story('health is seen at a glance, and each figure leads to what it counts', async ({ it, visit }) => {
  const operator = await visit()
  const { page } = operator
  await operator.heading('3 things need you')
  await operator.sees('Delivery to the ERP is paused until')
  await operator.sees('The ERP does not answer; …')
  await operator.sees('erp_unreachable')
  for (const [label, value] of [
    ['Last webhook', '10 s ago'],
    ['Last posting', '20 s ago'],
    ['Lag', '12 s'],
    ['Books against Stripe', 'Equal'],
    ['Failed', '2'],
    ['Parked', '3'],
  ]) {
    const tile = page.locator('.tile', { has: page.locator('dt', { hasText: new RegExp(`^${label}$`) }) })
    assert.equal(await tile.locator('.figure').textContent(), value, label)
  }
  await page.locator('.tile', { hasText: 'Parked' }).getByRole('link').click()
  await operator.heading('Events')
  assert.equal(await page.getByLabel('State').inputValue(), 'parked')
  it.health.delivery = { ...it.health.delivery, paused: false, paused_until: 0, failures: 0 }
  it.health.alerts = []
  Object.assign(it.health.counts, { parked: 0, unallocated: 0 })
  await page.getByRole('link', { name: 'Overview' }).click()
  await operator.heading('All is well')
})

story('the figures renew themselves, and say when they cannot', async ({ it, visit }) => {
  const operator = await visit()
  operator.forgive(OFFLINE)
  const { page } = operator
  await page.clock.install()
  await page.reload()
  await operator.settled()
  const parked = page.locator('.tile', { hasText: 'Parked' }).getByRole('link')
  await parked.focus()
  it.health.counts.parked = 7
  await page.clock.fastForward(31_000)
  await parked.filter({ hasText: '7' }).waitFor()
  await operator.focusOn(parked)
  it.faults.set('/admin/api/health', null)
  await page.clock.fastForward(31_000)
  await operator.sees('These figures are old')
  it.faults.clear()
  await page.clock.fastForward(31_000)
  await page.getByText('These figures are old').waitFor({ state: 'detached' })
  await page.getByLabel('Renew the figures').uncheck()
  const before = it.asked.length
  await page.clock.fastForward(120_000)
  assert.equal(it.asked.length, before, 'whoever wants them to stay has them stay')
})

story('the charts say in words and in a table what they show', async ({ visit }) => {
  const { page } = await visit()
  const events = page.getByRole('img', { name: /^120 events in the last 24 hours; most, 120/ })
  const times = page.getByRole('img', {
    name: /half of the receipts were in the books within 3 s, 95 of 100 within 9 s/,
  })
  await events.waitFor()
  await times.waitFor()
  const figure = page.locator('figure', { has: times })
  await figure.getByText('As a table').click()
  assert.deepEqual((await figure.getByRole('row').nth(1).getByRole('cell').allTextContents()).slice(1), [
    '3 s',
    '9 s',
    '5 min 10 s',
  ])
})

story('events are filtered, searched, and shown page after page', async ({ it, visit }) => {
  const [one] = it.events
  it.events = Array.from({ length: 5 }, (_, n) => ({
    ...one,
    id: `evt_${n}`,
    state: n === 3 ? 'failed' : 'done',
    type: n === 4 ? 'payout.paid' : one.type,
    subject: `pi_${n}`,
  }))
  it.page = 2
  const operator = await visit('/events')
  const { page } = operator
  const rows = page.locator('.event')
  assert.equal(await rows.count(), 2)
  await operator.button('Show more').click()
  await rows.nth(3).waitFor()
  await operator.focusOn(rows.nth(2).getByRole('link'))
  await operator.button('Show more').click()
  await rows.nth(4).waitFor()
  await operator.button('Show more').waitFor({ state: 'hidden' })
  it.page = 50
  await page.getByLabel('State').selectOption('failed')
  await operator.button('Find').click()
  await page.waitForURL(/state=failed$/)
  await rows.nth(1).waitFor({ state: 'detached' })
  await page.getByLabel('State').selectOption('')
  await page.getByLabel('Type begins with').fill('payout.')
  await page.keyboard.press('Enter')
  await operator.sees('payout.paid')
  await page.goBack()
  await page.waitForURL(/state=failed$/)
  await operator.button('Show all events').click()
  await rows.nth(4).waitFor()
  await page.getByLabel('Search').fill('pi_nobody')
  await page.keyboard.press('Enter')
  await operator.sees('No event is like that.')
})

story('a page without a hit among the newest rows goes on by itself', async ({ it, visit }) => {
  const [one] = it.events
  it.events = [one]
  const operator = await visit('/')
  let asked = 0
  await operator.page.route('**/admin/api/events?*', async (route) => {
    asked += 1
    const body = asked < 4 ? { events: [], next: `${asked}` } : { events: [one], next: null }
    await route.fulfill({ json: body })
  })
  await operator.at('/events?q=pi_1')
  await operator.page.locator('.event').waitFor()
  assert.equal(asked, 4)
})

story('an event’s story has each attempt and what the ERP said', async ({ it, visit }) => {
  const { story } = it
  story.attempts.push({
    number: 2,
    at: 1795287600,
    last: 1795287650,
    times: 3,
    state: 'parked',
    code: 'currency_inactive',
    detail: 'The currency XAF is archived.',
  })
  const operator = await visit('/events/evt_1')
  await operator.heading('payment_intent.succeeded')
  await operator.sees('Activate the currency in the ERP, then replay the event.')
  const steps = operator.page.locator('.course > li')
  await steps.filter({ hasText: 'erp_busy' }).waitFor()
  await steps.filter({ hasText: 'The currency XAF is archived.' }).filter({ hasText: '3 times' }).waitFor()
  const order = await steps.locator('time:first-child').evaluateAll((all) => all.map((time) => time.dateTime))
  assert.deepEqual(order, order.toSorted())
  await operator.page.locator('.card', { hasText: 'INV/2026/00007' }).waitFor()
  await operator.page.getByRole('link', { name: 'charge.succeeded' }).waitFor()
})

story('replay asks once more, does it, and says so', async ({ it, visit }) => {
  const operator = await visit('/events/evt_1')
  await operator.does('Replay', 'currency activated')
  const said = operator.page.locator('main > .notice')
  await said.filter({ hasText: 'Done. evt_1 is now: received.' }).waitFor()
  await operator.focusOn(said)
  const sent = it.asked.filter(({ method }) => method === 'POST')
  assert.deepEqual(sent, [
    { method: 'POST', path: '/admin/api/events/evt_1/replay', body: { reason: 'currency activated' } },
  ])
  await operator.at('/audit')
  await operator.sees('currency activated')
})

story('without a reason nothing is ignored, and Escape leaves all as it is', async ({ it, visit }) => {
  const operator = await visit('/events/evt_1')
  const { page } = operator
  await operator.does('Ignore')
  assert.ok(
    await page.getByLabel('Reason').evaluate((field) => field.matches(':invalid:focus')),
    'the field is asked for',
  )
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await operator.focusOn(operator.button('Ignore'))
  assert.deepEqual(
    it.asked.filter(({ method }) => method === 'POST'),
    [],
  )
})

story('a receipt is assigned to its invoice, and one is left as it is', async ({ it, visit }) => {
  it.unallocated = it.story.postings.map((posting) => ({ ...posting, key: 'stripe:acct_1:pi_1:succeeded' }))
  const operator = await visit('/unallocated')
  const { page } = operator
  await operator.sees('$120.00')
  await operator.button('Assign to an invoice').click()
  await page.getByLabel('Invoice number').fill('INV/2026/00007')
  await page.getByLabel('Reason').fill('by telephone')
  await page.getByRole('dialog').getByRole('button', { name: 'Assign' }).click()
  await operator.sees('Done. $120.00 went to INV/2026/00007; $0.00 of the receipt is free.')
  await operator.does('Leave as it is', 'a deposit')
  await operator.sees('The receipt counts as unallocated no more.')
  assert.deepEqual(
    it.asked.filter(({ method }) => method === 'POST').map(({ path, body }) => [path, body]),
    [
      [
        '/admin/api/postings/assign',
        { key: 'stripe:acct_1:pi_1:succeeded', invoice: 'INV/2026/00007', reason: 'by telephone' },
      ],
      ['/admin/api/postings/dismiss', { key: 'stripe:acct_1:pi_1:succeeded', reason: 'a deposit' }],
    ],
  )
})

story('what the ERP refuses is said in the dialog, which stays with what was typed', async ({ it, visit }) => {
  it.unallocated = it.story.postings
  const operator = await visit('/unallocated')
  const { page } = operator
  it.faults.set(
    '/admin/api/postings',
    refusal(422, 'assign_refused', { detail: 'The invoice is in EUR, the receipt in USD.' }),
  )
  await operator.button('Assign to an invoice').click()
  await page.getByLabel('Invoice number').fill('INV/1')
  await page.getByLabel('Reason').fill('by telephone')
  await page.getByRole('dialog').getByRole('button', { name: 'Assign' }).click()
  await page.getByRole('alert').filter({ hasText: 'The invoice is in EUR' }).waitFor()
  assert.equal(await page.getByLabel('Reason').inputValue(), 'by telephone')
  it.faults.clear()
  await page.getByRole('dialog').getByRole('button', { name: 'Assign' }).click()
  await operator.sees('Done.')
})

story('signing in, out, and with the wrong token', async ({ it, visit }) => {
  it.signedIn = false
  const operator = await visit('/audit')
  const { page } = operator
  await operator.signIn('not the token')
  await operator.sees('That is not the admin token')
  await operator.focusOn(page.getByLabel('Admin token'))
  await operator.signIn(TOKEN, 'alice')
  await operator.heading('Audit')
  await operator.sees('token:alice')
  await operator.button('Sign out').click()
  await operator.heading('Sign in')
  assert.equal(it.signedIn, false)
  assert.equal(await page.getByText('token:alice').count(), 0)
  const stored = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])
  assert.deepEqual(stored, [0, 0, ''], 'the page keeps nothing')
})
