// Every code and every sentence of the pay page stands in every language.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'

import { CODES, explain } from '../../public/assets/declines.js'
import { LANGUAGES, choose } from '../../public/assets/words.js'

const assets = new URL('../../public/assets/', import.meta.url)
const words = Object.fromEntries(
  await Promise.all(
    LANGUAGES.map(async (language) => [language, (await import(new URL(`words-${language}.js`, assets))).default]),
  ),
)
const declines = JSON.parse(readFileSync(new URL('../fixtures/stripe/decline_codes.json', import.meta.url))).codes

/** Codes of Stripe's API that a card payment can meet, besides the banks' own. */
const API =
  `card_declined expired_card incorrect_cvc incorrect_number incorrect_zip incorrect_postal_code incorrect_address
  invalid_cvc invalid_expiry_month invalid_expiry_year invalid_number processing_error authentication_required
  authentication_failure payment_intent_authentication_failure payment_intent_payment_attempt_failed
  payment_intent_payment_attempt_expired payment_intent_unexpected_state payment_intent_rate_limit_exceeded
  card_decline_rate_limit_exceeded amount_too_small amount_too_large charge_exceeds_transaction_limit insufficient_funds
  payment_method_currency_mismatch payment_method_customer_decline payment_method_provider_decline testmode_charges_only
  livemode_mismatch secret_key_required platform_api_key_expired api_key_expired account_invalid capability_not_active
  resource_missing parameter_missing parameter_unknown idempotency_key_in_use lock_timeout rate_limit
  refund_disputed_payment charge_already_refunded charge_disputed payout_reconciliation_not_ready`.split(/\s+/)

/** Which next steps fit what Stripe says that the payer should do. */
const FITS = {
  retry_same: ['nextRetry'],
  contact_bank: ['nextBank', 'nextRetry'],
  other_card: ['nextBank', 'nextCard'],
  authenticate: ['nextConfirm', 'nextCard'],
  fix_input: ['nextFix'],
  merchant_fix: ['nextMerchant', 'nextBank'],
  wait: ['nextWait'],
}
/** A PIN is asked for by card readers only: the page has no field to correct it in. */
const READER_ONLY = ['incorrect_pin', 'invalid_pin']

const said = (language, error) =>
  explain(error)
    .map((word) => words[language][word])
    .join(' ')
const holes = (sentence) => (sentence.match(/\{\w+\}/g) ?? []).sort()

test('every language has a file, and every file is a language', () => {
  const files = readdirSync(assets).filter((file) => file.startsWith('words-'))
  assert.deepEqual(files.sort(), LANGUAGES.map((language) => `words-${language}.js`).sort())
})

test('every language has every sentence, with the same holes to fill', () => {
  for (const language of LANGUAGES) {
    assert.deepEqual(Object.keys(words[language]), Object.keys(words.en), language)
    for (const [word, sentence] of Object.entries(words[language])) {
      assert.ok(sentence.trim(), `${language}.${word} is empty`)
      assert.deepEqual(holes(sentence), holes(words.en[word]), `${language}.${word}`)
    }
  }
})

test('no sentence was left untranslated', () => {
  const same = ['date', 'transaction'] // the same word in two languages
  for (const [word, sentence] of Object.entries(words.en)) {
    for (const language of LANGUAGES.slice(1)) {
      if (!same.includes(word)) assert.notEqual(words[language][word], sentence, `${language}.${word}`)
    }
  }
})

test('every sentence is said somewhere', () => {
  const code = readdirSync(assets)
    .filter((file) => file.endsWith('.js') && !file.startsWith('words-') && !file.startsWith('admin'))
    .map((file) => readFileSync(new URL(file, assets), 'utf8'))
    .join()
  const kinds = ['next', 'overdue', 'discounted', 'residual', 'processingText', 'authorizedText', 'attentionText']
  for (const word of Object.keys(words.en)) {
    assert.ok(kinds.includes(word) || new RegExp(`\\b${word}\\b`).test(code), `nobody says ${word}`)
  }
})

test('every decline code and every API code has a sentence and a next step in every language', () => {
  assert.equal(declines.length, 49)
  for (const code of [...declines.map(({ code }) => code), ...API]) {
    assert.ok(CODES.has(code), `${code} is unknown`)
    for (const language of LANGUAGES) {
      for (const word of CODES.get(code)) assert.ok(words[language][word], `${code}: ${language} lacks ${word}`)
    }
  }
})

test('every decline code is told as the fixture beside the list of Stripe has it', () => {
  const rows = readFileSync(new URL('../fixtures/stripe/expected/declines.tsv', import.meta.url), 'utf8').split('\n')
  const expected = rows.filter((row) => row && !row.startsWith('#')).map((row) => row.split('\t'))
  assert.deepEqual(
    expected.map(([code]) => code),
    declines.map(({ code }) => code),
  )
  for (const [decline_code, why, next] of expected) {
    assert.deepEqual(explain({ type: 'card_error', code: 'card_declined', decline_code }), [why, next], decline_code)
  }
})

test('the next step is one that Stripe advises', () => {
  for (const { code, actions } of declines.filter(({ code }) => !READER_ONLY.includes(code))) {
    const [, next] = explain({ type: 'card_error', code: 'card_declined', decline_code: code })
    assert.ok(
      actions.some((action) => FITS[action].includes(next)),
      `${code}: ${next} is none of ${actions}`,
    )
  }
})

test('seven codes are told as a plain decline, in the very same words, whatever else Stripe says', () => {
  const hidden = declines.filter(({ reveal }) => reveal !== 'ok').map(({ code }) => code)
  assert.deepEqual(hidden.sort(), [
    'fraudulent',
    'lost_card',
    'merchant_blacklist',
    'pickup_card',
    'restricted_card',
    'security_violation',
    'stolen_card',
  ])
  for (const language of LANGUAGES) {
    const plain = said(language, { type: 'card_error', code: 'card_declined', decline_code: 'generic_decline' })
    for (const decline_code of hidden) {
      for (const advice_code of [undefined, 'do_not_try_again', 'try_again_later', 'confirm_card_data']) {
        assert.equal(
          said(language, { type: 'card_error', code: 'card_declined', decline_code, advice_code }),
          plain,
          decline_code,
        )
      }
    }
  }
})

test('a code of next year is a plain decline if a bank says it, a fault otherwise', () => {
  assert.deepEqual(explain({ type: 'card_error', code: 'card_declined', decline_code: 'moon_phase' }), [
    'whyDeclined',
    'nextBank',
  ])
  assert.deepEqual(explain({ type: 'invalid_request_error', code: 'moon_phase' }), ['whyFault', 'nextRetry'])
  assert.deepEqual(explain({}), ['whyFault', 'nextRetry'])
})

test('the advice of Stripe goes before our own', () => {
  const error = { type: 'card_error', code: 'card_declined', decline_code: 'try_again_later' }
  assert.deepEqual(explain({ ...error, advice_code: 'do_not_try_again' }), ['whyFault', 'nextCard'])
})

test('the first wish that can be met chooses the language', () => {
  assert.equal(choose(['fr_CH', 'de']), 'fr')
  assert.equal(choose([null, 'pt-BR', 'ES-mx', 'en']), 'es')
  assert.equal(choose([null, 'pt']), 'en')
})
