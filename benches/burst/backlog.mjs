// A backlog in workerd: events in the inbox, their messages in the queue, as when the consumer had been stopped for hours.
// Two batches at a time, an ERP that takes signed JSON-RPC and answers in 50 ms. `cargo xtask bench backlog` runs it.
//
//   backlog.mjs [--events 100000] [--part 10000] [--answer 50] [--bound 2]

import { once } from 'node:events'
import { createServer } from 'node:http'
import { loadavg } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { settingsOf } from '../../tests/workerd/support/books.mjs'
import { paymentEvent } from '../../tests/workerd/support/index.mjs'
import { Machine } from '../../tests/workerd/support/machine.mjs'
import { startStripe } from '../../tests/workerd/support/parties.mjs'
import { Heap, tidy } from './heap.mjs'
import { Queue, relay } from './queue.mjs'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    part: { type: 'string', default: '10000' },
    answer: { type: 'string', default: '50' },
    bound: { type: 'string', default: '2' },
  },
})
const [EVENTS, PART, ANSWER, BOUND] = [values.events, values.part, values.answer, values.bound].map(Number)
const INSERT = `INSERT INTO inbox (id, livemode, type, api_version, created, object, subject, form, body, received, due, queue_again_at)
  SELECT value ->> 'id', 0, value ->> 'type', value ->> 'api_version', value ->> 'created', value ->> '$.data.object.id',
    value ->> '$.data.object.id', 'snapshot', value, value ->> 'created', value ->> 'created', value ->> 'created' + 3600 FROM json_each(?1)`

tidy()
const erp = createServer(async (request, response) => {
  const calls = JSON.parse(Buffer.concat(await request.toArray()))
  const booked = ({ id }) => ({ jsonrpc: '2.0', id, result: { status: 'created' } })
  await setTimeout(ANSWER)
  response.end(JSON.stringify(Array.isArray(calls) ? calls.map(booked) : booked(calls)))
})
erp.listen(0, '127.0.0.1')
await once(erp, 'listening')
const stripe = await startStripe()
let machine
const queue = await Queue.open({ concurrency: BOUND, size: 20, timeout: 1, work: (hints) => machine.work(hints) })
machine = await Machine.bought('backlog', {
  secrets: {
    ...settingsOf({ odoo: { url: 'http://127.0.0.1:9' }, stripe }),
    RPC_URL: `http://127.0.0.1:${erp.address().port}/`,
    RPC_SECRET: 'a secret of the backlog of forty characters',
  },
  edit: (text) => text.replace('ERP = "odoo"', 'ERP = "rpc"'),
  inspected: true,
  relay: relay(queue.port),
})
for (let at = 0; at < EVENTS; at += 100) {
  const rows = Array.from({ length: 100 }, (_, n) => {
    const object = { amount: 11_500, amount_received: 11_500, currency: 'usd' }
    return JSON.parse(paymentEvent(`backlog${String(at + n).padStart(7, '0')}`, { object }))
  })
  await machine.sql([INSERT, JSON.stringify(rows)])
}

const heap = await Heap.of(machine.inspectorPort, 'quittance')
console.log(
  `${EVENTS} events; the ERP answers in ${ANSWER} ms, ${BOUND} batches at a time; load of the machine ${loadavg()[0].toFixed(1)}`,
)
console.log('| events | seconds | events a second | held after garbage collection, MiB |\n|---|---|---|---|')
const mib = (bytes) => (bytes / (1 << 20)).toFixed(1)
const done = async () => (await machine.sql(["SELECT count(*) n FROM inbox WHERE state = 'done'"]))[0].n
for (let at = 0; at < EVENTS; at += PART) {
  const began = performance.now()
  queue.push(Array.from({ length: PART }, (_, n) => `evt_backlog${String(at + n).padStart(7, '0')}`))
  while (queue.messages.length + queue.running > 0) await setTimeout(20)
  const seconds = (performance.now() - began) / 1000
  if ((await done()) !== at + PART) throw new Error(`${await done()} are done of ${at + PART}`)
  console.log(
    `| to ${at + PART} | ${seconds.toFixed(1)} | ${(PART / seconds).toFixed(0)} | ${mib(await heap.held())} |`,
  )
}
console.log(
  `batches at a time: ${queue.most}; heap in use at most ${mib(heap.most.used)} MiB, with buffers ${mib(heap.most.together)}, committed ${mib(heap.most.committed)}; wasm ${(await heap.wasm()).map(mib)} MiB; ${heap.looks} looks`,
)
heap.close()
await machine.close()
queue.close()
erp.close()
erp.closeAllConnections()
await stripe.close()
