// A burst of webhooks: 5,000 in 10 s, and how long until all are booked, under bounds of the queue's concurrency; what the
// isolate holds meanwhile. `cargo xtask bench burst` runs it; docs/BENCHMARKS.md has the method.
//
//   burst.mjs [--events 5000] [--seconds 10] [--answer 500] [--bounds 1,2,4] [--local]
//
// `--local` also measures miniflare's own queue, which does not read the bound.

import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'

import { settingsOf } from '../../tests/workerd/support/books.mjs'
import { eventually, paymentEvent, sign } from '../../tests/workerd/support/index.mjs'
import { Machine } from '../../tests/workerd/support/machine.mjs'
import { startOdoo, startStripe } from '../../tests/workerd/support/parties.mjs'
import { Heap, tidy } from './heap.mjs'
import { Queue, relay } from './queue.mjs'
import { send } from './send.mjs'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '10' },
    answer: { type: 'string', default: '500' },
    bounds: { type: 'string', default: '1,2,4' },
    local: { type: 'boolean', default: false },
  },
})
const EVENTS = Number(values.events)
const MIB = 1 << 20

tidy()
const [odoo, stripe] = await Promise.all([startOdoo(), startStripe()])
console.log(
  `${EVENTS} events in ${values.seconds} s; Odoo answers in ${values.answer} ms; load of the machine ${loadavg()[0].toFixed(1)}`,
)
console.log(
  '| max_concurrency | answered 200 | p50, p99 ms | last answer, s | all booked, s | calls to Odoo | most at a time | heap + buffers, MiB | wasm, MiB |\n|---|---|---|---|---|---|---|---|---|',
)
const bounds = values.bounds.split(',').filter(Boolean).map(Number)
for (const bound of [...bounds, ...(values.local ? [undefined] : [])]) await burst(bound)
await Promise.all([odoo.close(), stripe.close()])

async function burst(bound) {
  await odoo.sim('reset', {})
  const events = await invoiced()
  let machine
  const queue =
    bound && (await Queue.open({ concurrency: bound, size: 20, timeout: 1, work: (hints) => machine.work(hints) }))
  machine = await Machine.bought('burst', {
    secrets: settingsOf({ odoo, stripe }),
    inspected: true,
    relay: queue && relay(queue.port),
  })
  const heap = await Heap.of(machine.inspectorPort, 'quittance')
  await odoo.sim('faults', { fault: 'slow', ms: Number(values.answer) })
  await odoo.sim('in_flight', undefined, 'DELETE')

  const began = performance.now()
  const signed = events.map((body) => ({ body, signature: sign(body) }))
  const burst = performance.now()
  const { statuses, taken, answeredSeconds } = await send(machine.url, signed, EVENTS / Number(values.seconds))
  const open = async () => (await machine.sql(["SELECT count(*) n FROM inbox WHERE state <> 'done'"]))[0].n
  await eventually(async () => (await open()) === 0, { every: 250, within: 900_000 })
  const booked = (performance.now() - burst) / 1000
  const { most, requests } = await odoo.sim('in_flight')
  const payments = (await odoo.sim('payments')).length
  const wasm = await heap.wasm()
  if (payments !== EVENTS || statuses[200] !== EVENTS)
    throw new Error(`${payments} payments; ${JSON.stringify(statuses)}`)
  if (bound && most > bound) throw new Error(`${most} calls at a time, ${bound} are allowed`)

  const at = (part) => taken[Math.min(taken.length - 1, Math.floor(taken.length * part))].toFixed(0)
  const mib = (bytes) => (bytes / MIB).toFixed(1)
  console.log(
    `| ${bound ?? 'miniflare’s queue'} | ${statuses[200]} | ${at(0.5)}, ${at(0.99)} | ${answeredSeconds.toFixed(1)} | ${booked.toFixed(1)} | ${requests} | ${most} | ${mib(heap.most.together)} (used ${mib(heap.most.used)}, committed ${mib(heap.most.committed)}; ${heap.looks} looks) | ${wasm.map(mib).join(' + ')} |`,
  )
  if (process.env.QUITTANCE_HEAP) console.log(JSON.stringify(heap.last), burst - began)
  heap.close()
  await machine.close()
  queue?.close()
}

/** Events of payments, each of an invoice of its own. */
async function invoiced() {
  const events = []
  for (let n = 0; n < EVENTS; n += 1) {
    const invoice = await odoo.sim('invoice', { amount: '115.00', currency: 'USD' })
    const metadata = {
      odoo_db: 'odoo',
      odoo_model: 'account.move',
      odoo_id: String(invoice.id),
      odoo_ref: invoice.name,
    }
    events.push(
      paymentEvent(`burst${n}`, { object: { amount: 11_500, amount_received: 11_500, currency: 'usd', metadata } }),
    )
  }
  return events
}
