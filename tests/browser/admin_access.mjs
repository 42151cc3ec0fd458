// The operator's page for whoever types, hears, enlarges or dims.

import assert from 'node:assert/strict'

import { accessible } from './support/axe.mjs'
import { operatorStories } from './support/desk.mjs'
import { refusal, TOKEN } from './support/double.mjs'
import { PHONE } from './support/index.mjs'
import { tabTo } from './support/keyboard.mjs'

const story = operatorStories()

story('the keyboard alone is enough, from signing in to the audit of a replay', async ({ it, visit }) => {
  it.signedIn = false
  const operator = await visit()
  const { page } = operator
  await tabTo(page, page.getByLabel('Admin token'))
  await page.keyboard.type(TOKEN)
  await page.keyboard.press('Enter')
  await operator.focusOn(page.getByRole('heading', { level: 1, name: '3 things need you' }))
  await tabTo(page, page.getByRole('link', { name: 'Show them' }).first())
  await page.keyboard.press('Enter')
  await operator.focusOn(page.getByRole('heading', { level: 1, name: 'Events' }))
  await tabTo(page, page.getByRole('link', { name: 'payment_intent.succeeded' }))
  await page.keyboard.press('Enter')
  await operator.focusOn(page.getByRole('heading', { level: 1, name: 'payment_intent.succeeded' }))
  await tabTo(page, operator.button('Replay'))
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Replay this event?' })
  await operator.focusOn(dialog.getByLabel('Reason'))
  await page.keyboard.type('currency activated')
  await tabTo(page, dialog.getByRole('button', { name: 'Replay' }))
  await page.keyboard.press('Enter')
  await operator.focusOn(page.locator('main > .notice', { hasText: 'Done.' }))
  await tabTo(page, page.getByRole('link', { name: 'Audit' }), 'Shift+Tab')
  await page.keyboard.press('Enter')
  await operator.focusOn(page.getByRole('heading', { level: 1, name: 'Audit' }))
  await operator.sees('currency activated')
})

story('the skip link leads past the bar, and every control has a name', async ({ visit }) => {
  const operator = await visit('/events')
  const { page } = operator
  await tabTo(page, page.getByRole('link', { name: 'Skip to the content' }))
  await page.keyboard.press('Enter')
  await operator.focusOn(page.getByRole('main'))
  assert.equal(await page.title(), 'Events · Quittance')
  assert.equal(await page.getByRole('link', { name: 'Events', exact: true }).getAttribute('aria-current'), 'page')
  const unnamed = await page.evaluate(
    () =>
      [...document.querySelectorAll('button, input, select, textarea, a')].filter(
        (e) => !e.labels?.length && !e.textContent && !e.ariaLabel,
      ).length,
  )
  assert.equal(unnamed, 0)
})

story('every view is accessible', async ({ it, visit }) => {
  it.unallocated = it.story.postings
  it.audit = [
    {
      ...it.story.audit[0],
      who: 'access:ada.lovelace-with-a-long-name@accounting.example.com',
      reason: 'a reason of some length, to see where it breaks',
    },
  ]
  const operator = await visit()
  for (const [path, name] of [
    ['/', 'overview'],
    ['/events', 'events'],
    ['/events/evt_1', 'story'],
    ['/unallocated', 'unallocated'],
    ['/audit', 'audit'],
  ]) {
    await operator.at(path)
    await accessible(operator, `admin-${name}`)
  }
  await operator.at('/')
  await operator.page.getByText('As a table').first().click()
  await accessible(operator, 'admin-table')
})

story('the sign-in, a question and what went wrong are accessible', async ({ it, visit }) => {
  const operator = await visit('/events/evt_1')
  const { page } = operator
  await operator.button('Ignore').click()
  // What lies behind a modal dialog is dimmed and out of reach.
  await accessible(operator, 'admin-question', { exclude: ['main', 'header'] })
  it.faults.set('/admin/api/events/evt_1/ignore', refusal(409, 'event_busy'))
  await page.getByLabel('Reason').fill('a reason')
  await page.getByRole('dialog').getByRole('button', { name: 'Ignore' }).click()
  await operator.sees('It is being worked at this moment')
  await accessible(operator, 'admin-refused', { exclude: ['main', 'header'] })
  await page.keyboard.press('Escape')
  it.faults.set('/admin/api', refusal(429, 'rate_limited', { headers: { 'retry-after': '60' } }))
  await operator.at('/audit')
  await operator.heading('Too many requests')
  await accessible(operator, 'admin-limited')
  it.faults.clear()
  it.signedIn = false
  await operator.at('/events')
  await operator.heading('Sign in')
  await operator.signIn('wrong')
  await operator.sees('That is not the admin token')
  await accessible(operator, 'admin-sign-in')
})

story('text of twice the size fits on a phone, and nobody sees movement who does not want it', async ({ visit }) => {
  const operator = await visit('', { size: PHONE })
  const { page } = operator
  await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'))
  for (const path of ['/', '/events', '/events/evt_1']) {
    await operator.at(path)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    assert.equal(wide, 0, path)
  }
  const moving = await page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((e) => parseFloat(getComputedStyle(e).transitionDuration) > 0).length,
  )
  assert.equal(moving, 0)
})
