// What the browser tests share. `cargo xtask test browser` builds the Worker and finds the browser.

import { mkdirSync } from 'node:fs'
import { after, before, test } from 'node:test'

import { ROOT } from '../../workerd/support/index.mjs'
import { Payer } from './payer.mjs'
import { openShop } from './shop.mjs'
import { witness } from './witness.mjs'

export { eventually } from '../../workerd/support/index.mjs'
export { CARD, Payer } from './payer.mjs'

export const PHONE = { width: 360, height: 740 }
export const DESKTOP = { width: 1280, height: 800 }
/** Where pictures of failures go; with QUITTANCE_PICTURES set, also those of every state that axe looks at. */
export const PICTURES = `${ROOT}target/quittance/browser`
/** No step of a test waits longer, in milliseconds. */
const PATIENCE = 15_000

/**
 * One merchant for the tests of a file; gives the function that tells one. A story gets `shop`, an `invoice` of its own
 * and `visit(link, options)`, which opens a browser of its own and gives a `Kind` of person.
 */
export function stories(settings, Kind = Payer) {
  let shop
  before(async () => {
    shop = await openShop(settings)
  })
  after(() => shop?.close())
  return (name, play, { wish, ...options } = {}) =>
    test(name, options, async (t) => {
      const { url, host, stripe } = shop
      const begin = (wishes) => open(shop.browser, [url, host.url, host.strange, stripe.url], Kind, wishes)
      try {
        await watched(name, begin, async (visit) => play({ shop, invoice: await shop.invoice(wish), visit, t }))
      } catch (error) {
        await shop.mend()
        throw error
      }
    })
}

/** Lets `play` begin visits; fails with what went wrong behind the scenes of one, and leaves pictures of a failure. */
export async function watched(name, begin, play) {
  const visits = []
  try {
    await play(async (link, wishes) => {
      const visit = await begin(wishes)
      visits.push(visit)
      if (link) await visit.person.page.goto(link)
      return visit.person
    })
    for (const { watch } of visits) watch.check()
  } catch (error) {
    await picture(name, visits, error)
    throw error
  } finally {
    await Promise.all(visits.map(({ context }) => context.close()))
  }
}

/** A browser of its own, watched, with a `Kind` of person before it; `origins` may be asked for something. */
export async function open(browser, origins, Kind, { size = DESKTOP, dark = false, locale = 'en-US', ...more } = {}) {
  const context = await browser.newContext({
    viewport: size,
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale,
    ...more,
  })
  context.setDefaultTimeout(PATIENCE)
  const watch = await witness(context, origins)
  const person = new Kind(await context.newPage())
  Object.assign(person, { context, forgive: watch.forgive, reports: watch.reports })
  return { context, person, watch }
}

/** Shows every page of a test that failed. */
export async function picture(name, visits, error) {
  mkdirSync(PICTURES, { recursive: true })
  const pages = visits.flatMap(({ context }) => context.pages())
  for (const [at, page] of pages.entries()) {
    const path = `${PICTURES}/${name.replace(/[^\w]+/g, '-')}${at ? `-${at + 1}` : ''}.png`
    const done = await page.screenshot({ path, fullPage: true, timeout: 5_000 }).then(
      () => true,
      () => false,
    )
    // The report prints the stack, which has the message as it was.
    if (done) error.stack = `${error.stack}\n  the page at that moment: ${path}`
  }
}
