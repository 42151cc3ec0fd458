// What a payer types as an amount, and how amounts are shown: exact at any size, in any currency.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { format, parse, places, rest, scaled, typable } from '../../public/assets/money.js'

const plain = (text) => text.replace(/[\u00a0\u202f]/g, ' ')

test('comma and point are both decimal signs', () => {
  for (const locale of ['en', 'fr', 'de', 'es']) {
    for (const typed of ['40', '40.', '40,0', '40.00', ' 40,00 '])
      assert.equal(parse(typed, 2, locale), '40.00', `${locale} ${typed}`)
    assert.equal(parse('0,5', 2, locale), '0.50')
    assert.equal(parse('1.234,56', 2, locale), '1234.56')
    assert.equal(parse('1,234.56', 2, locale), '1234.56')
    assert.equal(parse('1 234,56', 2, locale), '1234.56')
    assert.equal(parse("1'234.56", 2, locale), '1234.56')
    assert.equal(parse('1,234,567', 2, locale), '1234567.00')
  }
})

test('what may be a thousands sign or a decimal sign is read as the locale writes it', () => {
  assert.equal(parse('1,234', 2, 'en'), '1234.00')
  assert.equal(parse('1.234', 2, 'de'), '1234.00')
  assert.equal(parse('1.234', 2, 'en'), null)
  assert.equal(parse('1,234', 2, 'de'), null)
  assert.equal(parse('1,234', 3, 'de'), '1.234')
  assert.equal(parse('0,500', 3, 'en'), '0.500')
})

test('what is no amount is refused', () => {
  for (const typed of [
    '',
    ' ',
    '-5',
    '+5',
    '1e3',
    '5 USD',
    '.5',
    '1..2',
    '1,23,456',
    '12.3.4',
    '1,2.3,4',
    'Infinity',
    '9'.repeat(30),
  ]) {
    assert.equal(parse(typed, 2, 'en'), null, typed)
  }
})

test('a currency without decimals takes none, one with three takes three', () => {
  assert.equal(parse('500', 0, 'en'), '500')
  assert.equal(parse('500.5', 0, 'en'), null)
  assert.equal(parse('1.5', 3, 'en'), '1.500')
})

test('amounts beyond what a float holds stay exact', () => {
  const amount = '9007199254740993.01'
  assert.equal(parse('9007199254740993.01', 2, 'en'), amount)
  assert.equal(plain(format({ amount, currency: 'EUR' }, 'de')), '9.007.199.254.740.993,01 €')
  assert.equal(scaled(amount, 2), 900719925474099301n)
})

test('an amount is shown with the places that the server gave, in the locale of the payer', () => {
  assert.equal(plain(format({ amount: '1150.00', currency: 'USD' }, 'en')), '$1,150.00')
  assert.equal(plain(format({ amount: '1150', currency: 'JPY' }, 'fr')), '1 150 JPY')
  assert.equal(plain(format({ amount: '1.500', currency: 'KWD' }, 'en')), 'KWD 1.500')
  // Stripe writes ISK with two places, whatever the standard says.
  assert.equal(places('120.00'), 2)
  assert.equal(plain(format({ amount: '120.00', currency: 'ISK' }, 'en')), 'ISK 120.00')
})

test('what is left after a part payment', () => {
  const of = (amount) => ({ amount, currency: 'USD', minor: 0, display: '' })
  assert.deepEqual(rest(of('115.00'), of('40.00')), { amount: '75.00', currency: 'USD' })
  assert.deepEqual(rest(of('0.30'), of('0.10')), { amount: '0.20', currency: 'USD' })
  assert.equal(rest(of('40.00'), of('40.00')), null)
})

test('an example is written as the payer would type it', () => {
  assert.equal(typable('10.00', 'de'), '10,00')
  assert.equal(typable('10.00', 'en'), '10.00')
})
