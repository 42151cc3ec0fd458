// Ten thousand events while one in five calls and deliveries goes wrong. In the end the books equal Stripe.
//
//   QUITTANCE_EVENTS=10000 QUITTANCE_SEED=…

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Chance } from '../support/chance.mjs'
import { RECOVER } from '../support/index.mjs'
import { comesToRest, hold } from '../support/laws.mjs'
import { withMachine } from '../support/machine.mjs'
import { Time } from '../support/time.mjs'
import { Trade } from '../support/trade.mjs'

const SEED = Number(process.env.QUITTANCE_SEED ?? Date.now() % 1_000_000)
const EVENTS = Number(process.env.QUITTANCE_EVENTS ?? 10_000)

// In percent of the calls or deliveries; none of a party's meets 80 of a hundred.
const ODOO = [
  { fault: 'down', percent: 3 },
  { fault: 'answer_lost', percent: 4 },
  { fault: 'serialization', percent: 4 },
  { fault: 'html_404', percent: 3 },
  { fault: 'status', status: 502, percent: 2 },
  { fault: 'database_down', percent: 2 },
  { fault: 'slow', ms: 1_500, percent: 4 },
]
const STRIPE = [
  { kind: { rate_limited: 'endpoint-rate' }, percent: 4 },
  { kind: 'unavailable', percent: 3 },
  { kind: 'server_error', percent: 3 },
  { kind: 'drop_before', percent: 4 },
  { kind: 'drop_after', percent: 4 },
  { kind: 'lock_timeout', percent: 2 },
  { kind: { slow: 1_500 }, percent: 2 },
]
const DELIVERIES = { drop: 4, duplicate: 6, delay: 4, delay_ms: 3_000, stale: 4, reorder: 4 }

test(`${EVENTS} events, one in five calls and deliveries goes wrong: the books equal Stripe`, async (t) => {
  t.diagnostic(`QUITTANCE_SEED=${SEED}`)
  const began = Date.now()
  await withMachine('storm', async ({ odoo, stripe, machine }) => {
    const trade = new Trade({ odoo, stripe, chance: new Chance(SEED) })
    await trade.open(machine.url, DELIVERIES)
    for (const fault of ODOO) await odoo.sim('faults', fault)
    await stripe.sim(
      'faults',
      STRIPE.map((fault) => ({ times: 4_000_000_000, ...fault })),
    )
    let over = false
    const time = timeGoesOn(machine, () => over)
    await trade.goOn(async () => (await happened(stripe)) >= EVENTS, 5)
    const inFlight = await trade.leaveInFlight(5)
    over = true
    await time
    t.diagnostic(
      `all has happened after ${seconds(began)} s; ${JSON.stringify(await machine.sql(['SELECT state, count(*) n FROM inbox GROUP BY 1']))}`,
    )
    await comesToRest({ machine, stripe })
    const calls = { odoo: (await odoo.sim('in_flight')).requests, stripe: (await stripe.sim('in_flight')).requests }
    await odoo.sim('faults', undefined, 'DELETE')
    await stripe.sim('faults', [])
    const counted = await hold({ machine, odoo, stripe, inFlight })
    await closed(odoo, trade)
    const events = await happened(stripe)
    t.diagnostic(
      JSON.stringify({
        seconds: seconds(began),
        events,
        payments: trade.payments.length,
        refunds: trade.refunds,
        ...counted,
        calls,
      }),
    )
    assert.ok(events >= EVENTS)
  })
})

/** Time goes on quickly, and Stripe's lists are read every so often. */
async function timeGoesOn(machine, over) {
  const time = new Time(machine)
  for (let look = 1; !over(); look += 1) {
    await time.goesOn()
    if (look % 50 === 0) await machine.cron(RECOVER)
  }
}

/** How many things Stripe has told or should have told. */
const happened = async (stripe) => new Set((await stripe.sim('deliveries')).deliveries.map(({ event }) => event)).size

/** An invoice that was paid exactly, and not refunded, is paid in Odoo. */
async function closed(odoo, trade) {
  for (const { exact, refunded, invoice } of trade.payments) {
    if (exact && refunded === 0) assert.equal((await odoo.sim(`invoices/${invoice.id}`)).residual, '0.00', invoice.name)
  }
}

const seconds = (since) => Math.round((Date.now() - since) / 1000)
