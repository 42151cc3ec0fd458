// The power goes again and again, at random instants, while money moves. Whatever was answered stays, and everything is
// booked once.
//
//   QUITTANCE_KILLS=12 QUITTANCE_KILL_SECONDS=0 QUITTANCE_SEED=…   so many kills, and at least so long

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { Chance } from './support/chance.mjs'
import { RECOVER, SWEEP } from './support/index.mjs'
import { comesToRest, durable, hold } from './support/laws.mjs'
import { withMachine } from './support/machine.mjs'
import { Trade } from './support/trade.mjs'

const SEED = Number(process.env.QUITTANCE_SEED ?? Date.now() % 1_000_000)
const KILLS = Number(process.env.QUITTANCE_KILLS ?? 12)
const SECONDS = Number(process.env.QUITTANCE_KILL_SECONDS ?? 0)
/** An answer of Odoo takes so many milliseconds, so that most deaths meet a booking. */
const ANSWER = 80
/** The longest that a machine runs, in milliseconds. */
const LIFE = 1_000

test('killed at random instants under load: what was answered is kept, and all is booked once', async (t) => {
  t.diagnostic(`QUITTANCE_SEED=${SEED}`)
  const [chance, deaths] = [new Chance(SEED), { atWork: 0, starting: 0, all: 0 }]
  await withMachine('kill', async ({ odoo, stripe, machine }) => {
    const trade = new Trade({ odoo, stripe, chance: new Chance(SEED + 1) })
    await trade.open(machine.url, { duplicate: 10, reorder: 20 })
    await odoo.sim('faults', { fault: 'slow', ms: ANSWER })
    let over = false
    const load = trade.goOn(() => over, 100)
    const until = Date.now() + SECONDS * 1000
    // At least a third of the deaths have to meet an event in hand, or nothing is shown.
    while (deaths.all < KILLS || Date.now() < until || deaths.atWork * 3 < KILLS)
      await livesAndDies(machine, stripe, chance, deaths)
    over = true
    await load
    const inFlight = await trade.leaveInFlight(3)
    await machine.kill()
    await odoo.sim('faults', undefined, 'DELETE')
    await machine.start()
    await machine.outlastLeases()
    await comesToRest({ machine, stripe })
    const counted = await hold({ machine, odoo, stripe, inFlight })
    const [{ twice }] = await machine.sql(["SELECT count(*) twice FROM postings WHERE outcome = 'duplicate'"])
    t.diagnostic(
      JSON.stringify({ deaths, payments: trade.payments.length, refunds: trade.refunds, ...counted, sentAgain: twice }),
    )
    assert.ok(counted.refused > 0, 'Stripe met a dead Worker')
  })
})

/** One life of the machine, from power on to its death at any instant. The one before may run still. */
async function livesAndDies(machine, stripe, chance, deaths) {
  if (deaths.all === 0) await setTimeout(chance.below(LIFE))
  await machine.kill()
  deaths.all += 1
  machine.spawn()
  const kind = chance.below(10)
  if (kind === 0) {
    deaths.starting += 1
    return setTimeout(chance.below(600))
  }
  await machine.ready
  // At its start it is at its busiest: everything that Stripe could not deliver comes at once.
  if (kind <= 4) return setTimeout(chance.below(150))
  const [{ held }] = await machine.sql([
    "SELECT count(*) held FROM inbox WHERE state = 'claimed' AND due <= ?1 + 180",
    machine.killed,
  ])
  deaths.atWork += Number(held > 0)
  await durable(machine, stripe)
  await machine.outlastLeases()
  const dies = (error) => assert.match(error.message, /off/)
  machine.cron(SWEEP).catch(dies)
  if (chance.percent(30)) machine.cron(RECOVER).catch(dies)
  await setTimeout(chance.below(LIFE))
}
