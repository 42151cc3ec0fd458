// What the operator's page says, and how it writes moments, spans and amounts.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'

import { round, whole } from '../../public/assets/admin-chart.js'
import { about, decimal, exact, iso, minor, moment, money, span } from '../../public/assets/admin-format.js'
import { findings } from '../../public/assets/admin-health.js'
import { known, t, words } from '../../public/assets/admin-words.js'
import { examples } from './support/contract.mjs'

const root = new URL('../../', import.meta.url)
const text = (path) => readFileSync(new URL(path, root), 'utf8')
const modules = readdirSync(new URL('public/assets/', root)).filter(
  (file) => file.startsWith('admin') && file.endsWith('.js'),
)

test('every sentence is said somewhere, and none stands beside the words', () => {
  const code = modules
    .filter((file) => file !== 'admin-words.js')
    .map((file) => text(`public/assets/${file}`))
    .join()
  // `replayTitle` and its like are made of the action's name.
  const made = /^(replay|park|ignore)(Title|Text)$/
  for (const word of Object.keys(words))
    assert.ok(made.test(word) || new RegExp(`'${word}'`).test(code), `nobody says ${word}`)
})

test('holes are filled, one and many are told apart, and what fills them fills nothing further', () => {
  assert.equal(t('areParked', { n: 1 }), '1 event is parked')
  assert.equal(t('areParked', { n: 3 }), '3 events are parked')
  assert.equal(t('eventsOf', { word: '{n|$1|$&}' }), 'Events of {n|$1|$&}')
  assert.equal(known('constructor'), 'constructor')
  assert.equal(known('claimed'), 'being worked')
})

test('every state that the ledger has can be asked for', async () => {
  const { STATES } = await import('../../public/assets/admin-events.js')
  const names = [...text('src/ledger/state.rs').matchAll(/Self::\w+ => "(\w+)",/g)].map(([, name]) => name)
  assert.equal(names.length, 7)
  assert.deepEqual([...STATES].sort(), [...names, 'open'].sort())
})

test('spans are written in their two largest units', () => {
  for (const [seconds, said] of [
    [0, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [310, '5 min 10 s'],
    [3_600, '1 h'],
    [3_605, '1 h'],
    [7_260, '2 h 1 min'],
    [180_000, '2 d 2 h'],
    [-5, '0 s'],
  ]) {
    assert.equal(span(seconds), said)
  }
  assert.equal(about(310), '5 min')
})

test('minor units are Stripe’s, exact at any size, and what is no amount stays as it came', () => {
  assert.equal(decimal(12_000, 'USD'), '120.00')
  assert.equal(decimal(5, 'USD'), '0.05')
  assert.equal(decimal(-5, 'USD'), '-0.05')
  assert.equal(decimal(5_000, 'JPY'), '5000')
  assert.equal(decimal(1_500, 'KWD'), '1.500')
  assert.equal(decimal(12_000, 'ISK'), '120.00')
  assert.equal(minor({ minor: 12_000, currency: 'usd' }, 'en-US'), '$120.00')
  assert.equal(minor({ minor: 1e17, currency: 'usd' }, 'en-US'), '100000000000000000 USD')
  assert.equal(money('<b>', 'USD'), '<b> USD')
  assert.equal(money('1.00', '<b>'), '1.00 <b>')
})

test('the currencies without two places are those of the Worker', () => {
  const [source, own] = [text('src/money/currency.rs'), text('public/assets/admin-format.js')]
  for (const name of ['WHOLE', 'THOUSANDTHS']) {
    const [, list] = new RegExp(`const ${name}: &str = "([A-Z ]+)"`).exec(source)
    assert.ok(own.includes(`const ${name} = '${list}'`), name)
  }
})

test('a chart has every hour, and its axis a round number with a whole half', () => {
  const { charts } = examples()
  const hours = whole(charts)
  assert.equal(hours.length, 25)
  assert.equal(hours[0].events, 120)
  assert.equal(hours[24].events, 0)
  for (const [most, top] of [
    [1, 2],
    [2, 2],
    [3, 4],
    [11, 12],
    [115, 120],
    [121, 160],
    [161, 200],
    [999, 1_000],
  ])
    assert.equal(round(most), top)
})

test('what wants a person is said once, the worst without an alert as well', () => {
  const { health } = examples()
  const said = () => findings(health).map(({ level }) => level)
  // Paused, parked as an alert, unallocated by its figure.
  assert.deepEqual(said(), ['bad', 'bad', 'warn'])
  health.alerts.push(
    { ...health.alerts[0], kind: 'paused', what: 'Nothing has been booked.' },
    { ...health.alerts[0], kind: 'no_webhooks' },
  )
  assert.deepEqual(said(), ['bad', 'bad', 'bad', 'warn'], 'a pause is told once')
  health.alerts = [health.alerts[0]]
  health.counts.parked = 0
  assert.deepEqual(said(), ['bad', 'warn'], 'what is parked no more is told no more')
  health.counts.parked = 3
  health.alerts = []
  assert.deepEqual(said(), ['bad', 'bad', 'warn'])
  health.delivery.paused = false
  health.counts = { received: 1, claimed: 0, waiting: 1, failed: 2, parked: 0, unallocated: 0 }
  assert.deepEqual(said(), [])
  health.books.verdict = 'differs'
  health.lag = 4_000
  health.last_webhook = null
  assert.deepEqual(said(), ['bad', 'warn', 'warn'])
})

test('a time beyond any date is shown as its number', () => {
  for (const at of [253402300800000, Number.MAX_SAFE_INTEGER, -9e15, 9e18]) {
    for (const shown of [exact, iso, moment]) assert.equal(shown(at), `${at}`)
  }
  assert.equal(iso(1795287600), '2026-11-21T19:00:00Z')
})
