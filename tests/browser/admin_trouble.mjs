// What goes wrong before the operator's page: each state says what to do, and nothing of the API becomes markup.

import assert from 'node:assert/strict'

import { operatorStories } from './support/desk.mjs'
import { refusal, TOKEN } from './support/double.mjs'

const story = operatorStories()
const OFFLINE = /net::ERR_(EMPTY_RESPONSE|FAILED|CONNECTION)/

story('a Worker that does not answer: what to look at, and another try', async ({ it, visit }) => {
  it.faults.set('/admin/api', null)
  const operator = await visit('/events')
  operator.forgive(OFFLINE)
  await operator.heading('The Worker does not answer')
  await operator.sees('nothing is lost meanwhile')
  it.faults.clear()
  await operator.button('Try again').click()
  await operator.heading('Events')
})

story('a ledger that does not answer is told from a Worker that does not', async ({ it, visit }) => {
  it.faults.set('/admin/api', refusal(503, 'ledger_unavailable', { detail: 'D1_ERROR' }))
  const operator = await visit()
  await operator.heading('The ledger does not answer')
  await operator.sees('D1_ERROR')
})

story('too many requests: the button waits as long as the server asks', async ({ it, visit }) => {
  const operator = await visit()
  const { page } = operator
  await page.clock.install()
  it.faults.set('/admin/api', refusal(429, 'rate_limited', { headers: { 'retry-after': '60' } }))
  await operator.at('/events')
  await operator.heading('Too many requests from here')
  await operator.sees('Possible again in 1 min')
  it.faults.clear()
  const before = it.asked.length
  await operator.button('Try again').click({ force: true })
  assert.equal(it.asked.length, before, 'nothing is asked before its time')
  await page.clock.runFor(61_000)
  await operator.button('Try again').click()
  await operator.heading('Events')
})

story(
  'a session that ends in the middle: sign in, and go on where one was, with the reason that was typed',
  async ({ it, visit }) => {
    const operator = await visit('/events/evt_1')
    const { page } = operator
    it.signedIn = false
    await operator.does('Ignore', 'the bank asks')
    await operator.heading('Sign in')
    await operator.sees('Your session has ended')
    await operator.signIn(TOKEN, 'alice')
    await operator.heading('payment_intent.succeeded')
    await operator.button('Replay').click()
    assert.equal(await page.getByLabel('Reason').inputValue(), '', 'another question has its own')
    await operator.button('Cancel').click()
    await operator.button('Ignore').click()
    assert.equal(await page.getByLabel('Reason').inputValue(), 'the bank asks')
    await page.getByRole('dialog').getByRole('button', { name: 'Ignore' }).click()
    await operator.sees('Done.')
  },
)

story('a CSRF token that has changed is read again, and the action goes on', async ({ it, visit }) => {
  const operator = await visit('/events/evt_1')
  it.csrf = 'another'
  await operator.does('Replay')
  await operator.sees('Done.')
  const paths = it.asked.slice(-5).map(({ method, path }) => `${method} ${path}`)
  assert.deepEqual(
    paths.filter((path) => !path.startsWith('GET /admin/api')),
    ['POST /admin/api/events/evt_1/replay', 'GET /admin/session', 'POST /admin/api/events/evt_1/replay'],
  )
})

story('an Access session that has ended leads to its sign-in, not to a failure', async ({ it, visit }) => {
  it.ways = 'access'
  it.session.via = 'access'
  const operator = await visit()
  const { page } = operator
  assert.equal(await page.getByRole('link', { name: 'Sign out' }).getAttribute('href'), '/cdn-cgi/access/logout')
  // The browser's tools tell of the redirect as of a request; the page follows it not, nor would its policy let it.
  operator.forgive(/asked: https:\/\/example\.cloudflareaccess\.com/)
  it.faults.set('/admin/api', {
    status: 302,
    headers: { location: 'https://example.cloudflareaccess.com/cdn-cgi/access/login' },
    body: '',
  })
  await operator.at('/audit')
  await operator.heading('Sign in')
  await operator.sees('Cloudflare Access lets people in here')
  assert.equal(await page.getByLabel('Admin token').count(), 0)
  it.faults.clear()
  await operator.button('Load the page again').click()
  await operator.heading('Audit')
})

story('an event that is not there, and an answer that cannot be read', async ({ it, visit }) => {
  const operator = await visit('/events/evt_nobody')
  await operator.heading('There is nothing here')
  it.faults.set('/admin/api/audit', { status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>gateway</h1>' })
  await operator.at('/audit')
  await operator.heading('The Worker does not answer')
})

const HOSTILE = `"><img src=x onerror="globalThis.broken=1"><script>globalThis.broken=1</script>\u202e\u2066javascript:alert(1)&lt;`

/** The same with every text in it hostile, but for what the page tells kinds by. */
function hostile(value, kept) {
  if (typeof value === 'string') return kept.includes(value) ? value : HOSTILE
  if (Array.isArray(value)) return value.map((one) => hostile(one, kept))
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hostile(one, kept)]))
  return value
}

story('whatever the API says is text: no markup, no script, no address of its making', async ({ it, visit }) => {
  const kept = ['replay', 'park', 'ignore', 'unallocated']
  it.story.event.id = it.events[0].id = HOSTILE
  for (const part of ['health', 'events', 'story', 'session', 'charts']) it[part] = hostile(it[part], kept)
  it.session.csrf = it.csrf
  it.unallocated = it.story.postings
  it.audit = it.story.audit
  const operator = await visit()
  const { page } = operator
  const check = async (where) => {
    assert.ok(await page.getByText('onerror=').count(), `${where} shows it`)
    const found = await page.evaluate(() => ({
      broken: globalThis.broken,
      foreign: document.querySelectorAll('img, script:not([src]), iframe, object, [onerror]').length,
      links: [...document.links]
        .map((link) => link.href)
        .filter((href) => !href.startsWith(`${location.origin}/admin`)),
    }))
    assert.deepEqual(found, { broken: undefined, foreign: 0, links: [] }, where)
  }
  await check('overview')
  for (const path of [
    '/events',
    `/events/${encodeURIComponent(HOSTILE)}`,
    '/unallocated',
    '/audit',
    `/events?${new URLSearchParams({ q: HOSTILE })}`,
  ]) {
    await operator.at(path)
    if (path.includes('q=')) assert.equal(await page.getByLabel('Search').inputValue(), HOSTILE)
    else await check(path)
  }
  await operator.at('/unallocated')
  it.faults.set('/admin/api/postings', refusal(422, HOSTILE, { detail: HOSTILE }))
  await operator.does('Leave as it is', HOSTILE)
  await page.getByRole('alert').filter({ hasText: 'onerror=' }).waitFor()
  await check('dialog')
})
