// An ERP's side of docs/ANY_ERP.md, without dependencies: RPC_SECRET=… node receiver.mjs [book.jsonl]
// It books receipts and refuses all other kinds. In your ERP, `append` is the transaction that posts, with the key under a
// unique index.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'

const SECRET = process.env.RPC_SECRET ?? ''
if (SECRET.length < 32) throw new Error('RPC_SECRET must have at least 32 characters')
const FILE = process.argv[2] ?? 'book.jsonl'
const BODY_BYTES_MAX = 4 * 1024 * 1024

// One line per receipt, on disk before the Worker gets its answer. A line without an end was never answered.
const text = existsSync(FILE) ? readFileSync(FILE, 'utf8') : ''
const whole = text.slice(0, text.lastIndexOf('\n') + 1)
if (whole !== text) truncateSync(FILE, Buffer.byteLength(whole))
const book = new Map(
  whole
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .map((row) => [row.key, row]),
)

function append(row) {
  const file = openSync(FILE, 'a')
  try {
    writeSync(file, `${JSON.stringify(row)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  book.set(row.key, row)
}

/** HMAC-SHA256 over `t`, a dot and the bytes as they came; `t` at most five minutes from this clock. */
function isGenuine(header, body) {
  const [, t, v1] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? []
  if (!t || Math.abs(Date.now() / 1000 - Number(t)) > 300) return false
  return timingSafeEqual(createHmac('sha256', SECRET).update(`${t}.`).update(body).digest(), Buffer.from(v1, 'hex'))
}

/** Amounts stay text: a float does not hold 10.99. Nothing is matched here, so each receipt is flagged for a person. */
function apply({ key, kind, money, customer }) {
  const there = book.get(key)
  if (there?.deleted) return { status: 'gone' }
  if (!there && kind !== 'paid')
    return { status: 'refused', code: 'kind_not_booked', detail: `We do not book ${kind}.` }
  const row = there ?? { key, id: book.size + 1, amount: money.amount, currency: money.currency, customer }
  if (!there) append(row)
  const { id, amount, currency } = row
  const record = { model: 'receipt', id, name: `R${String(id).padStart(5, '0')}` }
  return {
    status: there ? 'duplicate' : 'created',
    record,
    amount,
    currency,
    customer: row.customer,
    flags: ['unallocated'],
  }
}

function call({ id, method, params }) {
  const reply = { jsonrpc: '2.0', id }
  if (method === 'payments.probe') return { ...reply, result: { status: 'ready' } }
  if (method !== 'payments.apply') return { ...reply, error: { code: -32601, message: 'Method not found' } }
  try {
    return { ...reply, result: apply(params) }
  } catch (error) {
    console.error(error) // The same key comes again.
    return { ...reply, error: { code: -32603, message: 'Internal error' } }
  }
}

const server = createServer(async (request, response) => {
  const answer = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > BODY_BYTES_MAX) return answer(413, {})
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  if (request.method !== 'POST') return answer(405, {})
  if (!isGenuine(request.headers['quittance-signature'], body)) return answer(401, {})
  const calls = JSON.parse(body)
  answer(200, Array.isArray(calls) ? calls.map(call) : call(calls))
})
const port = Number(process.env.PORT ?? 8070)
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
