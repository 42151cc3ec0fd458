// The operator's page as README.md shows it: an ordinary day with one thing to do. `cargo xtask pictures` runs this.

import { DESKTOP, PICTURES } from '../support/index.mjs'
import { operatorStories } from '../support/desk.mjs'

const story = operatorStories()

const HOUR = 3600

/** Events of a shop that sleeps at night, the same in each run. */
const day = (since) =>
  Array.from({ length: 24 }, (_, hour) => {
    const events = Math.round(60 + 55 * Math.sin(((hour - 12) / 24) * 2 * Math.PI) + ((hour * 7) % 5) * 4)
    return {
      at: since + hour * HOUR,
      events,
      pulled: hour === 14 ? 6 : 0,
      postings: Math.round(events / 2),
      median: 3 + (hour % 2),
      p95: 8 + ((hour * 3) % 7),
      most: 20 + hour,
    }
  })

story('the overview of an ordinary day', async ({ it, visit }) => {
  const { now } = it.health
  Object.assign(it.health, {
    lag: 0,
    delivery: { paused: false, paused_until: 0, failures: 0, code: null, detail: null, since: null, went_back: null },
  })
  Object.assign(it.health.counts, { received: 2, claimed: 1, waiting: 1, failed: 0, parked: 1, unallocated: 0 })
  it.health.books = {
    checked: now - 2 * HOUR,
    verdict: 'equal',
    summary: 'USD 18,204.11 and EUR 7,310.40 on both sides',
  }
  it.health.alerts = [
    {
      id: 'parked',
      kind: 'parked',
      what: '1 event is parked.',
      todo: 'Activate the currency GBP in Odoo, then replay the event.',
      count: 1,
      since: now - HOUR,
      told: now - HOUR,
      times: 1,
    },
  ]
  const since = Math.floor(now / HOUR - 23) * HOUR
  it.charts = { since, complete: true, hours: day(since) }
  const { page } = await visit()
  await page.setViewportSize({ width: DESKTOP.width, height: 1005 })
  await page.getByRole('img', { name: /events in the last 24 hours/ }).waitFor()
  await page.screenshot({ path: `${PICTURES}/operator.png` })
})
